"""Who stands in a shift: by the rotation, and after substitutions."""

from datetime import timedelta
from typing import Any

import pytest

from gis.errors import InvalidInput, NotFound
from patrol.rosters.roster import Team
from patrol.rosters.shift import (
    Place,
    Shift,
    Substitution,
    first_clash,
    shift_that_begins,
    shifts_between,
)
from patrol.rosters.substitutions import check_substitution
from tests.unit.patrol.rosters.shifts import TEAMS, at, roster

MORNING = at("27 08:00")


def instead(staff_id: int, substitute_id: int, **fields: Any) -> Substitution:
    return Substitution(
        **{
            "id": 1,
            "roster_id": 1,
            "begins_at": MORNING,
            "staff_id": staff_id,
            "substitute_id": substitute_id,
            "made_at": MORNING,
            "made_by": "desk",
            "made_by_account_id": None,
            **fields,
        }
    )


def places(*made: Substitution) -> tuple[Place, ...]:
    return shift_that_begins(roster(), made, MORNING).places


def shift(begins: str, ends: str, *people: int) -> Shift:
    return Shift(
        begins_at=at(begins),
        ends_at=at(ends),
        team="A",
        places=tuple(Place(staff_id=each) for each in people),
    )


def test_the_leader_stands_first() -> None:
    assert places() == (Place(staff_id=1), Place(staff_id=2), Place(staff_id=3))


def test_a_substitute_takes_the_place_in_that_shift_alone() -> None:
    made = [instead(1, 5)]
    first, *others = shifts_between(roster(), made, MORNING, at("30 09:00"))
    assert first.places[0] == Place(staff_id=5, for_id=1)
    assert all(place.for_id is None for other in others for place in other.places)


def test_a_substitute_has_a_substitute_and_the_first_comes_back() -> None:
    assert places(instead(2, 5), instead(5, 6))[1] == Place(staff_id=6, for_id=2)
    assert places(instead(2, 5), instead(5, 6), instead(6, 2))[1] == Place(staff_id=2)


def test_a_shift_is_of_the_roster_that_is_valid_when_it_begins() -> None:
    ended = roster(valid_from=at("27 08:00"), valid_to=at("27 20:00"))
    found = shifts_between(ended, (), at("26 00:00"), at("29 00:00"))
    assert [each.begins_at for each in found] == [at("27 08:00"), at("27 16:00")]
    assert found[-1].ends_at == at("28 00:00")


def test_between_two_shifts_none_begins() -> None:
    with pytest.raises(NotFound, match="lists them"):
        shift_that_begins(roster(), (), MORNING + timedelta(minutes=1))


def test_nobody_clashes_with_themselves_one_after_the_other() -> None:
    assert first_clash(shifts_between(roster(), (), at("27 00:00"), at("30 00:00"))) is None
    assert first_clash([shift("27 08:00", "27 16:00", 1), shift("27 16:00", "27 20:00", 1)]) is None


def test_who_stands_in_two_shifts_at_once_is_found() -> None:
    first, second = shift("27 08:00", "27 16:00", 1, 2), shift("27 15:00", "27 20:00", 3, 2)
    assert first_clash([second, first]) == (2, second)
    inside = shift("27 09:00", "27 10:00", 9)
    assert first_clash([first, inside, second]) == (2, second)


@pytest.mark.parametrize(
    ("staff_id", "substitute_id", "field"), [(4, 5, "staff"), (1, 2, "substitute")]
)
def test_one_stands_in_the_shift_and_the_other_does_not(
    staff_id: int, substitute_id: int, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_substitution(
            shift_that_begins(roster(), (), MORNING),
            staff_id=staff_id,
            substitute_id=substitute_id,
            now=MORNING,
        )
    assert caught.value.field == field


def test_far_ahead_nobody_is_replaced() -> None:
    with pytest.raises(InvalidInput, match="days ahead"):
        check_substitution(
            shift_that_begins(roster(), (), MORNING),
            staff_id=1,
            substitute_id=5,
            now=MORNING - timedelta(days=400),
        )


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Team(name="A", leader=1, members=()), "teams"),
        (lambda: Team(name="A", leader=1, members=(1,)), "teams"),
        (lambda: Team(name="A", leader=1, members=(2, 2)), "teams"),
        (lambda: roster(teams=()), "teams"),
        (lambda: roster(teams=(*TEAMS, TEAMS[0])), "teams"),
        (lambda: roster(teams=TEAMS[:2]), "cycle"),
        (lambda: roster(valid_to=at("27 00:00")), "valid_to"),
    ],
)
def test_what_is_no_roster_is_refused(make: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        make()
    assert caught.value.field == field
