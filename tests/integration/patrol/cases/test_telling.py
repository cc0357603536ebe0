from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from data.scope import Viewer
from gis.errors import WanggeError
from patrol.cases.actions import Action
from patrol.cases.case import CITIZEN, Case, Source

Town = Any  # the fixture of conftest.py

IN_B1, FAR_FROM_ALL = (118.63, 34.51), (118.59, 34.51)


def told(town: Town, name: str) -> list[tuple[str, bool]]:
    """The kinds of the notices of somebody, and whether they are urgent, in their order."""
    with town.database.begin(Viewer.everything()) as conn:
        rows = conn.execute(
            text("SELECT kind, urgent FROM notices WHERE staff_id = :id ORDER BY id"),
            {"id": town.staff[name]},
        )
        return [(row.kind, row.urgent) for row in rows]


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
    town.act(case, Action.ACCEPT, worker)
    assert told(town, "王") == []


def test_the_same_report_again_tells_nobody_again(town: Town, desk: Any) -> None:
    for _ in range(2):
        town.service.report(town.report(), desk, idempotency_key="9b1d")
    assert told(town, "王") == [("case_dispatched", False)]


def test_the_chief_decides_and_checks_and_the_worker_hears_of_it(
    town: Town, desk: Any, worker: Any, chief: Any
) -> None:
    case = town.service.report(town.report(), desk).case
    town.act(case, Action.ACCEPT, worker)
    town.act(case, Action.ASK_EXTENSION, worker)
    town.act(case, Action.GRANT_EXTENSION, chief)
    until = town.clock.now + timedelta(days=2)
    town.act(case, Action.ASK_HOLD, worker, until=until)
    town.act(case, Action.REFUSE, chief)
    town.act(case, Action.URGE, chief)
    town.act(case, Action.HANDLE, worker)
    town.act(case, Action.REWORK, chief)
    town.act(case, Action.HANDLE, worker)
    town.act(case, Action.CHECK, chief)
    town.act(case, Action.CLOSE, desk)
    assert [kind for kind, _ in told(town, "李")] == [
        *("approval_asked", "approval_asked", "case_to_check", "case_to_check")
    ]
    assert [kind for kind, _ in told(town, "王")] == [
        *("case_dispatched", "approval_decided", "approval_decided", "case_urged"),
        *("case_rework", "case_closed"),
    ]
    with town.database.begin(Viewer.everything()) as conn:
        asked = conn.scalars(
            text("SELECT words->>'detail' FROM notices WHERE kind LIKE 'approval%'")
        )
        assert sorted(asked) == ["extension", "granted", "hold", "refused"]


def test_who_gives_a_case_away_is_not_told_that_it_went(
    town: Town, desk: Any, worker: Any, chief: Any
) -> None:
    case = town.service.report(town.report(), desk).case
    town.act(case, Action.RETURN, worker)
    town.act(case, Action.DISPATCH, chief, force=True)
    town.act(case, Action.ACCEPT, worker)
    town.act(case, Action.ESCALATE, worker)
    assert [kind for kind, _ in told(town, "李")] == ["case_returned", "case_escalated"]
    assert [kind for kind, _ in told(town, "王")] == ["case_dispatched", "case_dispatched"]


def test_what_is_refused_tells_nobody(town: Town, desk: Any, worker: Any, chief: Any) -> None:
    case = town.service.report(town.report(), desk).case
    before = told(town, "王")
    for action, actor in ((Action.CLOSE, chief), (Action.URGE, worker), (Action.REWORK, chief)):
        with pytest.raises(WanggeError):
            town.act(case, action, actor)
    assert (told(town, "王"), told(town, "李")) == (before, [])


@pytest.fixture
def night_desk(town: Town) -> str:
    """Two who dispatch for the town, beside one for the other half of it only; the one who is meant."""
    town.hire("夜班", "dispatcher", None)
    town.hire("西关台", "dispatcher", "B")
    return "夜班"


def kinds(town: Town, name: str) -> list[str]:
    return [kind for kind, _ in told(town, name)]


def test_the_desk_hears_of_a_report_that_is_to_be_filed_and_urgently_of_an_urgent_one(
    town: Town, night_desk: str
) -> None:
    for category in ("safety.gas", "environment.garbage"):
        report = town.report(category=category, source=Source.CITIZEN)
        town.service.report(report, CITIZEN)
    assert told(town, night_desk) == [("case_to_file", True), ("case_to_file", False)]
    assert [kinds(town, name) for name in ("西关台", "李", "王")] == [[], [], []]


def test_where_nobody_dispatches_the_chief_hears_of_it(town: Town) -> None:
    town.service.report(town.report(source=Source.CITIZEN), CITIZEN)
    assert kinds(town, "李") == ["case_to_file"]


