from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from data.database import Database
from gis.errors import Conflict
from patrol.duty.ownership import OwnerReason, owner_of, owners_of, staff_on_duty, units_on_duty
from patrol.duty.sessions import begin_duty, end_duty, open_session

INNER, OUTER = "32072200100100101", "320722001001001"
CHAIN = [INNER, OUTER]
MORNING = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
NOON = MORNING + timedelta(hours=4)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

Add = Callable[..., int]


def test_the_owner_changes_with_the_shift(
    database: Database, add_staff: Add, add_unit: Add
) -> None:
    worker = add_staff("王小明", role="grid_worker", grid_code=INNER, valid_from=LONG_AGO)
    chief = add_staff("李主任", role="grid_chief", grid_code=OUTER, valid_from=LONG_AGO)
    unit = add_unit("GW-001", staff_id=worker)
    with database.begin() as conn:
        begin_duty(conn, unit, MORNING)
        assert owner_of(conn, CHAIN, NOON).staff_id == worker
        assert staff_on_duty(conn, NOON) == {worker}
        end_duty(conn, unit, NOON)
        evening = owner_of(conn, CHAIN, NOON)
        assert (evening.staff_id, evening.name) == (chief, "李主任")
        assert evening.reason is OwnerReason.CHIEF
        assert owner_of(conn, CHAIN, NOON - timedelta(hours=1)).staff_id == worker
        assert owners_of(conn, [CHAIN, [], [OUTER]], NOON) == [
            evening,
            owner_of(conn, [], NOON),
            evening,
        ]


def test_a_post_that_has_ended_owns_nothing(database: Database, add_staff: Add) -> None:
    add_staff("旧主任", role="grid_chief", grid_code=OUTER, valid_from=LONG_AGO, valid_to=MORNING)
    with database.begin() as conn:
        assert owner_of(conn, CHAIN, MORNING).reason is OwnerReason.DISPATCH_QUEUE


def test_only_who_is_marked_so_is_always_on_duty(database: Database, add_unit: Add) -> None:
    add_unit("GW-001")
    add_unit("CAR-0", kind="vehicle")
    terminal = add_unit("CAR-1", kind="vehicle", always_on_duty=True)
    shifted = add_unit("CAR-2", kind="vehicle")
    with database.begin() as conn:
        begin_duty(conn, shifted, MORNING)
        end_duty(conn, shifted, NOON)
        assert units_on_duty(conn, MORNING) == {terminal, shifted}
        assert units_on_duty(conn, NOON) == {terminal}


def test_duty_that_ends_and_begins_at_one_moment_goes_on(database: Database, add_unit: Add) -> None:
    unit = add_unit("GW-001")
    with database.begin() as conn:
        for _ in range(2):
            begin_duty(conn, unit, MORNING)
            end_duty(conn, unit, MORNING)
        begin_duty(conn, unit, MORNING)
        assert units_on_duty(conn, MORNING) == {unit}


def test_beginning_twice_is_one_session(database: Database, add_unit: Add) -> None:
    unit = add_unit("GW-001")
    with database.begin() as conn:
        first = begin_duty(conn, unit, MORNING)
        assert begin_duty(conn, unit, NOON) == first == open_session(conn, unit)


def test_ending_without_a_session_is_nothing(database: Database, add_unit: Add) -> None:
    unit = add_unit("GW-001")
    with database.begin() as conn:
        assert end_duty(conn, unit, NOON) is None


def test_a_session_cannot_end_before_it_began(database: Database, add_unit: Add) -> None:
    unit = add_unit("GW-001")
    with database.begin() as conn:
        begin_duty(conn, unit, NOON)
        with pytest.raises(Conflict, match="cannot end before"):
            end_duty(conn, unit, MORNING)
