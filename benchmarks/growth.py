"""Fixes in while ever more are stored: from 1 to 20 million, a million a day of a thousand units.

The reference is another database beside it, on the same server, which stays at one million: both take
the same fixes in turn, so that what else the machine does at that moment is in both. Storing a fix must
cost the same. Beside it, what reading the thousand fixes of a unit's day costs.
"""

import asyncio
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import psycopg
from ingest import UNITS, Town, in_process, prepare

from data.cluster import Cluster
from data.database import Database
from data.scope import Viewer
from patrol.tracking.columns import columns_to_copy
from patrol.tracks.fixes import read_fixes

MILLIONS = (1, 2, 5, 10, 20)
A_DAY = 1_000_000
MEASURED, EACH = 30_000, 1_000
ROUNDS = 7
LIMIT = 1.3


class Installation:
    """A database, and how many days are stored in it."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.database.migrate()
        prepare(self.database)
        self.town = Town()
        self.days = 0

    def fill(self, millions: int) -> None:
        while self.days < millions:
            self.days += 1
            fill(self.database, datetime.now(UTC).date() - timedelta(days=1 + self.days))
        with psycopg.connect(self.database.conninfo, autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE")
            conn.execute("CHECKPOINT")

    def cost_s(self) -> float:
        """Of a fix."""
        run = in_process(self.database, self.town, total=MEASURED, each=EACH)
        return 1 / asyncio.run(run)


def main() -> int:
    # Where an unprivileged user may enter: PostgreSQL refuses to run as root.
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "pg")
        with cluster.running("small") as url:
            small, large = Installation(url), Installation(cluster.create_database("large"))
            small.fill(MILLIONS[0])
            for millions in MILLIONS:
                large.fill(millions)
                growth = measure(small, large)
            small.database.close()
            large.database.close()
    print(
        f"a fix costs {growth:.2f} times as much with {MILLIONS[-1]} million stored as with "
        f"{MILLIONS[0]}; limit {LIMIT}"
    )
    return 0 if growth <= LIMIT else 1


def fill(database: Database, day: date) -> None:
    """A million fixes of a day: a thousand of each unit."""
    begin = np.datetime64(day, "us")
    unit_id = np.repeat(np.arange(1, UNITS + 1), A_DAY // UNITS)
    at = np.tile(begin + np.arange(A_DAY // UNITS) * np.timedelta64(86_000_000, "us"), UNITS)
    place = np.random.default_rng(day.toordinal()).random((2, A_DAY)) * 0.3
    with psycopg.connect(database.conninfo, autocommit=True) as conn:
        conn.execute("SELECT make_fixes_partition(%s)", [day])
        copy = "COPY fixes (unit_id, at, lon, lat, grid_id) FROM STDIN (FORMAT binary)"
        with conn.cursor().copy(copy) as to:
            to.write(
                columns_to_copy([unit_id, at, 118.5 + place[0], 34.4 + place[1], unit_id % 256 + 1])
            )


def measure(small: Installation, large: Installation) -> float:
    """How many times as much as in the small one a fix costs in the large one, the best of several."""
    costs = [(small.cost_s(), large.cost_s()) for _ in range(ROUNDS)]
    reference, mine = map(min, zip(*costs, strict=True))
    read_s = min(read_a_day(large.database) for _ in range(ROUNDS))
    print(
        f"{large.days:3} million stored: {mine * 1e6:5.1f} µs a fix, with {small.days} million "
        f"{reference * 1e6:5.1f} µs: {mine / reference:.2f} times; a unit's day is read in "
        f"{read_s * 1e3:.1f} ms"
    )
    return mine / reference


def read_a_day(database: Database) -> float:
    since = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since -= timedelta(days=2)
    began = time.perf_counter()
    with database.begin(Viewer.everything()) as conn:
        [found] = read_fixes(conn, [UNITS // 2], since, since + timedelta(days=1))
    assert len(found.track) == A_DAY // UNITS
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
