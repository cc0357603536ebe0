from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from patrol.cases.actions import Action
from patrol.cases.case import Source, State
from patrol.cases.details import decode_details, encode_details
from patrol.cases.dispatch import NOWHERE
from patrol.cases.folding import fold
from patrol.cases.report import read_report
from patrol.categories.built_in import BUILT_IN, OTHER
from patrol.duty.ownership import OwnerReason
from patrol.intake.history import events_of
from patrol.intake.ticket import Ticket

TOLD = datetime(2018, 4, 12, 15, tzinfo=UTC)
HOURS = st.none() | st.integers(0, 10_000).map(lambda hours: TOLD + timedelta(hours=hours))


@given(closed_at=HOURS, due_at=HOURS, status=st.none() | st.just("Closed (Duplicate)"))
def test_an_old_case_is_what_its_events_add_up_to(
    closed_at: datetime | None, due_at: datetime | None, status: str | None
) -> None:
    report = read_report(
        lon=-76.6,
        lat=39.3,
        description="Dirty alley",
        role="admin",
        source=Source.HOTLINE,
        external_number="18-1",
        external_category="SW-Dirty Alley",
        told_at=TOLD,
        external_due_at=due_at,
    )
    ticket = Ticket(row=2, report=report, status=status, closed_at=closed_at)
    events = events_of(
        ticket, BUILT_IN[OTHER], case_id=1, number="AH1", placement=NOWHERE, told_at=TOLD
    )
    case = fold(events)
    assert {event.action for event in events[1:]} == {Action.IMPORT}
    assert {event.actor_account_id for event in events} == {None}
    assert [event.at for event in events] == [TOLD, TOLD, *([closed_at] if closed_at else [])]
    assert (case.reported_at, case.filed_at, case.closed_at, case.handled_at) == (
        *(TOLD, TOLD, closed_at, closed_at),
    )
    assert case.due_at == due_at
    assert case.state is (State.FILED if closed_at is None else State.CLOSED)
    assert (case.external_number, case.external_category) == ("18-1", "SW-Dirty Alley")
    assert case.assignment is not None
    assert case.assignment.reason is OwnerReason.DISPATCH_QUEUE
    if closed_at is not None and due_at is not None:
        assert case.is_overdue(TOLD) is (closed_at > due_at)
    for event in events:
        assert decode_details(event.action, encode_details(event.details)) == event.details
