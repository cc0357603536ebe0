from datetime import timedelta
from typing import Any

import pytest

from gis.errors import InvalidInput
from patrol.cases.actions import Action
from patrol.cases.case import Source, State
from patrol.cases.order import Order

IN_A1, IN_A2, IN_B1 = (118.605, 34.51), (118.615, 34.51), (118.63, 34.51)
ON_THE_EDGE_OF_A1_AND_A2 = (118.61, 34.51)
NEAR_A1, FAR_FROM_ALL = (118.5997, 34.51), (118.59, 34.51)  # 28 m and 917 m to the west

Town = Any  # the fixture of conftest.py


@pytest.mark.parametrize(
    ("position", "owner", "role", "reason"),
    [
        (IN_A1, "王", "grid_worker", "worker_on_duty"),
        (IN_A2, "钱", "grid_worker", "deputy_on_duty"),
        (IN_B1, "周", "grid_chief", "chief"),
    ],
)
def test_a_case_goes_to_the_owner_of_the_enclosing_grid_at_once(
    town: Town, position: tuple[float, float], owner: str, role: str, reason: str
) -> None:
    dispatcher = town.actor("调度", "dispatcher")
    entry = town.service.report(town.report(position, category="environment.garbage"), dispatcher)
    case = entry.case
    assert case.state is State.DISPATCHED
    assert (entry.owner_name, case.assignment.staff_id) == (owner, town.staff[owner])
    assert (case.assignment.role, case.assignment.reason) == (role, reason)
    assert (case.dispatched_at, case.due_at) == (town.clock.now, town.clock.now + timedelta(days=1))
    events = town.reader.read(case.id, dispatcher, positions_in=None).events
    assert [(event.action, event.actor) for event in events] == [
        (Action.REPORT, "调度"),
        (Action.FILE, "system"),
        (Action.DISPATCH, "system"),
    ]


def test_the_answer_names_the_grid_and_the_one_above(town: Town) -> None:
    entry = town.service.report(town.report(IN_A2), town.actor("调度", "dispatcher"))
    assert (entry.grid.code, entry.grid.name, entry.grid.level) == ("A2", "东关二组", 2)
    assert (entry.parent.code, entry.parent.name, entry.parent.level) == ("A", "东关网格", 1)


def test_on_a_shared_edge_the_lowest_code_decides(town: Town) -> None:
    case = town.service.report(
        town.report(ON_THE_EDGE_OF_A1_AND_A2), town.actor("调度", "dispatcher")
    ).case
    assert (case.placement.grid_code, case.placement.on_boundary) == ("A1", True)
    assert case.assignment.staff_id == town.staff["王"]


def test_a_little_outside_it_belongs_to_the_nearest_grid(town: Town) -> None:
    case = town.service.report(town.report(NEAR_A1), town.actor("调度", "dispatcher")).case
    assert (case.placement.grid_code, case.placement.on_boundary) == ("A1", False)
    assert case.placement.snapped_m == pytest.approx(27.6, abs=0.5)
    assert case.assignment.staff_id == town.staff["王"]


def test_far_outside_it_waits_in_the_towns_queue_and_is_not_dropped(town: Town) -> None:
    dispatcher = town.actor("调度", "dispatcher")
    entry = town.service.report(town.report(FAR_FROM_ALL), dispatcher)
    assert (entry.case.state, entry.grid, entry.owner_name) == (State.FILED, None, None)
    assert entry.case.assignment.reason == "dispatch_queue"
    assert (entry.case.dispatched_at, entry.case.due_at) == (None, None)
    assert town.reader.actions(entry.case, dispatcher)[0] == Action.DISPATCH


def test_before_the_first_edition_every_case_waits_in_the_queue(empty_town: Town) -> None:
    dispatcher = empty_town.actor("调度", "dispatcher")
    case = empty_town.service.report(empty_town.report(), dispatcher).case
    assert (case.state, case.placement.edition_id) == (State.FILED, None)
    assert case.assignment.reason == "dispatch_queue"


def test_a_dispatcher_sends_a_waiting_case_to_whom_they_choose(town: Town) -> None:
    dispatcher = town.actor("调度", "dispatcher")
    case_id = town.service.report(town.report(FAR_FROM_ALL), dispatcher).case.id
    with pytest.raises(InvalidInput, match="Nobody answers for this by the rule") as refusal:
        town.service.act(case_id, Order(action=Action.DISPATCH), dispatcher)
    assert refusal.value.field == "staff"
    town.clock.advance(hours=1)
    to_wang = Order(action=Action.DISPATCH, staff_id=town.staff["王"])
    entry = town.service.act(case_id, to_wang, dispatcher)
    assert (entry.case.state, entry.owner_name) == (State.DISPATCHED, "王")
    assert entry.case.assignment.reason == "chosen"
    assert entry.case.due_at == town.clock.now + timedelta(hours=120)
    # No grid of his has it, yet it is his.
    wang = town.actor("王", "grid_worker", "A1")
    assert town.service.act(case_id, Order(action=Action.ACCEPT), wang).case.state == "in_progress"


def test_a_chief_chooses_among_those_of_their_own_grids(town: Town) -> None:
    town.hire("孙", "enforcement_officer", None)
    chief = town.actor("周", "grid_chief", "B", "B1")
    case_id = town.service.report(town.report(IN_B1), chief).case.id
    town.service.act(case_id, Order(action=Action.RETURN, note="休假"), chief)
    for stranger in (town.staff["王"], 10**9):
        with pytest.raises(InvalidInput, match="Nobody with the staff number") as refusal:
            town.service.act(case_id, Order(action=Action.DISPATCH, staff_id=stranger), chief)
        assert refusal.value.field == "staff"
    to_sun = Order(action=Action.DISPATCH, staff_id=town.staff["孙"])
    case = town.service.act(case_id, to_sun, chief).case
    assert (case.assignment.staff_id, case.assignment.role) == (
        town.staff["孙"],
        "enforcement_officer",
    )


