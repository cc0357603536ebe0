"""Of a fix from outside a duty session nothing is kept but that there was one."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from data.database import Database
from patrol.duty.sessions import begin_duty, end_duty
from patrol.tracking.duty import off_duty_fixes_on
from patrol.tracking.fix import Fix, decode_fixes
from patrol.tracking.receipt import Receipt
from patrol.tracking.recorder import Recorder
from patrol.tracking.senders import OneUnit, UnitsOfStaff

pytestmark = pytest.mark.anyio

Add = Callable[..., int]
Make = Callable[..., Fix]
HOUR = timedelta(hours=1)
KEPT_IN = ("fixes", "positions", "quarantined_fixes")


def codes(receipt: Receipt) -> list[str]:
    return [item.code for item in receipt.rejected]


def kept(database: Database) -> dict[str, list[str]]:
    """Every row that may hold a place, as text."""
    with database.begin() as conn:
        return {
            table: list(conn.scalars(text(f"SELECT row::text FROM {table} AS row")))
            for table in KEPT_IN
        }


def counted(database: Database, day: datetime) -> dict[int, int]:
    with database.begin() as conn:
        everybody = conn.scalars(text("SELECT id FROM units"))
        return dict(off_duty_fixes_on(conn, day.date(), everybody))


def set_session(database: Database, unit: int, began: datetime, ended: datetime | None) -> None:
    with database.begin() as conn:
        begin_duty(conn, unit, began)
        if ended is not None:
            end_duty(conn, unit, ended)


async def test_a_fix_from_off_duty_is_counted_each_time_and_nothing_of_it_is_kept(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    unit = add_unit("GW-001", on_duty=False)
    private = [
        fix(),
        fix(lat=95.0),
        fix(at=now - 2000 * HOUR),
        fix(at=now + HOUR),
        fix(lon=0, lat=0),
    ]
    receipt = await recorder.record(private)
    assert codes(receipt) == ["off_duty"] * 5
    assert all(item.message.endswith("begin duty first.") for item in receipt.rejected)
    assert counted(database, now) == {unit: 5}
    await recorder.record([fix()])
    assert counted(database, now) == {unit: 6}
    assert not any(kept(database).values())
    with database.begin() as conn:
        partitions = text("SELECT count(*) FROM pg_inherits WHERE inhparent = 'fixes'::regclass")
        assert conn.scalar(partitions) == 0


async def test_the_fixes_of_whoever_is_on_duty_are_stored_beside_those_of_others(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    add_unit("GW-001")
    resting = add_unit("GW-002", on_duty=False)
    receipt = await recorder.record([fix(unit="GW-002", lon=118.7), fix(), fix(lat=95.0)])
    assert (receipt.accepted, codes(receipt)) == (1, ["off_duty", "lat_out_of_range"])
    assert {table: len(found) for table, found in kept(database).items()} == dict.fromkeys(
        KEPT_IN, 1
    )
    assert "118.7" not in str(kept(database))
    assert counted(database, now) == {resting: 1}


async def test_a_vehicle_that_is_always_on_duty_needs_no_session(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make
) -> None:
    add_unit("CAR-1", kind="vehicle", always_on_duty=True)
    add_unit("CAR-2", kind="vehicle", on_duty=False)
    receipt = await recorder.record([fix(unit="CAR-1"), fix(unit="CAR-2")])
    assert (receipt.accepted, codes(receipt)) == (1, ["off_duty"])


async def test_a_late_fix_is_judged_by_the_session_of_its_time(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    unit = add_unit("GW-001", on_duty=False)
    for days in (40, 30, 20, 1):
        set_session(database, unit, now - days * 24 * HOUR, now - days * 24 * HOUR + 8 * HOUR)
    receipt = await recorder.record(
        [
            fix(at=now - days * 24 * HOUR + hours * HOUR)
            for days in (30, 20)
            for hours in (-1, 0, 7, 8)
        ]
    )
    assert receipt.accepted == 4
    assert [item.index for item in receipt.rejected] == [0, 3, 4, 7]
    assert codes(await recorder.record([fix()])) == ["off_duty"]


async def test_the_end_of_duty_counts_at_once(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    unit = add_unit("GW-001", on_duty=False)
    set_session(database, unit, now - HOUR, None)
    second = timedelta(seconds=1)
    assert (await recorder.record([fix(at=now - 3 * second)])).accepted == 1
    with database.begin() as conn:
        end_duty(conn, unit, now - second)
    assert codes(await recorder.record([fix(), fix(at=now - 2 * second)])) == ["off_duty"]
    with database.begin() as conn:
        begin_duty(conn, unit, now - second)  # at the very moment it ended
    assert (await recorder.record([fix()])).accepted == 1


async def test_a_row_the_database_will_not_have_does_not_change_the_count(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    add_unit("GW-001")
    resting = add_unit("GW-002", on_duty=False)
    with database.begin() as conn:
        conn.execute(text("ALTER TABLE fixes ADD CHECK (battery_pct <> 13)"))
    sent = [fix(at=now - timedelta(seconds=s), battery_pct=s) for s in range(12, 15)]
    receipt = await recorder.record([*sent, fix(unit="GW-002")])
    assert (receipt.accepted, codes(receipt)) == (2, ["unstorable", "off_duty"])
    assert counted(database, now) == {resting: 1}
    receipt = await recorder.record([fix(battery_pct=13), fix(unit="GW-002")])
    assert codes(receipt) == ["unstorable", "off_duty"]
    assert counted(database, now) == {resting: 2}


async def test_what_cannot_be_read_keeps_its_place_only_while_on_duty(
    database: Database, recorder: Recorder, add_unit: Add, now: datetime
) -> None:
    add_unit("GW-001", on_duty=False)
    body = b'[{"unit": "GW-001", "at": "now", "lon": 118.6, "lat": 34.5}]'
    assert codes(await recorder.record(decode_fixes(body))) == ["wrong_type"]
    assert "118.6" not in str(kept(database))
    add_unit("GW-002")
    await recorder.record(decode_fixes(body.replace(b"GW-001", b"GW-002")))
    assert "118.6" in str(kept(database))


@pytest.mark.parametrize("own", [True, False], ids=["staff", "device"])
async def test_a_sender_speaks_for_their_own_units_and_leaves_no_other_s_place(
    database: Database,
    recorder: Recorder,
    add_unit: Add,
    add_staff: Callable[..., int],
    fix: Make,
    now: datetime,
    own: bool,
) -> None:
    staff_id = add_staff("王小明", role="grid_worker", grid_code="1")
    add_unit("GW-001", staff_id=staff_id)
    add_unit("GW-002")
    sender: Any = UnitsOfStaff(staff_id=staff_id) if own else OneUnit(unit="GW-001")
    receipt = await recorder.record([fix(), fix(unit="GW-002", lon=118.7)], sender=sender)
    assert (receipt.accepted, codes(receipt)) == (1, ["not_your_unit"])
    [quarantined] = kept(database)["quarantined_fixes"]
    assert "GW-002" in quarantined
    assert "118.7" not in quarantined
