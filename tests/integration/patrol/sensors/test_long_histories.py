"""However much a sensor has measured, a look at it takes as long as what it shows."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, text

from data.database import Database
from data.editions import GridIndexes
from patrol.cases.service import CaseService
from patrol.sensors.reading import Reading
from patrol.sensors.register import history
from patrol.sensors.service import SensorService
from tests.morning import make_town

NOW = datetime(2026, 11, 20, tzinfo=UTC)
EVER = (datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 1, 1, tzinfo=UTC))


@pytest.fixture
def measured(database: Database) -> Database:
    """A sensor with 20,000 readings, all clear of the threshold over it."""
    make_town(database)
    with database.begin() as conn:
        for statement in (
            "INSERT INTO sensors (code, kind, name, geom) "
            "VALUES ('JG-1', 'manhole', 'x', 'SRID=4326;POINT(118.65 34.5)')",
            "INSERT INTO sensor_readings (sensor_id, at, quantities) "
            "SELECT sensors.id, timestamptz '2026-11-20Z' - n * interval '1 minute', "
            """'{"level_m": 0}' """
            "FROM sensors CROSS JOIN generate_series(1, 20000) AS n",
            "INSERT INTO sensor_rules (name, kind, quantity, direction, threshold, clears_at, for_s, "
            "category, valid_from) VALUES "
            "('x', 'manhole', 'level_m', 'above', 1, 1, 0, 'facility.manhole', '2020-01-01Z')",
            "ANALYZE sensor_readings",
        ):
            conn.execute(text(statement))
    return database


def rows_read(conn: Connection) -> int:
    """Of readings, in this transaction."""
    return int(
        conn.scalars(
            text(
                "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables "
                "WHERE relname = 'sensor_readings'"
            )
        ).one()
    )


def test_a_page_of_all_that_was_ever_measured_reads_no_more_than_the_page(
    measured: Database,
) -> None:
    with measured.begin() as conn:
        found = history(conn, "JG-1", *EVER, count=11)
        assert found[0].at == NOW - timedelta(minutes=1)
        assert rows_read(conn) == len(found) == 11


def test_what_is_exceeded_is_judged_by_the_readings_around_it(
    measured: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = CaseService(measured, GridIndexes(measured), clock=lambda: NOW)
    service = SensorService(measured, cases, clock=lambda: NOW)
    read: list[int] = []
    report = cases.report_within

    def reporting(conn: Connection, *arguments: object) -> int:
        read.append(rows_read(conn))
        return report(conn, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(cases, "report_within", reporting)
    service.record([Reading(sensor="JG-1", at=NOW, quantities={"level_m": 2})])
    [rows] = read
    assert rows < 10
