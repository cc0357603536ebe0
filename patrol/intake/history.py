"""Old cases of another system, kept as they were: nobody is sent, and nobody is told.

Pure. Their events have the times that they had there, and are Wangge's own: who brought them is in the
audit.
"""

from collections.abc import Sequence
from datetime import datetime

from patrol.cases.actions import Action
from patrol.cases.case import SYSTEM, Assignment, Placement
from patrol.cases.details import Filed, Imported, Reported
from patrol.cases.events import Event, first_event, next_event
from patrol.cases.folding import fold
from patrol.cases.workflow import permit
from patrol.categories.category import Category
from patrol.duty.ownership import DISPATCH_QUEUE
from patrol.intake.ticket import Ticket


def events_of(
    ticket: Ticket,
    category: Category,
    *,
    case_id: int,
    number: str,
    placement: Placement,
    told_at: datetime,
) -> Sequence[Event]:
    """Reported and taken over when it was told there, and closed when it was closed there; one that is
    still open is in the dispatch queue."""
    report = ticket.report
    reported = Reported(
        number=number,
        source=report.source,
        category=category.code,
        description=report.description,
        urgent=category.urgent if report.urgent is None else report.urgent,
        reporter=report.reporter,
        lon=report.lon,
        lat=report.lat,
        placement=placement,
        external_number=ticket.number,
        external_category=ticket.category_said,
        external_due_at=ticket.due_at,
    )
    filed = Filed(
        placement=placement,
        assignment=Assignment.of(DISPATCH_QUEUE),
        term=category.term,
    )
    events = [first_event(case_id, reported, SYSTEM, told_at)]
    taken_over = Imported(status=ticket.status, filed=filed, due_at=ticket.due_at)
    steps = [(told_at, taken_over)]
    if ticket.closed_at is not None:
        steps.append((ticket.closed_at, Imported(status=ticket.status)))
    for at, details in steps:
        case = fold(events)
        transition = permit(case, Action.IMPORT, SYSTEM, note=None, at=at)
        events.append(next_event(case, transition, SYSTEM, at, details=details))
    return events
