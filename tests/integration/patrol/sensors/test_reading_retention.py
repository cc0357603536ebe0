"""Readings that were kept long enough, and what stays though it is older."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from data.background import WANGGE
from data.database import Database
from data.editions import GridIndexes
from data.installation import Databases
from gis.errors import Conflict
from patrol.cases.service import CaseService
from patrol.sensors.nightly import NightlyReadings
from patrol.sensors.reading import Reading
from patrol.sensors.retention import count_expired_readings, drop_expired_readings
from patrol.sensors.service import SensorService
from tests.morning import make_town

KEEP = timedelta(days=30)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
DAY = timedelta(days=1)
Measure = Callable[..., None]


@pytest.fixture
def measure(database: Database) -> Measure:
    """`measure("JG-1", {90: 0.3})` stores water levels of so many days ago. Above 1.2 for an hour is
    exceeded, back at 1.0 is clear."""
    make_town(database)
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO sensors (code, kind, name, geom) SELECT code, 'manhole', code, "
                "'SRID=4326;POINT(118.65 34.5)' FROM unnest(ARRAY['JG-1', 'JG-2']) AS code"
            )
        )
        conn.execute(
            text(
                "INSERT INTO sensor_rules (name, kind, quantity, direction, threshold, clears_at, "
                "for_s, category, valid_from) VALUES ('水位', 'manhole', 'water_level_m', 'above', "
                "1.2, 1.0, 3600, 'facility.manhole', '2025-01-01Z')"
            )
        )
    cases = CaseService(database, GridIndexes(database), clock=lambda: NOW)
    service = SensorService(database, cases, clock=lambda: NOW)

    def measure(sensor: str, levels: dict[float, float]) -> None:
        service.record(
            [
                Reading(sensor=sensor, at=NOW - days * DAY, quantities={"water_level_m": level})
                for days, level in levels.items()
            ]
        )

    return measure


def days_left(database: Database, sensor: str = "JG-1") -> list[float]:
    """How many days ago each reading is that is left, the newest first."""
    with database.begin() as conn:
        ats = conn.scalars(
            text(
                "SELECT at FROM sensor_readings JOIN sensors ON sensors.id = sensor_id "
                "WHERE code = :code ORDER BY at DESC"
            ),
            {"code": sensor},
        )
        return [(NOW - at) / DAY for at in ats]


def count(database: Database, table: str) -> int:
    with database.begin() as conn:
        return int(conn.scalars(text(f"SELECT count(*) FROM {table}")).one())


def drop(database: Database, **options: int) -> int:
    return drop_expired_readings(database, NOW - KEEP, WANGGE, **options)


def test_old_readings_go_a_few_at_a_time_each_time_on_the_record(
    database: Database, measure: Measure
) -> None:
    measure("JG-1", {90: 0.3, 60: 0.3, 31: 0.3, 30: 0.3, 1: 0.3})
    measure("JG-2", {31: 0.3, 0: 0.3})
    with database.begin() as conn:
        assert count_expired_readings(conn, NOW - KEEP) == 4
    assert drop(database, at_once=3) == 4
    assert (days_left(database), days_left(database, "JG-2")) == ([1, 30], [0])
    with database.begin() as conn:
        details = conn.scalars(
            text("SELECT details FROM audit_events WHERE action = 'retention.drop' ORDER BY id")
        ).all()
    assert details == [{"readings": 3}, {"readings": 1}]
    assert drop(database) == 0
    assert count(database, "audit_events") == 2


def test_the_last_week_of_a_sensor_that_fell_silent_stays(
    database: Database, measure: Measure
) -> None:
    measure("JG-1", {108: 0.3, 106: 0.3, 100: 0.3})
    assert drop(database) == 1
    assert days_left(database) == [100, 106]


def test_what_an_exceedance_rests_on_stays_while_it_lasts_and_no_second_case_is_made(
    database: Database, measure: Measure
) -> None:
    measure("JG-1", {91: 0.3, 90: 1.5, 60: 1.6})
    assert count(database, "cases") == 1
    assert drop(database) == 1
    assert days_left(database) == [60, 90]
    measure("JG-1", {1: 1.7})
    assert count(database, "cases") == count(database, "sensor_exceedances") == 1
    measure("JG-1", {0: 0.4})
    drop(database)
    assert days_left(database) == [0, 1, 60, 90]  # it ended in what is kept
    assert drop_expired_readings(database, NOW + 10 * DAY, WANGGE) == 2
    assert days_left(database) == [0, 1]


def test_a_threshold_that_waits_is_not_made_to_wait_again(
    database: Database, measure: Measure
) -> None:
    """It was high, sank a little and fell silent; when it is heard again, one knows since when."""
    measure("JG-1", {100.02: 1.5, 100: 1.1})
    drop(database)
    measure("JG-1", {1: 1.1})
    with database.begin() as conn:
        [began] = conn.scalars(text("SELECT begun_at FROM sensor_exceedances"))
    assert (NOW - began) / DAY == pytest.approx(100.02)


def test_whoever_stops_it_keeps_what_was_dropped_and_can_run_it_again(
    database: Database, measure: Measure
) -> None:
    measure("JG-1", {90: 0.3, 60: 0.3, 50: 0.3, 0: 0.3})

    def stop(_readings: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drop_expired_readings(database, NOW - KEEP, WANGGE, progress=stop, at_once=1)
    assert len(days_left(database)) == 3
    assert drop(database) == 2


def test_only_one_process_drops_at_a_time(database: Database, measure: Measure) -> None:
    def another(_readings: int) -> None:
        with pytest.raises(Conflict, match="Another process"):
            drop(database)

    measure("JG-1", {90: 0.3, 0: 0.3})
    drop_expired_readings(database, NOW - KEEP, WANGGE, progress=another)


@pytest.mark.anyio
async def test_the_worker_drops_them_by_itself_with_the_rights_it_has(
    database: Database, measure: Measure
) -> None:
    measure("JG-1", {90: 0.3, 0: 0.3})
    looked = asyncio.Event()

    def now() -> datetime:
        if days_left(database) == [0]:
            loop.call_soon_threadsafe(looked.set)
        return NOW

    loop = asyncio.get_running_loop()
    with Databases.beside(database) as databases:
        async with NightlyReadings(databases.tracking, KEEP, look_s=0, now=now):
            await asyncio.wait_for(looked.wait(), 10)
