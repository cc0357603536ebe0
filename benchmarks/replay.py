"""A replay out: one unit's day of 8,640 fixes, and the same day of many units.

The reference for one unit is psycopg reading the same columns of the same fixes, row by row. Against it
stands what the server does for the same request: the columns, the flags, the document; in process, then
through HTTP. First of a day that is still to be worked out, so that its stops are looked for, then of
one whose stops are stored.

For many units the answer is read as it arrives: when the first unit was there, when all were, and how
much memory the server's process grew by, for 3, 30 and 300 units.
"""

import http.client
import multiprocessing
import re
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psycopg
from ingest import served
from sqlalchemy import text
from track import day

from api.accounts import Role
from api.accounts.service import create_account, issue_token
from data.cluster import Cluster
from data.database import Database
from data.editions import GridIndexes
from data.scope import Viewer
from patrol.tracking.columns import columns_to_copy
from patrol.tracking.units import Unit, list_units
from patrol.tracks.analysis import analyse_changes
from patrol.tracks.grids import VisitedGrids
from patrol.tracks.replay import replay

UNITS = 300
SINCE = datetime(2025, 11, 22, tzinfo=UTC)  # when the day of benchmarks/track.py begins
UNTIL = SINCE + timedelta(days=1)
ROUNDS = 9
LIMIT_S, GROWTH_LIMIT_MB = 0.050, 64


def main() -> int:
    # Where an unprivileged user may enter: PostgreSQL refuses to run as root.
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as folder:
        Path(folder).chmod(0o755)
        with Cluster(Path(folder) / "pg").running("replay") as url:
            database = Database(url)
            database.migrate()
            units, token = prepare(database)
            with served(url) as port:
                one_unit(database, units[0], port, token, "still to be worked out")
                work_out(database)
                one = one_unit(database, units[0], port, token, "worked out")
                growth_mb = many_units(units, port, token)
            database.close()
    return 0 if one < LIMIT_S and growth_mb < GROWTH_LIMIT_MB else 1


def prepare(database: Database) -> tuple[list[Unit], str]:
    """The units, who walk the same day beside each other, and a dispatcher's token."""
    track = day((0.0, 0.0, 1.3, 1.3), 4.0)
    at = np.rint(track.t_s * 1e6).astype(np.int64).view("M8[us]")
    with database.begin() as conn:
        create_account(conn, username="viewer", password=None, role=Role.DISPATCHER)
        token = issue_token(conn, "viewer", datetime.now(UTC))
        conn.execute(text("SELECT make_fixes_partition(:day)"), {"day": SINCE.date()})
        conn.execute(
            text(
                "INSERT INTO units (code, kind, name, role) SELECT 'U-' || to_char(n, 'FM000'), "
                "'person', 'x', 'patroller' FROM generate_series(1, :units) AS n"
            ),
            {"units": UNITS},
        )
        units = list_units(conn, Viewer.everything(), limit=UNITS)
    with psycopg.connect(database.conninfo, autocommit=True) as conn:
        copy = "COPY fixes (unit_id, at, lon, lat) FROM STDIN (FORMAT binary)"
        for number, unit in enumerate(units):
            ids = np.full(len(at), unit.id)
            rows = [ids, at, track.lon + number * 1e-4, track.lat]
            with conn.cursor().copy(copy) as to:
                to.write(columns_to_copy(rows))
        conn.execute(
            "INSERT INTO changed_days (unit_id, day) SELECT id, day FROM units, unnest(%s) AS day",
            [[SINCE.date(), UNTIL.date()]],
        )
        conn.execute("VACUUM ANALYZE fixes")
    return units, token


def work_out(database: Database) -> None:
    analyse_changes(database, VisitedGrids(GridIndexes(database)), before=datetime.now(UTC))


def one_unit(database: Database, unit: Unit, port: int, token: str, day: str) -> float:
    """Seconds of the server for one unit's day."""
    with psycopg.connect(database.conninfo) as conn:
        bare = best(lambda: read_bare(conn, unit))
    mine = best(lambda: list(replay(database, Viewer.everything(), [unit], SINCE, UNTIL)))
    answer_s = best(lambda: fetch(port, token, [unit]))
    print(
        f"one unit's day, {day}: {mine * 1e3:.1f} ms in process, {answer_s * 1e3:.1f} ms through HTTP "
        f"(limit {LIMIT_S * 1e3:.0f}); psycopg's own read of these rows {bare * 1e3:.1f} ms: "
        f"{answer_s / bare:.2f} of it"
    )
    return answer_s


def read_bare(conn: psycopg.Connection, unit: Unit) -> None:
    found = conn.execute(
        "SELECT at, lon, lat, accuracy_m FROM fixes WHERE unit_id = %s AND at >= %s AND at < %s "
        "ORDER BY at",
        [unit.id, SINCE, UNTIL],
    ).fetchall()
    assert len(found) == 8640


def many_units(units: list[Unit], port: int, token: str) -> float:
    """How many MB the server's process grew by, from the fewest units to the most."""
    [server] = multiprocessing.active_children()
    peaks_mb = []
    for count in (UNITS // 100, UNITS // 10, UNITS):
        first_s, all_s, size = fetch(port, token, units[:count])
        peaks_mb.append(peak_mb(server.pid or 0))
        print(
            f"{count:3} units: the first after {first_s * 1e3:.0f} ms, all after {all_s:.1f} s, "
            f"{count * 8640 / all_s:,.0f} fixes/s, {size / 1e6:.1f} MB compressed; "
            f"peak of the server {peaks_mb[-1]:.0f} MB"
        )
    growth_mb = peaks_mb[-1] - peaks_mb[0]
    print(
        f"peak memory grew by {growth_mb:.0f} MB for 100 times the units; limit {GROWTH_LIMIT_MB}"
    )
    return growth_mb


def fetch(port: int, token: str, units: list[Unit]) -> tuple[float, float, int]:
    """When the first unit was there and when all were, in seconds, and how many bytes that took."""
    codes = ",".join(unit.code for unit in units)
    path = f"/api/v1/replay?units={codes}&from={SINCE:%Y-%m-%dT%H:%MZ}&to={UNTIL:%Y-%m-%dT%H:%MZ}"
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "gzip"}
    connection.request("GET", f"{path}&reason=benchmark", headers=headers)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    size, lines, first_s, inflate = 0, 0, 0.0, zlib.decompressobj(31)
    while chunk := answer.read1(65536):
        size += len(chunk)
        lines += inflate.decompress(chunk).count(b"\n")
        if not first_s and lines > 1:  # the head is a line, and then each unit
            first_s = time.perf_counter() - began
    connection.close()
    return first_s, time.perf_counter() - began, size


def peak_mb(pid: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


def best(run: Callable[[], object]) -> float:
    """The shortest of several times, in seconds."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return min(times)


if __name__ == "__main__":
    sys.exit(main())