def test_only_dispatching_takes_a_member_of_staff(town: Town) -> None:
    dispatcher = town.actor("调度", "dispatcher")
    case_id = town.service.report(town.report(), dispatcher).case.id
    with pytest.raises(InvalidInput, match="accept takes no `staff`"):
        town.service.act(case_id, Order(action=Action.ACCEPT, staff_id=1), dispatcher)


def test_a_returned_case_is_the_chiefs_and_what_the_chief_returns_is_the_queues(town: Town) -> None:
    worker, chief = town.actor("王", "grid_worker", "A1"), town.actor("李", "grid_chief", "A", "A1")
    case_id = town.service.report(town.report(), worker).case.id
    back = Order(action=Action.RETURN, note="不属于本网格")
    entry = town.service.act(case_id, back, worker)
    assert (entry.case.state, entry.owner_name) == (State.RETURNED, "李")
    assert entry.case.assignment.reason == "returned"

    to_himself = Order(action=Action.DISPATCH, staff_id=town.staff["李"])
    assert town.service.act(case_id, to_himself, chief).owner_name == "李"
    entry = town.service.act(case_id, back, chief)
    assert (entry.case.state, entry.owner_name) == (State.RETURNED, None)
    assert entry.case.assignment.reason == "returned"


def test_a_chief_may_force_a_returned_case_on_its_owner_by_the_rule(town: Town) -> None:
    worker, chief = town.actor("王", "grid_worker", "A1"), town.actor("李", "grid_chief", "A", "A1")
    case_id = town.service.report(town.report(), worker).case.id
    town.service.act(case_id, Order(action=Action.RETURN, note="不属于本网格"), worker)
    town.clock.advance(hours=3)
    case = town.service.act(case_id, Order(action=Action.DISPATCH), chief).case
    assert (case.assignment.staff_id, case.assignment.reason) == (
        town.staff["王"],
        "worker_on_duty",
    )
    assert case.dispatched_at == town.clock.now


def test_a_citizens_report_waits_until_somebody_has_looked(town: Town) -> None:
    dispatcher, worker = town.actor("调度", "dispatcher"), town.actor("王", "grid_worker", "A1")
    report = town.report(source=Source.CITIZEN, reporter="张三 13800000000")
    entry = town.service.report(report, dispatcher)
    assert (entry.case.state, entry.grid.code, entry.case.assignment) == ("reported", "A1", None)
    case_id = entry.case.id
    town.service.act(case_id, Order(action=Action.PRE_CHECK), dispatcher)
    town.service.act(case_id, Order(action=Action.VERIFY, note="属实"), worker)
    entry = town.service.act(case_id, Order(action=Action.FILE), dispatcher)
    assert (entry.case.state, entry.owner_name) == (State.DISPATCHED, "王")


def test_a_reopened_case_goes_to_whoever_owns_the_place_now(town: Town) -> None:
    dispatcher, chief = town.actor("调度", "dispatcher"), town.actor("李", "grid_chief", "A", "A1")
    case_id = town.service.report(town.report(), dispatcher).case.id
    for actor, action in [
        (chief, Action.ACCEPT),
        (chief, Action.HANDLE),
        (dispatcher, Action.CHECK),
        (dispatcher, Action.CLOSE),
    ]:
        town.service.act(case_id, Order(action=action, note="好"), actor)
    with town.database.begin() as conn:
        conn.exec_driver_sql("UPDATE duty_sessions SET ended_at = %s", (town.clock.now,))
    town.clock.advance(days=1)
    entry = town.service.act(case_id, Order(action=Action.REOPEN, note="又堆了"), dispatcher)
    assert (entry.case.state, entry.owner_name) == (State.DISPATCHED, "李")
    assert (entry.case.closed_at, entry.case.dispatched_at) == (None, town.clock.now)


def test_the_nearest_units_on_duty_are_shown_with_the_age_of_their_position(town: Town) -> None:
    town.hire("吴", "grid_worker", "B1")
    town.send_out("吴", "GW-007", "B1", IN_B1, accuracy_m=12.5)
    town.hire("郑", "grid_worker", "A1")
    town.send_out("郑", "GW-008", "A1", IN_A1)
    with town.database.begin() as conn:  # 郑 goes home
        conn.exec_driver_sql(
            "UPDATE duty_sessions SET ended_at = %s "
            "WHERE unit_id = (SELECT id FROM units WHERE code = 'GW-008')",
            (town.clock.now,),
        )
    dispatcher, chief = (
        town.actor("调度", "dispatcher"),
        town.actor("李", "grid_chief", "A", "A1", "A2"),
    )
    case_id = town.service.report(town.report(IN_A2), dispatcher).case.id
    town.clock.advance(seconds=90)

    nearest = town.reader.read(case_id, dispatcher, positions_in=dispatcher.scope).nearest
    assert [near.unit for near in nearest] == ["GW-004", "GW-001", "GW-007"]
    assert [near.distance_m for near in nearest] == pytest.approx([0, 916, 1374], abs=3)
    assert [near.age_s for near in nearest] == [90, 90, 90]
    assert [near.accuracy_m for near in nearest] == [None, None, 12.5]
    in_scope = town.reader.read(case_id, chief, positions_in=chief.scope).nearest
    assert [near.unit for near in in_scope] == ["GW-004", "GW-001"]
    assert town.reader.read(case_id, chief, positions_in=None).nearest == []
