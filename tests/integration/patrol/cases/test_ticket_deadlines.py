"""A ticket that brings its own deadline along gives it to its case."""

from datetime import timedelta
from typing import Any

import pytest

from gis.errors import Conflict
from patrol.cases.actions import Action
from patrol.cases.case import Case, Source, State
from patrol.cases.folding import fold

Town = Any  # the fixture of conftest.py


def told(town: Town, desk: Any, *, due_in: timedelta, number: str = "Z-1") -> Case:
    report = town.report(
        source=Source.HOTLINE,
        category="facility.lamp",
        external_number=number,
        external_due_at=town.clock.now + due_in,
    )
    return town.service.report(report, desk).case


def test_its_deadline_holds_with_what_holds_and_extensions_add_to_it(
    town: Town, worker: Any, chief: Any, desk: Any
) -> None:
    case = told(town, desk, due_in=timedelta(hours=30))
    due_at = town.clock.now + timedelta(hours=30)
    assert (case.state, case.due_at, case.external_due_at) == (State.DISPATCHED, due_at, due_at)
    case = town.act(case, Action.ACCEPT, worker)
    case = town.act(case, Action.CORRECT, desk, category="environment.garbage")
    assert (case.category, case.due_at) == ("environment.garbage", due_at)

    town.act(case, Action.ASK_EXTENSION, worker)
    case = town.act(case, Action.GRANT_EXTENSION, chief)
    assert case.due_at == due_at + timedelta(hours=30)
    town.act(case, Action.ASK_HOLD, worker, until=town.clock.now + timedelta(days=2))
    town.act(case, Action.GRANT_HOLD, chief)
    town.clock.advance(hours=7)
    case = town.act(case, Action.RESUME, worker)
    assert (case.due_at, case.provisional) == (due_at + timedelta(hours=37), False)
    assert case.external_due_at == due_at
    assert fold(town.reader.read(case.id, desk, positions_in=None).events) == case


def test_a_deadline_that_has_passed_is_overdue_on_arrival(town: Town, desk: Any) -> None:
    case = told(town, desk, due_in=-timedelta(days=400))
    assert case.state is State.DISPATCHED
    assert case.due_at == town.clock.now - timedelta(days=400)
    assert case.is_overdue(town.clock.now)


def events_of(town: Town, desk: Any, case: Case) -> list[Any]:
    events = town.reader.read(case.id, desk, positions_in=None).events
    assert fold(events) == town.reader.read(case.id, desk, positions_in=None).entry.case
    return [event.action for event in events]


def test_another_deadline_of_a_ticket_is_that_of_its_case_with_its_holds_and_extensions(
    town: Town, worker: Any, chief: Any, desk: Any
) -> None:
    began = town.clock.now
    case = told(town, desk, due_in=timedelta(hours=30))
    case = told(town, desk, due_in=timedelta(hours=40))
    later = began + timedelta(hours=40)
    assert (case.due_at, case.external_due_at) == (later, later)
    assert told(town, desk, due_in=timedelta(hours=40)) == case  # the same again is nothing

    case = town.act(case, Action.ACCEPT, worker)
    town.act(case, Action.ASK_EXTENSION, worker)
    case = town.act(case, Action.GRANT_EXTENSION, chief)
    town.act(case, Action.ASK_HOLD, worker, until=town.clock.now + timedelta(days=2))
    case = town.act(case, Action.GRANT_HOLD, chief)
    assert case.due_at == began + timedelta(hours=80)
    case = told(town, desk, due_in=timedelta(hours=20))  # while it is on hold
    assert (case.state, case.due_at) == (State.ON_HOLD, began + timedelta(hours=40))
    town.clock.advance(hours=7)
    case = town.act(case, Action.RESUME, worker)
    assert case.due_at == began + timedelta(hours=47)
    case = told(town, desk, due_in=timedelta(hours=23))  # 30 hours after it was told
    assert case.due_at == began + timedelta(hours=67)
    assert events_of(town, desk, case).count(Action.RESCHEDULE) == 3


def test_a_ticket_that_had_no_deadline_brings_one_instead_of_the_term(
    town: Town, desk: Any
) -> None:
    def ticket(**more: Any) -> Case:
        report = town.report(source=Source.HOTLINE, external_number="Z-1", **more)
        return town.service.report(report, desk).case

    by_term = ticket()
    assert by_term.external_due_at is None
    due_at = town.clock.now + timedelta(hours=3)
    case = ticket(external_due_at=due_at, description="又堆了")
    assert (case.due_at, case.provisional, case.description) == (due_at, False, by_term.description)
    assert case.restated is not None  # what else it says still waits
    assert ticket(description="又堆了") == case  # without one it says nothing of it
    assert events_of(town, desk, case)[-2:] == [Action.RESCHEDULE, Action.RESTATE]


def test_before_the_dispatch_another_deadline_is_the_one_that_it_is_dispatched_with(
    town: Town, desk: Any
) -> None:
    def ticket(due_at: Any) -> Case:
        report = town.report(source=Source.CITIZEN, external_number="Z-1", external_due_at=due_at)
        return town.service.report(report, desk).case

    ticket(town.clock.now + timedelta(hours=30))
    due_at = town.clock.now + timedelta(hours=9)
    case = ticket(due_at)
    assert (case.state, case.due_at, case.external_due_at) == (State.REPORTED, None, due_at)
    case = town.act(case, Action.FILE, desk)
    assert (case.state, case.due_at) == (State.DISPATCHED, due_at)


def test_what_is_closed_or_reopened_keeps_its_deadline(town: Town, worker: Any, desk: Any) -> None:
    case = told(town, desk, due_in=timedelta(hours=30))
    town.change_category("facility.lamp", photos=frozenset())
    for action, who in ((Action.ACCEPT, worker), (Action.HANDLE, worker), (Action.CHECK, desk)):
        case = town.act(case, action, who)
    closed = town.act(case, Action.CLOSE, desk)
    assert told(town, desk, due_in=timedelta(hours=99)) == closed
    reopened = town.act(closed, Action.REOPEN, desk)
    assert told(town, desk, due_in=timedelta(hours=99)) == reopened
    assert (reopened.cycle, reopened.external_due_at) == (2, closed.external_due_at)
    assert reopened.due_at != closed.due_at


def test_a_ticket_that_is_a_case_joins_no_other(town: Town, desk: Any) -> None:
    first = town.service.report(town.report(category="facility.lamp"), desk).case

    def joining(number: str, into: str | None) -> Case:
        report = town.report(
            source=Source.HOTLINE, category="facility.lamp", external_number=number, joins=into
        )
        return town.service.report(report, desk).case

    part = joining("Z-1", first.number)
    assert (part.state, part.merged_into) == (State.MERGED, first.id)
    assert joining("Z-1", first.number) == part  # sent again
    alone = joining("Z-2", None)
    with pytest.raises(Conflict, match=f"is case {alone.number} already") as refusal:
        joining("Z-2", first.number)
    assert (refusal.value.code, refusal.value.field) == ("ticket_known", "joins")
    assert joining("Z-2", alone.number) == alone
