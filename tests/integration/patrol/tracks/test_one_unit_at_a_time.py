"""However many units a replay or an export is of, a few of them are in memory at a time."""

import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from data.database import Database
from data.exports.provenance import PeriodProvenance
from data.scope import Viewer
from patrol.tracking.units import Unit, list_units
from patrol.tracks.export import ExportFormat, export_tracks
from patrol.tracks.replay import replay

FIXES, FEW, MANY = 2_000, 4, 32
SINCE = datetime(2026, 11, 20, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=1)
GROWTH = 1.6
"""With all units in memory it would be over 3. Of each a little is left until it is collected."""


@pytest.fixture
def many(database: Database) -> list[Unit]:
    """Units that walk all day, each with every fix of that day."""
    with database.begin() as conn:
        conn.execute(text("SELECT make_fixes_partition('2026-11-20')"))
        conn.execute(
            text(
                "INSERT INTO units (code, kind, name, role, always_on_duty) "
                "SELECT 'U-' || to_char(n, 'FM00'), 'vehicle', 'x', 'vehicle', true "
                "FROM generate_series(1, :units) AS n"
            ),
            {"units": MANY},
        )
        conn.execute(
            text(
                "INSERT INTO fixes (unit_id, at, lon, lat) "
                "SELECT id, CAST(:since AS timestamptz) + n * interval '30 s', "
                "118.6 + n * 1e-5, 34.5 + sin(n / 50.0) * 1e-3 "
                "FROM units, generate_series(1, :fixes) AS n"
            ),
            {"since": SINCE, "fixes": FIXES},
        )
        return list_units(conn, Viewer.everything(), limit=MANY)


def peak_bytes(run: Callable[[], None]) -> int:
    tracemalloc.start()
    run()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


@pytest.fixture
def replaying(database: Database, many: list[Unit]) -> Callable[[int], Callable[[], None]]:
    def of(units: int) -> Callable[[], None]:
        def run() -> None:
            replays = replay(database, Viewer.everything(), many[:units], SINCE, UNTIL)
            assert sum(len(each.t_ms) for each in replays) == units * FIXES

        return run

    return of


def test_a_replay_of_many_needs_no_more_memory_than_one_of_few(
    replaying: Callable[[int], Callable[[], None]],
) -> None:
    peak_bytes(replaying(FEW))  # what is imported or remembered once
    assert peak_bytes(replaying(MANY)) < GROWTH * peak_bytes(replaying(FEW))


def test_a_replay_holds_no_connection_while_its_reader_thinks(
    database: Database, many: list[Unit]
) -> None:
    replays: Iterator[object] = replay(database, Viewer.everything(), many, SINCE, UNTIL)
    next(replays)
    assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("to", ["gpx", "kml", "geojson", "csv", "geoparquet"])
def test_an_export_of_many_needs_no_more_memory_than_one_of_few(
    database: Database, many: list[Unit], to: str
) -> None:
    about = PeriodProvenance(
        subject="all",
        since=SINCE,
        until=UNTIL,
        exported_by="x",
        exported_at=UNTIL,
        reason="a test",
    )

    def exporting(units: int) -> Callable[[], None]:
        def run() -> None:
            with tempfile.TemporaryFile() as out, database.begin() as conn:
                fixes = export_tracks(
                    conn,
                    many[:units],
                    out,
                    to=ExportFormat(to),
                    provenance=about,
                    name_of=lambda unit: unit.name,
                )
            assert fixes == units * FIXES

        return run

    peak_bytes(exporting(1))
    assert peak_bytes(exporting(MANY)) < GROWTH * peak_bytes(exporting(FEW))
