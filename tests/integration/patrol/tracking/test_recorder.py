import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from shapely import MultiPolygon, box
from sqlalchemy import insert, text

from data.database import Database
from data.editions import GridIndexes
from data.schema import grid_editions, grids
from gis.errors import Overloaded
from patrol.tracking.fix import Fix, Refusal, Refused, decode_fixes
from patrol.tracking.recorder import Recorder

pytestmark = pytest.mark.anyio

Add = Callable[..., int]
Make = Callable[..., Fix]


def rows(database: Database, statement: str) -> list[Any]:
    with database.begin() as conn:
        return [tuple(row) for row in conn.execute(text(statement))]


async def test_a_fix_is_in_the_database_when_it_is_acknowledged(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    unit = add_unit("GW-001")
    receipt = await recorder.record([fix(speed_mps=1.25, battery_pct=80)])
    assert (receipt.accepted, receipt.duplicates, receipt.rejected) == (1, 0, ())
    columns = "unit_id, at, lon, lat, accuracy_m, speed_mps, heading_deg, battery_pct, grid_id"
    expected = (unit, now, 118.6, 34.5, None, 1.25, None, 80.0, None)
    assert rows(database, f"SELECT {columns} FROM fixes") == [expected]
    assert rows(database, f"SELECT {columns} FROM positions") == [expected]


async def test_sending_again_stores_once_and_counts_duplicates(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    add_unit("GW-001")
    sent = [fix(at=now - timedelta(seconds=s)) for s in range(5)]
    assert (await recorder.record(sent)).accepted == 5
    again = await recorder.record([*sent, fix(at=now - timedelta(seconds=9))])
    assert (again.accepted, again.duplicates) == (1, 5)
    assert rows(database, "SELECT count(*) FROM fixes") == [(6,)]
    assert rows(database, "SELECT at FROM positions") == [(now,)]


async def test_fixes_of_several_days_get_their_partitions(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make
) -> None:
    add_unit("GW-001")
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    receipt = await recorder.record(
        [fix(at=midnight - timedelta(microseconds=1)), fix(at=midnight)]
    )
    assert receipt.accepted == 2
    assert rows(database, "SELECT DISTINCT tableoid::regclass::text FROM fixes ORDER BY 1") == [
        ("fixes_20261120",),
        ("fixes_20261121",),
    ]
    # and the one of the next day, so that nobody waits for it at midnight
    assert rows(database, "SELECT to_regclass('fixes_20261122') IS NOT NULL") == [(True,)]


async def test_what_is_refused_is_named_and_quarantined_while_the_rest_is_stored(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make
) -> None:
    add_unit("GW-001")
    unreadable = Refused(
        payload={"unit": "GW-001", "at": "\x00", "lon": float("nan")},
        refusal=Refusal(code="wrong_type", message="at must be a time."),
    )
    receipt = await recorder.record([fix(lat=95.0), fix(), fix(unit="GW-404"), unreadable])
    assert receipt.accepted == 1
    assert [(item.index, item.code) for item in receipt.rejected] == [
        (0, "lat_out_of_range"),
        (2, "unknown_unit"),
        (3, "wrong_type"),
    ]
    kept = rows(database, "SELECT unit, reason, payload FROM quarantined_fixes ORDER BY reason")
    assert [(unit, reason) for unit, reason, _ in kept] == [
        ("GW-001", "lat_out_of_range"),
        ("GW-404", "unknown_unit"),
        ("GW-001", "wrong_type"),
    ]
    assert kept[0][2]["lat"] == 95.0
    assert kept[2][2] == '{"unit": "GW-001", "at": "\\u0000", "lon": NaN}'


@pytest.mark.parametrize("unit", ["\x00", "\ud800", "x" * 1000, "", "网格员'; --"])
async def test_a_unit_of_any_name_can_be_unknown(recorder: Recorder, fix: Make, unit: str) -> None:
    receipt = await recorder.record([fix(unit=unit)])
    assert [item.code for item in receipt.rejected] == ["unknown_unit"]


async def test_a_batch_of_nothing_but_refused_fixes_is_acknowledged(
    database: Database, recorder: Recorder
) -> None:
    receipt = await recorder.record(decode_fixes(b"[1, 2]"))
    assert len(receipt.rejected) == 2
    assert rows(database, "SELECT count(*) FROM quarantined_fixes") == [(2,)]


async def test_a_unit_registered_later_is_found(
    recorder: Recorder, add_unit: Add, fix: Make
) -> None:
    assert (await recorder.record([fix()])).accepted == 0
    add_unit("GW-001")
    assert (await recorder.record([fix()])).accepted == 1


async def test_a_fix_knows_its_grid_in_the_edition_of_the_moment(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    add_unit("GW-001")
    inner = _activate(database, "first")
    second = timedelta(seconds=1)
    await recorder.record([fix(at=now - 5 * second), fix(at=now - 4 * second, lat=35.5)])
    with database.begin() as conn:
        conn.execute(text("UPDATE grid_editions SET state = 'retired'"))
    later = _activate(database, "second")
    await recorder.record([fix(at=now)])
    assert rows(database, "SELECT grid_id FROM fixes ORDER BY at") == [(inner,), (None,), (later,)]
    assert rows(database, "SELECT grid_id FROM positions") == [(later,)]


async def test_a_row_the_database_will_not_have_is_quarantined_and_the_rest_stored(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    add_unit("GW-001")
    with database.begin() as conn:
        conn.execute(text("ALTER TABLE fixes ADD CHECK (battery_pct <> 13)"))
    sent = [fix(at=now - timedelta(seconds=s), battery_pct=s) for s in range(20)]
    receipt = await recorder.record(sent)
    assert receipt.accepted == 19
    assert [(item.index, item.code) for item in receipt.rejected] == [(13, "unstorable")]
    assert rows(database, "SELECT count(*) FROM fixes") == [(19,)]
    [(reason, payload)] = rows(database, "SELECT reason, payload FROM quarantined_fixes")
    assert (reason, payload["battery_pct"]) == ("unstorable", 13)


async def test_a_unit_deleted_meanwhile_takes_nobody_with_it(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    add_unit("GW-001")
    gone = add_unit("GW-002")
    before = now - timedelta(seconds=10)
    await recorder.record([fix(at=before), fix(unit="GW-002", at=before)])
    with database.begin() as conn:
        for table, key in (("positions", "unit_id"), ("duty_sessions", "unit_id"), ("units", "id")):
            conn.execute(text(f"DELETE FROM {table} WHERE {key} = :gone"), {"gone": gone})
    receipt = await recorder.record([fix(unit="GW-002"), fix()])
    assert receipt.accepted == 1
    assert [item.code for item in receipt.rejected] == ["unstorable"]
    again = await recorder.record([fix(unit="GW-002")])
    assert [item.code for item in again.rejected] == ["unknown_unit"]


async def test_a_partition_dropped_meanwhile_is_made_again(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    add_unit("GW-001")
    await recorder.record([fix(at=now - timedelta(seconds=2))])
    with database.begin() as conn:
        conn.execute(text("DROP TABLE fixes_20261122"))
    receipt = await recorder.record([fix(), fix(at=now - timedelta(seconds=1))])
    assert receipt.accepted == 2


async def test_fixes_that_an_import_wrote_past_the_recorder_are_duplicates(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    unit = add_unit("GW-001")
    with database.begin() as conn:
        conn.execute(text("SELECT make_fixes_partition('2026-11-22')"))
        conn.execute(
            text("INSERT INTO fixes (unit_id, at, lon, lat) VALUES (:unit, :at, 1, 2)"),
            {"unit": unit, "at": now},
        )
    receipt = await recorder.record([fix(), fix(at=now - timedelta(seconds=1))])
    assert (receipt.accepted, receipt.duplicates) == (1, 1)


async def test_a_caller_that_goes_away_does_not_stop_the_others(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    add_unit("GW-001")
    gone = asyncio.create_task(recorder.record([fix()]))
    await asyncio.sleep(0)
    gone.cancel()
    assert (await recorder.record([fix(at=now - timedelta(seconds=1))])).accepted == 1
    assert rows(database, "SELECT count(*) FROM fixes") == [(2,)]


async def test_what_arrives_together_is_one_transaction_with_one_number(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    units = [f"GW-{n}" for n in range(20)]
    for unit in units:
        add_unit(unit)
    receipts = await asyncio.gather(*(recorder.record([fix(unit=unit)]) for unit in units))
    assert [receipt.accepted for receipt in receipts] == [1] * 20
    assert rows(database, "SELECT count(DISTINCT seq) FROM positions") == [(1,)]


async def test_too_many_waiting_fixes_are_refused_and_can_be_sent_again(
    database: Database, add_unit: Add, fix: Make, now: datetime
) -> None:
    add_unit("GW-001")
    async with Recorder(
        database, GridIndexes(database), now=lambda: now, most_waiting=3
    ) as recorder:
        three = [fix(at=now - timedelta(seconds=s)) for s in range(3)]
        waiting = asyncio.create_task(recorder.record(three))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded) as raised:
            await recorder.record([fix(at=now - timedelta(seconds=9))])
        assert raised.value.retry_after_s >= 1
        assert (await waiting).accepted == 3
        assert (await recorder.record([fix(at=now - timedelta(seconds=9))])).accepted == 1


async def test_leaving_stores_what_was_taken_in(
    database: Database, add_unit: Add, fix: Make, now: datetime
) -> None:
    add_unit("GW-001")
    async with Recorder(database, GridIndexes(database), now=lambda: now) as recorder:
        waiting = asyncio.create_task(recorder.record([fix()]))
        await asyncio.sleep(0)
    assert (await waiting).accepted == 1
    with pytest.raises(Overloaded):
        await recorder.record([fix()])


async def test_losing_the_database_acknowledges_nothing_and_the_next_flush_connects_again(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    add_unit("GW-001")
    await recorder.record([fix(at=now - timedelta(seconds=1))])
    with database.begin() as conn:
        conn.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    with pytest.raises(psycopg.OperationalError):
        await recorder.record([fix()])
    assert rows(database, "SELECT count(*) FROM fixes") == [(1,)]
    assert (await recorder.record([fix()])).accepted == 1


async def test_one_wake_up_a_flush(
    database: Database, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    add_unit("GW-001")
    conn = await database.connect_async()
    async with conn:
        await conn.execute("LISTEN positions")
        await recorder.record([fix(at=now - timedelta(seconds=s)) for s in range(100)])
        notified = [notice async for notice in conn.notifies(timeout=5, stop_after=1)]
        [(seq,)] = rows(database, "SELECT seq FROM positions")
        assert [notice.payload for notice in notified] == [str(seq)]


def _activate(database: Database, name: str) -> int:
    """A new active edition of one grid around the fix; returns its `grids.id`."""
    with database.begin() as conn:
        edition = conn.execute(
            insert(grid_editions)
            .values(name=name, state="active", content_hash=name)
            .returning(grid_editions.c.id)
        ).scalar_one()
        square = MultiPolygon([box(118.5, 34.4, 118.7, 34.6)])
        return int(
            conn.execute(
                insert(grids)
                .values(
                    edition_id=edition,
                    code="32072200100100101",
                    name="东风村一格",
                    level=2,
                    area_m2=1.0,
                    geom=f"SRID=4326;{square.wkt}",
                )
                .returning(grids.c.id)
            ).scalar_one()
        )
