"""A wrong category or place is put right, by hand or because its ticket says so now."""

from datetime import timedelta
from typing import Any

import pytest

from gis.errors import InvalidInput
from patrol.cases.actions import Action
from patrol.cases.case import Case, Restated, Source, State, Tier
from patrol.cases.folding import fold

Town = Any  # the fixture of conftest.py

IN_A1, ALSO_IN_A1, IN_A2, IN_B1 = (
    (118.605, 34.51),
    (118.606, 34.51),
    (118.615, 34.51),
    (118.63, 34.51),
)
TICKET = {"source": Source.HOTLINE, "external_number": "Z-1", "category": "facility.lamp"}


def owner(town: Town, case: Case) -> str | None:
    names = {staff_id: name for name, staff_id in town.staff.items()}
    return None if case.assignment is None else names.get(case.assignment.staff_id)


def told(town: Town, desk: Any, position: Any = IN_A1, called: str = "路灯", **more: Any) -> Case:
    """What a ticket of a list comes to."""
    report = town.report(position, **{**TICKET, "external_category": called, **more})
    return town.service.report(report, desk).case


def adds_up(town: Town, case: Case, desk: Any) -> bool:
    return fold(town.reader.read(case.id, desk, positions_in=None).events) == case


@pytest.fixture
def accepted(town: Town, worker: Any) -> Case:
    """A case of 王's, with 120 hours to handle it."""
    case = town.service.report(town.report(), worker).case
    return town.act(case, Action.ACCEPT, worker)


def test_a_case_at_a_wrong_place_goes_to_whoever_has_the_right_one(
    town: Town, accepted: Case, desk: Any
) -> None:
    moved = town.act(accepted, Action.CORRECT, desk, place=IN_A2)
    assert (moved.lon, moved.lat, moved.placement.grid_code) == (*IN_A2, "A2")
    assert (moved.state, owner(town, moved)) == (State.IN_PROGRESS, "钱")
    assert (moved.due_at, moved.term) == (accepted.due_at, accepted.term)
    assert adds_up(town, moved, desk)


def test_a_case_that_stays_in_its_grid_stays_whose_it_is(
    town: Town, accepted: Case, desk: Any
) -> None:
    moved = town.act(accepted, Action.CORRECT, desk, place=ALSO_IN_A1)
    assert (moved.lon, moved.assignment) == (ALSO_IN_A1[0], accepted.assignment)


def test_the_term_of_the_right_category_runs_from_the_same_dispatch(
    town: Town, accepted: Case, desk: Any
) -> None:
    town.clock.advance(hours=3)
    right = town.act(accepted, Action.CORRECT, desk, category="facility.manhole")
    assert (right.category, right.urgent, right.term) == ("facility.manhole", True, "4h")
    assert accepted.dispatched_at is not None
    assert right.due_at == accepted.dispatched_at + timedelta(hours=4)
    assert right.assignment == accepted.assignment
    assert adds_up(town, right, desk)


def test_a_case_on_hold_is_given_its_new_term_and_what_is_left_of_it_when_it_resumes(
    town: Town, accepted: Case, desk: Any, worker: Any, chief: Any
) -> None:
    until = town.clock.now + timedelta(days=9)
    town.act(accepted, Action.ASK_HOLD, worker, until=until)
    town.clock.advance(hours=1)
    held = town.act(accepted, Action.GRANT_HOLD, chief)
    town.clock.advance(hours=50)
    right = town.act(held, Action.CORRECT, desk, category="facility.manhole")
    resumed = town.act(right, Action.RESUME, worker)
    assert resumed.due_at == town.clock.now + timedelta(hours=3)


def test_what_the_town_deals_with_stays_with_it(town: Town, accepted: Case, desk: Any) -> None:
    above = town.act(town.act(accepted, Action.ESCALATE, desk), Action.ESCALATE, desk)
    moved = town.act(above, Action.CORRECT, desk, place=IN_A2)
    assert (moved.placement.grid_code, moved.tier, owner(town, moved)) == ("A2", Tier.TOWN, None)


def test_a_case_that_nobody_answered_for_is_dispatched_once_it_lies_right(
    town: Town, desk: Any
) -> None:
    nowhere = town.service.report(town.report((118.59, 34.51)), desk).case
    assert nowhere.state is State.FILED
    moved = town.act(nowhere, Action.CORRECT, desk, place=IN_A1)
    assert (moved.state, owner(town, moved)) == (State.DISPATCHED, "王")
    assert moved.dispatched_at == town.clock.now
    assert adds_up(town, moved, desk)


