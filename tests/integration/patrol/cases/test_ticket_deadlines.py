"""A ticket that brings its own deadline along gives it to its case."""

from datetime import timedelta
from typing import Any

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
