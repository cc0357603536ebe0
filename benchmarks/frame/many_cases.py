"""The demo town with many cases and their history, served, and asked over HTTP.

What is closed in the demo town is copied, with its events, into the time before; what is open stays as
much as it is. One in twenty was on hold until it was handled.
"""

import http.client
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from ingest import served
from sqlalchemy import text

from api.accounts import Role
from api.accounts.service import create_account, issue_token
from data.cluster import Cluster
from data.database import Database
from data.demo.loading import create_demo_town
from data.installation import Databases

CASES = 100_000


@dataclass(frozen=True, kw_only=True)
class ManyCases:
    """`database` is its owner's. `tokens` are those of a dispatcher, a chief and a worker, by role."""

    database: Database
    port: int
    tokens: Mapping[Role, str]


@contextmanager
def many_cases(days: int) -> Iterator[ManyCases]:
    """Over so many days; as many as the command line says, or CASES."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CASES
    # Where an unprivileged user may enter: PostgreSQL refuses to run as root.
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as folder:
        Path(folder).chmod(0o755)
        with Cluster(Path(folder) / "pg").running("cases") as url:
            database = Database(url)
            database.migrate()
            tokens = _prepare(database, count, days)
            with (
                Databases.beside(database) as databases,
                served(databases.application.whole_url) as port,
            ):
                yield ManyCases(database=database, port=port, tokens=tokens)
            database.close()


def _prepare(database: Database, count: int, days: int) -> Mapping[Role, str]:
    town = create_demo_town(database, now=datetime.now(UTC))
    tokens = {}
    with database.begin() as conn:
        there = conn.scalar(text("SELECT count(*) FROM cases WHERE NOT open"))
        conn.execute(text(COPIES), {"copies": max(1, round(count / there)), "days": days})
        conn.execute(text(HOLDS))
        for role in (Role.DISPATCHER, Role.GRID_CHIEF, Role.GRID_WORKER):
            staff_id = next((each.staff_id for each in town.people if each.role == role), None)
            create_account(conn, username=role, password=None, role=role, staff_id=staff_id)
            tokens[role] = issue_token(conn, role, datetime.now(UTC))
        counts = conn.execute(
            text(
                "SELECT (SELECT count(*) FROM cases), (SELECT count(*) FROM case_events), "
                "(SELECT count(*) FROM cases WHERE open)"
            )
        ).one()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("VACUUM ANALYZE")
    print("{:,} cases of {} days, {:,} events, {} open".format(counts[0], days, *counts[1:]))
    return tokens


COPIES = """
WITH old AS (SELECT * FROM cases WHERE NOT open),
copied AS (
    INSERT INTO cases (
        number, state, source, category, description, urgent, reporter, geom, edition_id, grid_code,
        on_boundary, snapped_m, owner_staff_id, owner_role, owner_reason, tier, term, rework,
        returns, reported_at, filed_at, dispatched_at, accepted_at, due_at, handled_at, closed_at,
        rating, version, external_number, department, supervised_at
    )
    SELECT number || '/' || copy, state, source, category, description, urgent, reporter, geom,
        edition_id, grid_code, on_boundary, snapped_m, owner_staff_id, owner_role, owner_reason, tier,
        term, rework, returns, reported_at - ago, filed_at - ago, dispatched_at - ago,
        accepted_at - ago, due_at - ago, handled_at - ago, closed_at - ago,
        CASE WHEN closed_at IS NOT NULL AND copy % 3 > 0 THEN 'satisfied' END, version,
        CASE WHEN source = 'hotline' THEN 'GD' || number || '/' || copy END,
        CASE copy % 5 WHEN 0 THEN 'water' WHEN 1 THEN 'market' END,
        CASE WHEN copy % 100 = 0 THEN closed_at - ago END
    FROM old, generate_series(1, :copies) AS copy,
        make_interval(hours => 24 * :days * copy / :copies) AS ago
    ORDER BY reported_at - ago
    RETURNING id, number, reported_at
)
INSERT INTO case_events (case_id, seq, action, from_state, to_state, actor, note, details, at)
SELECT copied.id, seq, action, from_state, to_state, actor, note, details,
    at + (copied.reported_at - old.reported_at)
FROM copied
JOIN old ON old.number = split_part(copied.number, '/', 1)
JOIN case_events ON case_events.case_id = old.id
"""

HOLDS = """
INSERT INTO case_holds (case_id, seq, began_at, ended_at)
SELECT id, version, dispatched_at, handled_at FROM cases
WHERE id % 20 = 0 AND handled_at > dispatched_at
"""


def asked(port: int, token: str | None, path: str, *, times: int) -> list[float]:
    """Milliseconds of each request, through one keep-alive connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    return timed(lambda: get(connection, token, path)[0], times=times)


def timed(run: Callable[[], float], *, times: int) -> list[float]:
    """What each run says, but for the first."""
    run()
    return [run() for _ in range(times)]


def get(
    connection: http.client.HTTPConnection, token: str | None, path: str
) -> tuple[float, bytes]:
    """Milliseconds, and the body."""
    return _ask(connection, token, "GET", path, None, status=200)


def post(
    connection: http.client.HTTPConnection, token: str, path: str, body: str
) -> tuple[float, bytes]:
    """The same of making something."""
    return _ask(connection, token, "POST", path, body, status=201)


def _ask(
    connection: http.client.HTTPConnection,
    token: str | None,
    method: str,
    path: str,
    body: str | None,
    *,
    status: int,
) -> tuple[float, bytes]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    began = time.perf_counter()
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    spent_ms = (time.perf_counter() - began) * 1e3
    assert answer.status == status, content
    return spent_ms, content


def p95(spent: Sequence[float]) -> float:
    return float(np.percentile(spent, 95))


def told(spent: Sequence[float]) -> str:
    return f"median {np.median(spent):6.1f} ms, p95 {p95(spent):6.1f} ms"


def ratio(spent: Sequence[float], bare: Sequence[float]) -> float:
    return p95(spent) / p95(bare)
