"""Who was within 100 m of a place between nine and ten? Asked of 10, 100 and 1,000 units' days.

The reference asks the bare fixes: PostGIS takes those of the hour by the key of their partition and
measures the distance of each. It finds only who left a fix there; the product also finds who went past
between two fixes, so it must find at least as many. The more units there are, the more the index has to
be worth.
"""

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psycopg
from sqlalchemy import text
from track import day

from data.cluster import Cluster
from data.database import Database
from data.editions import GridIndexes
from data.scope import Viewer
from patrol.tracking.columns import columns_to_copy
from patrol.tracks.analysis import analyse_changes, mark_days
from patrol.tracks.grids import VisitedGrids
from patrol.tracks.nearby import find_nearby

UNITS = (10, 100, 1_000)
EVERY = 3
"""Of the day's fixes every third: one in half a minute."""

RADIUS_M = 100.0
PLACES = 20
SIDE_DEG = 0.3
NINE = datetime(2025, 11, 22, 9, tzinfo=UTC)  # of the day of benchmarks/track.py
PERIOD = NINE, NINE + timedelta(hours=1)
LIMIT = 2.0


def main() -> int:
    # Where an unprivileged user may enter: PostgreSQL refuses to run as root.
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as folder:
        Path(folder).chmod(0o755)
        with Cluster(Path(folder) / "pg").running("nearby") as url:
            database = Database(url)
            database.migrate()
            before = 0
            for units in UNITS:
                walk(database, range(before, units))
                before = units
                ratio = compare(database, units)
            database.close()
    print(f"with {UNITS[-1]:,} units {ratio:.1f} times faster; must reach {LIMIT:g}")
    return 0 if ratio >= LIMIT else 1


def walk(database: Database, numbers: range) -> None:
    """The same day, each unit somewhere else in a town of 30 km, and what it means."""
    track = day((0.0, 0.0, 1.3, 1.3), 4.0)
    at = np.rint(track.t_s * 1e6).astype(np.int64).view("M8[us]")[::EVERY]
    with database.begin() as conn:
        for each in (NINE.date(), NINE.date() + timedelta(days=1)):
            conn.execute(text("SELECT make_fixes_partition(:day)"), {"day": each})
        unit_ids = conn.scalars(
            text(
                "INSERT INTO units (code, kind, name, role, always_on_duty) SELECT "
                "'U-' || n, 'vehicle', 'x', 'patroller', true FROM generate_series("
                "CAST(:first AS integer), :last) AS n RETURNING id"
            ),
            {"first": numbers.start, "last": numbers.stop - 1},
        ).all()
    with psycopg.connect(database.conninfo, autocommit=True) as conn:
        for number, unit_id in zip(numbers, unit_ids, strict=True):
            east, north = np.random.default_rng(number).random(2) * SIDE_DEG
            rows = [
                np.full(len(at), unit_id),
                at,
                track.lon[::EVERY] + east,
                track.lat[::EVERY] + north,
            ]
            copy = "COPY fixes (unit_id, at, lon, lat) FROM STDIN (FORMAT binary)"
            with conn.cursor().copy(copy) as to:
                to.write(columns_to_copy(rows))
    mark_days(database, None, None)
    analyse_changes(database, VisitedGrids(GridIndexes(database)), before=datetime.now(UTC))
    with psycopg.connect(database.conninfo, autocommit=True) as conn:
        conn.execute("VACUUM ANALYZE")


def compare(database: Database, units: int) -> float:
    """How many times faster, asked of several places where somebody is at half past nine."""
    with database.begin(Viewer.everything()) as conn:
        places = conn.execute(
            text(
                "SELECT lon, lat FROM fixes WHERE at BETWEEN :half AND :half + interval '29 s' "
                "ORDER BY unit_id LIMIT :places"
            ),
            {"half": NINE + timedelta(minutes=30), "places": PLACES},
        ).all()
        mine_s = reference_s = 0.0
        found = 0
        for place in places:
            began = time.perf_counter()
            nearby = find_nearby(conn, Viewer.everything(), tuple(place), RADIUS_M, PERIOD)
            mine_s += time.perf_counter() - began
            began = time.perf_counter()
            bare = conn.scalars(text(_BARE), _parameters(*place)).all()
            reference_s += time.perf_counter() - began
            assert {unit.unit.id for unit in nearby.units} >= set(bare)
            found += len(nearby.units)
    print(
        f"{units:5,} units: {mine_s / len(places) * 1e3:6.1f} ms, {found / len(places):.1f} found; bare "
        f"fixes {reference_s / len(places) * 1e3:6.1f} ms: {reference_s / mine_s:.1f} times faster"
    )
    return reference_s / mine_s


_BARE = """
SELECT DISTINCT unit_id FROM fixes
WHERE at >= :since AND at < :until AND ST_DWithin(
    ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography,
    ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)::geography, :radius_m
)
"""


def _parameters(lon: float, lat: float) -> dict[str, object]:
    since, until = PERIOD
    return {"lon": lon, "lat": lat, "radius_m": RADIUS_M, "since": since, "until": until}


if __name__ == "__main__":
    sys.exit(main())
