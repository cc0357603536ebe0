from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text

from data.audit import Who
from data.database import Database
from gis.errors import Conflict
from patrol.duty.leaves import LeaveKind, enter_leave
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


def test_a_post_that_begins_later_owns_nothing_until_then(
    database: Database, add_staff: Add
) -> None:
    before = add_staff("旧", role="grid_chief", grid_code=OUTER, valid_from=LONG_AGO, valid_to=NOON)
    after = add_staff("新", role="grid_chief", grid_code=OUTER, valid_from=NOON)
    with database.begin() as conn:
        assert owner_of(conn, CHAIN, NOON - timedelta(microseconds=1)).staff_id == before
        assert owner_of(conn, CHAIN, NOON).staff_id == after


def test_leave_counts_as_of_the_instant_and_who_is_away_does_not_stand_in(
    database: Database, add_staff: Add
) -> None:
    chief = add_staff("李主任", role="grid_chief", grid_code=OUTER, valid_from=LONG_AGO)
    second = add_staff("副主任", role="patroller", grid_code=OUTER)
    with database.begin() as conn:
        away(conn, chief, MORNING, NOON, stand_in_id=second)
        away(conn, second, NOON - timedelta(hours=1), NOON)
        owners = [
            owner_of(conn, CHAIN, MORNING + timedelta(hours=hours)) for hours in (-1, 0, 3, 4)
        ]
    assert [(owner.name, owner.reason) for owner in owners] == [
        ("李主任", OwnerReason.CHIEF),
        ("副主任", OwnerReason.STAND_IN),
        (None, OwnerReason.DISPATCH_QUEUE),
        ("李主任", OwnerReason.CHIEF),
    ]


def away(
    conn: Connection,
    staff_id: int,
    begins_at: datetime,
    ends_at: datetime,
    stand_in_id: int | None = None,
) -> None:
    enter_leave(
        conn,
        staff_id,
        kind=LeaveKind.ANNUAL,
        begins_at=begins_at,
        ends_at=ends_at,
        stand_in_id=stand_in_id,
        note=None,
        now=MORNING,
        who=Who.at_the_machine(),
    )


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


def test_who_is_on_duty_is_planned_as_a_part_of_what_asks(database: Database) -> None:
    with database.begin() as conn:
        asked = text(
            "EXPLAIN SELECT FROM units JOIN LATERAL duty_at(units.id, :at) AS duty ON true"
        )
        plan = "\n".join(conn.scalars(asked, {"at": NOON}))
    assert "duty_sessions" in plan
    assert "Function Scan" not in plan


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
