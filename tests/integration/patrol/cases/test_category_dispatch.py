"""Whose a case is where its category is not for the owner of the grid."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert

from data.database import Database
from data.installation import Databases
from data.schema import departments, staff_leaves
from gis.errors import InvalidInput
from patrol.cases.actions import Action
from patrol.cases.case import Case, Source, State, Tier
from patrol.cases.folding import fold
from patrol.cases.workload import Workload, workload_of
from patrol.categories.category import DispatchRule
from patrol.duty.ownership import OwnerReason

Town = Any  # the fixture of conftest.py
PARKING = "order.parking"
IN_A1, IN_B1 = (118.605, 34.51), (118.63, 34.51)


@pytest.fixture
def by_department(town: Town) -> Town:
    """Parking is for the police, who are 冯 and 陈."""
    with town.database.begin() as conn:
        rows = [
            {"code": code, "name_zh": code, "name_en": code, "active": True}
            for code in ("police", "roads")
        ]
        conn.execute(insert(departments), rows)
    town.hire("路", "department_handler", None, department="roads")
    town.hire("冯", "department_handler", None, department="police")
    town.hire("陈", "department_handler", None, department="police")
    town.need_no_photos_of_handling(PARKING)
    town.change_category(PARKING, dispatch=DispatchRule.DEPARTMENT, department="police")
    return town


@pytest.fixture
def by_enforcement(town: Town) -> Town:
    """Parking is for an officer: 吴 in B, 郑 for the whole town."""
    town.hire("吴", "enforcement_officer", "B")
    town.hire("郑", "enforcement_officer", None)
    town.change_category(PARKING, dispatch=DispatchRule.ENFORCEMENT)
    return town


def report(town: Town, position: Any = IN_A1, **changes: Any) -> Case:
    desk = town.actor("调度", "dispatcher")
    return town.service.report(town.report(position, category=PARKING, **changes), desk).case


def owners(town: Town, *cases: Case) -> list[str | None]:
    names: dict[int | None, str] = {number: name for name, number in town.staff.items()}
    return [names.get(case.assignment.staff_id) for case in cases if case.assignment]


def reason(case: Case) -> OwnerReason | None:
    return None if case.assignment is None else case.assignment.reason


def send_on_leave(town: Town, *names: str, stand_in: str | None = None) -> None:
    with town.database.begin() as conn:
        for name in names:
            values: dict[str, Any] = {"kind": "annual", "stand_in_id": town.staff.get(stand_in)}
            values["begins_at"] = town.clock.now - timedelta(days=1)
            who = {"entered_at": town.clock.now, "entered_by": "管理员"}
            conn.execute(insert(staff_leaves).values(staff_id=town.staff[name], **values, **who))


def test_a_case_goes_to_whoever_of_the_department_has_the_fewest_in_hand(
    by_department: Town,
) -> None:
    town = by_department
    first, second, third = report(town), report(town), report(town)
    assert owners(town, first, second, third) == ["冯", "陈", "冯"]
    assert reason(first) is OwnerReason.DEPARTMENT
    assert (first.state, first.tier, first.department) == (State.DISPATCHED, Tier.TOWN, "police")
    feng = town.actor("冯", "department_handler")
    for case in (first, third):
        town.act(town.act(case, Action.ACCEPT, feng), Action.HANDLE, feng)
    assert owners(town, report(town)) == ["冯"]  # what is handled is not in hand any more


def test_the_row_is_what_the_events_add_up_to(by_department: Town) -> None:
    town = by_department
    case, desk = report(town), town.actor("调度", "dispatcher")
    file = town.reader.read(case.id, desk, positions_in=None)
    assert fold(file.events) == file.entry.case
    returned = town.act(case, Action.RETURN, desk)
    other = town.act(returned, Action.CORRECT, desk, category="facility.lamp")
    assert (other.department, other.term) == (None, "3d")
    again = town.act(other, Action.DISPATCH, desk)
    assert owners(town, again) == ["王"]


def test_where_the_department_has_nobody_the_desk_has_the_case(by_department: Town) -> None:
    town = by_department
    send_on_leave(town, "冯", "陈")
    case, desk = report(town), town.actor("调度", "dispatcher")
    assert (case.state, case.department) == (State.FILED, "police")
    assert owners(town, case) == [None]
    assert reason(case) is OwnerReason.DEPARTMENT_ABSENT
    with pytest.raises(InvalidInput, match="by the rule"):
        town.act(case, Action.DISPATCH, desk)
    chosen = town.act(case, Action.DISPATCH, desk, staff_id=town.staff["路"])
    assert owners(town, chosen) == ["路"]


def test_who_stands_in_for_a_handler_is_chosen_as_that_one_would_be(by_department: Town) -> None:
    town = by_department
    town.hire("何", "grid_worker", "B1")
    send_on_leave(town, "冯", stand_in="何")
    first, second, third = report(town), report(town), report(town)
    assert owners(town, first, second, third) == ["何", "陈", "何"]
    assert [reason(each) for each in (first, second)] == [
        *(OwnerReason.STAND_IN, OwnerReason.DEPARTMENT)
    ]
    assert first.assignment is not None
    assert (first.assignment.role, first.tier) == ("department_handler", Tier.TOWN)
    standing_in = town.actor("何", "grid_worker", "B1")
    accepted = town.act(first, Action.ACCEPT, standing_in)
    assert town.act(accepted, Action.HANDLE, standing_in).state is State.POST_CHECK


def test_who_stands_in_and_is_away_too_or_whom_it_is_about_is_passed_over(
    by_department: Town,
) -> None:
    town = by_department
    send_on_leave(town, "冯", stand_in="路")
    about = report(town, about_staff_id=town.staff["路"], source=Source.ALERT)
    assert owners(town, about) == ["陈"]
    send_on_leave(town, "路")
    assert owners(town, report(town), report(town)) == ["陈", "陈"]


def test_a_case_about_somebody_is_not_theirs(by_department: Town) -> None:
    town = by_department
    case = report(town, about_staff_id=town.staff["冯"], source=Source.ALERT)
    assert owners(town, case) == ["陈"]


def test_an_officer_is_of_the_place_or_of_the_whole_town(by_enforcement: Town) -> None:
    town = by_enforcement
    here, there = report(town), report(town, IN_B1)
    assert owners(town, here, there) == ["郑", "吴"]
    assert reason(here) is OwnerReason.ENFORCEMENT
    assert owners(town, report(town, IN_B1)) == ["吴"]  # as many in hand, and there longer


def test_an_officer_on_duty_comes_first_whatever_they_have_in_hand(by_enforcement: Town) -> None:
    town = by_enforcement
    town.send_out("郑", "EO-001", "B", IN_B1)
    cases = [report(town, IN_B1) for _ in range(3)]
    assert owners(town, *cases) == ["郑"] * 3


def test_who_stands_in_for_an_officer_comes_first_while_on_duty(by_enforcement: Town) -> None:
    town = by_enforcement
    town.hire("何", "grid_worker", "B1")
    send_on_leave(town, "郑", stand_in="何")
    assert owners(town, report(town, IN_B1), report(town, IN_B1)) == ["吴", "何"]
    town.send_out("何", "GW-009", "B1", IN_B1)
    case = report(town, IN_B1)
    assert (owners(town, case), reason(case)) == (["何"], OwnerReason.STAND_IN)


def test_without_an_officer_the_desk_has_the_case(by_enforcement: Town) -> None:
    town = by_enforcement
    send_on_leave(town, "郑")
    case = report(town)
    assert reason(case) is OwnerReason.ENFORCEMENT_ABSENT
    assert case.state is State.FILED


def test_what_somebody_has_in_hand_is_the_same_for_every_viewer(
    by_department: Town, database: Database
) -> None:
    town = by_department
    report(town)
    town.clock.advance(hours=9)
    report(town), report(town)
    feng, chen = town.staff["冯"], town.staff["陈"]
    with Databases.beside(database) as databases, databases.application.begin() as conn:
        loads = workload_of(conn, [feng, chen, town.staff["王"]], town.clock.now)
    assert loads == {feng: Workload(open=2, overdue=1), chen: Workload(open=1, overdue=0)}


def test_a_report_asks_for_the_versions_once_and_for_nothing_that_is_kept(town: Town) -> None:
    """The way from a report to its owner is short; what is kept is not read on it."""
    desk = town.actor("调度", "dispatcher")
    town.change_category(PARKING, term="2d")
    town.service.report(town.report(category=PARKING), desk)
    statements: list[str] = []

    def hear(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(town.database.engine, "before_cursor_execute", hear)
    case = town.service.report(town.report(category=PARKING), desk).case
    event.remove(town.database.engine, "before_cursor_execute", hear)
    assert (case.term, case.state) == ("2d", State.DISPATCHED)
    of_rules = [each for each in statements if "case_categor" in each or "calendar" in each]
    assert len(of_rules) == 1
    assert not any("case_categories" in each for each in statements)
    assert not any("workload" in each for each in statements)
