from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from data.scope import Viewer
from gis.errors import WanggeError
from patrol.cases.actions import Action
from patrol.cases.case import Case
from patrol.cases.order import Order

Town = Any  # the fixture of conftest.py


def told(town: Town, name: str) -> list[tuple[str, bool]]:
    """The kinds of the notices of somebody, and whether they are urgent, in their order."""
    with town.database.begin(Viewer.everything()) as conn:
        rows = conn.execute(
            text("SELECT kind, urgent FROM notices WHERE staff_id = :id ORDER BY id"),
            {"id": town.staff[name]},
        )
        return [(row.kind, row.urgent) for row in rows]


def act(town: Town, case: Case, action: Action, actor: Any, **order: Any) -> Case:
    return town.service.act(case.id, Order(action=action, note="因为", **order), actor).case


@pytest.fixture
def desk(town: Town) -> Any:
    return town.actor("调度", "dispatcher")


@pytest.fixture
def worker(town: Town) -> Any:
    return town.actor("王", "grid_worker", "A1")


@pytest.fixture
def chief(town: Town) -> Any:
    return town.actor("李", "grid_chief", "A", "A1", "A2")


def test_whoever_gets_a_case_is_told_what_it_is_where_and_until_when(town: Town, desk: Any) -> None:
    case = town.service.report(town.report(category="safety.fire"), desk).case
    assert told(town, "王") == [("case_dispatched", True)]
    with town.database.begin(Viewer.everything()) as conn:
        words = conn.scalar(text("SELECT words FROM notices"))
    assert words == {
        "about_zh": f"案件 {case.number}（消防隐患，东关一组）",
        "about_en": f"Case {case.number} (Fire hazard, 东关一组)",
        "due": case.due_at.isoformat(),
    }


def test_nobody_is_told_of_what_they_do_themselves(town: Town, worker: Any) -> None:
    case = town.service.report(town.report(), worker).case
    assert case.assignment is not None
    assert case.assignment.staff_id == town.staff["王"]
    act(town, case, Action.ACCEPT, worker)
    assert told(town, "王") == []


def test_the_same_report_again_tells_nobody_again(town: Town, desk: Any) -> None:
    for _ in range(2):
        town.service.report(town.report(), desk, idempotency_key="9b1d")
    assert told(town, "王") == [("case_dispatched", False)]


def test_the_chief_decides_and_checks_and_the_worker_hears_of_it(
    town: Town, desk: Any, worker: Any, chief: Any
) -> None:
    case = town.service.report(town.report(), desk).case
    act(town, case, Action.ACCEPT, worker)
    act(town, case, Action.ASK_EXTENSION, worker)
    act(town, case, Action.GRANT_EXTENSION, chief)
    until = town.clock.now + timedelta(days=2)
    act(town, case, Action.ASK_HOLD, worker, until=until)
    act(town, case, Action.REFUSE, chief)
    act(town, case, Action.URGE, chief)
    act(town, case, Action.HANDLE, worker)
    act(town, case, Action.REWORK, chief)
    act(town, case, Action.HANDLE, worker)
    act(town, case, Action.CHECK, chief)
    act(town, case, Action.CLOSE, desk)
    assert [kind for kind, _ in told(town, "李")] == [
        *("approval_asked", "approval_asked", "case_to_check", "case_to_check")
    ]
    assert [kind for kind, _ in told(town, "王")] == [
        *("case_dispatched", "approval_decided", "approval_decided", "case_urged"),
        *("case_reopened", "case_closed"),
    ]


def test_who_had_it_before_is_not_told_where_it_went(
    town: Town, desk: Any, worker: Any, chief: Any
) -> None:
    case = town.service.report(town.report(), desk).case
    act(town, case, Action.RETURN, worker)
    act(town, case, Action.DISPATCH, chief, force=True)
    act(town, case, Action.ACCEPT, worker)
    act(town, case, Action.ESCALATE, worker)
    assert [kind for kind, _ in told(town, "李")] == ["case_returned", "case_escalated"]
    assert [kind for kind, _ in told(town, "王")] == ["case_dispatched", "case_dispatched"]


def test_what_is_refused_tells_nobody(town: Town, desk: Any, worker: Any, chief: Any) -> None:
    case = town.service.report(town.report(), desk).case
    before = told(town, "王")
    for action, actor in ((Action.CLOSE, chief), (Action.URGE, worker), (Action.REWORK, chief)):
        with pytest.raises(WanggeError):
            act(town, case, action, actor)
    assert (told(town, "王"), told(town, "李")) == (before, [])