def test_a_returned_case_goes_to_the_chief_of_where_it_lies(
    town: Town, desk: Any, worker: Any
) -> None:
    case = town.service.report(town.report(), worker).case
    returned = town.act(case, Action.RETURN, worker)
    moved = town.act(returned, Action.CORRECT, desk, place=IN_B1)
    assert (owner(town, returned), owner(town, moved)) == ("李", "周")
    assert moved.state is State.RETURNED


def test_before_it_is_filed_nothing_is_frozen(town: Town, desk: Any) -> None:
    report = town.service.report(town.report(source=Source.CITIZEN), desk).case
    right = town.act(report, Action.CORRECT, desk, place=IN_A2, category="facility.manhole")
    assert (right.state, right.term, right.assignment) == (State.REPORTED, None, None)
    looked = town.act(right, Action.PRE_CHECK, desk)
    moved = town.act(looked, Action.CORRECT, desk, place=IN_A1)
    assert (owner(town, looked), owner(town, moved)) == ("钱", "王")


def test_nobody_sends_a_case_out_of_their_own_grids(
    town: Town, accepted: Case, chief: Any, worker: Any
) -> None:
    with pytest.raises(InvalidInput, match="outside your grids") as refusal:
        town.act(accepted, Action.CORRECT, chief, place=IN_B1)
    assert (refusal.value.code, refusal.value.field) == ("outside_your_grids", "lon")
    assert owner(town, town.act(accepted, Action.CORRECT, chief, place=IN_A2)) == "钱"


def test_a_ticket_that_says_otherwise_waits_for_somebody_and_changes_nothing(
    town: Town, desk: Any
) -> None:
    case = told(town, desk)
    again = told(town, desk, IN_A2, "井盖", category="facility.manhole", description="井盖没了")
    assert again.restated == Restated(
        category="facility.manhole", called="井盖", place=IN_A2, description="井盖没了"
    )
    assert (again.category, again.lon, again.description) == (
        *(case.category, case.lon, case.description),
    )
    assert (again.external_category, again.assignment) == ("井盖", case.assignment)
    assert adds_up(town, again, desk)


def test_what_a_ticket_says_is_taken_over_at_once(town: Town, desk: Any) -> None:
    told(town, desk)
    asked = told(town, desk, IN_A2, "井盖", category="facility.manhole", description="井盖没了")
    taken = town.act(asked, Action.CORRECT, desk, as_told=True)
    assert (taken.category, taken.lon, taken.description) == (
        *("facility.manhole", IN_A2[0], "井盖没了"),
    )
    assert (taken.restated, owner(town, taken)) == (None, "钱")
    assert adds_up(town, taken, desk)


def test_what_was_left_as_it_is_is_not_asked_again(town: Town, desk: Any) -> None:
    told(town, desk)
    left = town.act(told(town, desk, IN_A2), Action.KEEP, desk)
    assert (left.restated, left.lon) == (None, IN_A1[0])
    assert told(town, desk, IN_A2) == left
    more = told(town, desk, IN_A2, description="还有一盏")
    assert more.restated == Restated(description="还有一盏")


def test_a_ticket_that_takes_back_what_it_said_asks_nothing_any_more(town: Town, desk: Any) -> None:
    told(town, desk)
    told(town, desk, IN_A2)
    assert told(town, desk).restated is None


def test_what_was_put_right_by_hand_is_not_asked_any_more(town: Town, desk: Any) -> None:
    told(town, desk)
    asked = told(town, desk, IN_A2, "窨井", category="other")
    assert asked.restated == Restated(called="窨井", place=IN_A2)
    with pytest.raises(InvalidInput, match="窨井") as refusal:
        town.act(asked, Action.CORRECT, desk, as_told=True)
    assert refusal.value.field == "category"
    named = town.act(asked, Action.CORRECT, desk, category="facility.manhole")
    assert named.restated == Restated(place=IN_A2)
    assert town.act(named, Action.CORRECT, desk, as_told=True).restated is None


def test_a_place_found_once_more_nearby_is_the_same(town: Town, desk: Any) -> None:
    case = told(town, desk)
    assert told(town, desk, (118.6051, 34.51)) == case


def test_there_is_nothing_to_take_over_where_the_ticket_says_the_same(
    town: Town, desk: Any
) -> None:
    with pytest.raises(InvalidInput, match="nothing else") as refusal:
        town.act(told(town, desk), Action.CORRECT, desk, as_told=True)
    assert refusal.value.field == "as_told"
