"""Tickets of other systems: a number is one case for each source, however often it comes."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select, text

from data.schema import cases
from data.sql import load_sql
from gis.errors import Conflict
from patrol.cases.actions import Action, ActionNotAllowed
from patrol.cases.case import Case, Source, State
from patrol.cases.details import Merged
from patrol.cases.events import Event
from patrol.cases.order import Order
from patrol.cases.report import Report
from patrol.cases.restating import said_otherwise
from patrol.cases.store import lock_case

_SQL = load_sql("patrol.cases", "tickets.sql")


def find(conn: Connection, source: Source, number: str) -> Case | None:
    """The case that the ticket has made, as far as the transaction's viewer sees it. Nobody else can
    make one of it, or change the one there is, until the transaction ends."""
    lock(conn, source, [number])
    c = cases.c
    case_id = conn.scalar(select(c.id).where(c.source == source, c.external_number == number))
    return None if case_id is None else lock_case(conn, case_id)


def lock(conn: Connection, source: Source, numbers: Iterable[str]) -> None:
    """Let nobody else make cases of these tickets until the transaction ends."""
    keys = [f"ticket {source} {number}" for number in sorted(numbers)]
    conn.execute(text(_SQL["lock_tickets"]), {"keys": keys})


def what_is_new(case: Case, events: Sequence[Event], report: Report) -> list[Order]:
    """What a ticket that is a case already comes to: nothing when it says nothing new, another deadline,
    a comment when it is over there, and else what it says otherwise.

    Raises ActionNotAllowed: what was closed is not opened by a ticket that comes once more. Raises
    Conflict when it joins another case than the one that it is.
    """
    _require_joined(case, events, report)
    orders = [_another_deadline(case, report), _something_else(case, events, report)]
    return [each for each in orders if each is not None]


def _require_joined(case: Case, events: Sequence[Event], report: Report) -> None:
    merged = [each.details.number for each in events if isinstance(each.details, Merged)]
    if report.joins in (None, case.number, *(merged[-1:] if case.state is State.MERGED else ())):
        return
    raise Conflict(
        f"Ticket {case.external_number} is case {case.number} already, which is no part of "
        f"{report.joins}; merge the one into the other, or leave `joins` out.",
        code="ticket_known",
        field="joins",
    )


def _another_deadline(case: Case, report: Report) -> Order | None:
    """Of what was closed or reopened it is over."""
    due_at = None if report.origin is None else report.origin.due_at
    if due_at in (None, case.external_due_at) or not case.state.is_open or case.cycle > 1:
        return None
    return Order(action=Action.RESCHEDULE, external_due_at=due_at)


def _something_else(case: Case, events: Sequence[Event], report: Report) -> Order | None:
    ended = None if report.origin is None else report.origin.ended
    if ended is not None:
        is_known = any(event.note == ended for event in events)
        return None if is_known else Order(action=Action.COMMENT, note=ended)
    said = said_otherwise(events, report)
    if said is None or (not case.state.is_open and said.description is None):
        return None
    if not case.state.is_open:
        raise ActionNotAllowed(
            f"Ticket {case.external_number} says something new, but its case {case.number} is in state "
            f"{case.state}; reopen that, or report it under a number of its own.",
            state=case.state,
            code="ticket_closed",
        )
    return Order(action=Action.RESTATE, restated=said)