def test_who_is_to_look_is_told_to_look_and_the_desk_what_came_of_it(
    town: Town, desk: Any, worker: Any, night_desk: str
) -> None:
    case = town.service.report(town.report(source=Source.CITIZEN), CITIZEN).case
    town.act(case, Action.PRE_CHECK, desk)
    town.act(case, Action.VERIFY, worker)
    town.act(case, Action.CORRECT, desk, category="facility.lamp")
    assert kinds(town, "王") == ["case_to_verify"]
    assert kinds(town, night_desk) == ["case_to_file", "case_to_file"]


def test_the_desk_hears_of_what_nobody_owns_and_of_what_is_to_be_called_back(
    town: Town, desk: Any, worker: Any, night_desk: str
) -> None:
    town.service.report(town.report(FAR_FROM_ALL), desk)
    assert kinds(town, night_desk) == ["case_to_dispatch"]
    case = town.service.report(town.report(), desk).case
    for action, actor in ((Action.ACCEPT, worker), (Action.HANDLE, worker), (Action.CHECK, desk)):
        town.act(case, action, actor)
    assert kinds(town, night_desk) == ["case_to_dispatch", "case_to_call_back"]
    assert kinds(town, "李") == ["case_to_check"]


def test_what_is_escalated_to_town_and_county_is_the_desks_and_who_had_it_hears_so(
    town: Town, desk: Any, chief: Any, night_desk: str
) -> None:
    case = town.service.report(town.report(), desk).case
    for action in (Action.ACCEPT, *[Action.ESCALATE] * 3, Action.URGE):
        town.act(case, action, desk)
    assert kinds(town, "王") == ["case_dispatched", "case_taken"]
    assert kinds(town, "李") == ["case_escalated", "case_taken"]
    assert kinds(town, night_desk) == ["case_escalated", "case_escalated", "case_urged"]
    with town.database.begin(Viewer.everything()) as conn:
        said = conn.scalars(
            text("SELECT words->>'detail' FROM notices WHERE kind = 'case_escalated' ORDER BY id")
        )
        assert list(said) == ["chief", "town", "county"]


def test_of_the_chiefs_own_case_the_desk_decides_and_checks_and_so_may_inspectors(
    town: Town, desk: Any, night_desk: str
) -> None:
    town.hire("督", "inspector", "B")
    town.hire("别处督", "inspector", "A")
    chief = town.actor("周", "grid_chief", "B", "B1")
    case = town.service.report(town.report(IN_B1), desk).case
    for action in (Action.ACCEPT, Action.ASK_EXTENSION, Action.HANDLE):
        town.act(case, action, chief)
    assert kinds(town, "周") == ["case_dispatched"]
    assert kinds(town, night_desk) == ["approval_asked", "case_to_check"]
    assert kinds(town, "督") == ["case_to_check"]
    assert kinds(town, "别处督") == []


def test_what_the_chief_did_for_the_worker_is_checked_at_the_desk(
    town: Town, desk: Any, chief: Any, night_desk: str
) -> None:
    case = town.service.report(town.report(), desk).case
    for action in (Action.ACCEPT, Action.HANDLE):
        town.act(case, action, chief)
    assert kinds(town, night_desk) == ["case_to_check"]


def test_what_is_begun_again_is_told_as_that(town: Town, desk: Any, worker: Any) -> None:
    case = town.service.report(town.report(), desk).case
    for action, actor in (
        *((Action.ACCEPT, worker), (Action.HANDLE, worker), (Action.CHECK, desk)),
        *((Action.CLOSE, desk), (Action.REOPEN, desk)),
    ):
        town.act(case, action, actor)
    assert kinds(town, "王") == ["case_dispatched", "case_closed", "case_reopened"]


def test_of_another_deadline_the_owner_hears(town: Town, desk: Any, night_desk: str) -> None:
    def told(**changes: Any) -> Case:
        report = town.report(external_number="12345-1", source=Source.HOTLINE, **changes)
        return town.service.report(report, desk).case

    told()
    for _ in range(2):
        told(external_due_at=town.clock.now + timedelta(hours=5))
    assert kinds(town, "王") == ["case_dispatched", "case_rescheduled"]
    assert kinds(town, night_desk) == []


def test_of_what_a_ticket_says_otherwise_the_owner_and_the_desk_hear_once_a_change(
    town: Town, desk: Any, night_desk: str
) -> None:
    def told_again(**changes: Any) -> Case:
        report = town.report(external_number="12345-1", source=Source.HOTLINE, **changes)
        return town.service.report(report, desk).case

    case = told_again()
    for description in ("垃圾更多了", "垃圾更多了", "路也堵了"):
        told_again(description=description)
    told_again(description=case.description)  # as the case has it: nothing is to be decided
    assert kinds(town, "王") == ["case_dispatched", *["case_restated"] * 2]
    assert kinds(town, night_desk) == ["case_restated"] * 2
    assert [kinds(town, name) for name in ("李", "西关台")] == [[], []]
