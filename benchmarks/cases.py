"""100,000 cases with their history: how long lists take, and how long from a report to its owner.

Through HTTP, one keep-alive connection, as a dispatcher, as a chief and as a worker, under row-level
security. The reference of a list is the same server answering /healthz; that of a report is a bare
INSERT of one row, committed. The demo town's cases are copied into the months before, with their events;
what is open stays as much as it is.
"""

import http.client
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import psycopg
from ingest import served
from sqlalchemy import text

from api.accounts import Role
from api.accounts.service import create_account, issue_token
from data.cluster import Cluster
from data.database import Database
from data.demo.loading import create_demo_town
from data.installation import Databases

CASES = 100_000
ASKED = 100
REPORTS = 400
LIST_LIMIT_MS, REPORT_LIMIT_MS = 50.0, 20.0


def main() -> int:
    # Where an unprivileged user may enter: PostgreSQL refuses to run as root.
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as folder:
        Path(folder).chmod(0o755)
        with Cluster(Path(folder) / "pg").running("cases") as url:
            database = Database(url)
            database.migrate()
            tokens, grid, places = prepare(database)
            with (
                Databases.beside(database) as databases,
                served(databases.application.whole_url) as port,
            ):
                lists = measure_lists(port, tokens, grid)
                reports = measure_reports(port, tokens["dispatcher"], places, database)
            database.close()
    return 0 if lists < LIST_LIMIT_MS and reports < REPORT_LIMIT_MS else 1


def prepare(database: Database) -> tuple[dict[str, str], str, list[tuple[float, float]]]:
    """A token for each role, a level-1 grid of many cases, and where cases happen."""
    town = create_demo_town(database, now=datetime.now(UTC))
    chief, worker = (
        next(person.staff_id for person in town.people if person.role == role)
        for role in (Role.GRID_CHIEF, Role.GRID_WORKER)
    )
    with database.begin() as conn:
        there = conn.scalar(text("SELECT count(*) FROM cases"))
        conn.execute(text(COPIES), {"copies": round(CASES / there * 1.05)})
        tokens = {}
        for name, role, staff_id in (
            ("dispatcher", Role.DISPATCHER, None),
            ("chief", Role.GRID_CHIEF, chief),
            ("worker", Role.GRID_WORKER, worker),
        ):
            create_account(conn, username=name, password=None, role=role, staff_id=staff_id)
            tokens[name] = issue_token(conn, name, datetime.now(UTC))
        grid = conn.scalar(
            text("SELECT grid_code FROM cases GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
        )
        places = conn.execute(
            text("SELECT ST_X(geom), ST_Y(geom) FROM cases ORDER BY id LIMIT :count"),
            {"count": REPORTS},
        ).all()
        counts = conn.execute(
            text(
                "SELECT (SELECT count(*) FROM cases), (SELECT count(*) FROM case_events), "
                "(SELECT count(*) FROM cases WHERE open)"
            )
        ).one()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("VACUUM ANALYZE cases, case_events")
    print("{:,} cases, {:,} events, {} open".format(*counts))
    return tokens, grid[:-2], [tuple(place) for place in places]


COPIES = """
WITH old AS (SELECT * FROM cases WHERE NOT open),
copied AS (
    INSERT INTO cases (
        number, state, source, category, description, urgent, reporter, geom, edition_id, grid_code,
        on_boundary, snapped_m, owner_staff_id, owner_role, owner_reason, tier, term, rework,
        returns, reported_at, filed_at, dispatched_at, accepted_at, due_at, handled_at, closed_at,
        version
    )
    SELECT number || '/' || copy, state, source, category, description, urgent, reporter, geom,
        edition_id, grid_code, on_boundary, snapped_m, owner_staff_id, owner_role, owner_reason, tier,
        term, rework, returns, reported_at - ago, filed_at - ago, dispatched_at - ago,
        accepted_at - ago, due_at - ago, handled_at - ago, closed_at - ago, version
    FROM old, generate_series(1, :copies) AS copy, make_interval(days => 30 * copy) AS ago
    RETURNING id, number
)
INSERT INTO case_events (case_id, seq, action, from_state, to_state, actor, note, details, at)
SELECT copied.id, seq, action, from_state, to_state, actor, note, details,
    at - make_interval(days => 30 * split_part(copied.number, '/', 2)::integer)
FROM copied
JOIN old ON old.number = split_part(copied.number, '/', 1)
JOIN case_events ON case_events.case_id = old.id
"""


def measure_lists(port: int, tokens: dict[str, str], grid: str) -> float:
    """Milliseconds, the slowest p95."""
    bare = asked(port, None, "/healthz")
    print(f"{'an empty request':42} {told(bare)}")
    slowest = 0.0
    for who, token in tokens.items():
        for what, query in (
            ("the newest", {}),
            ("what is open", {"open": "true"}),
            ("two states", {"state": ["in_progress", "dispatched"]}),
            ("a category", {"category": "safety.dog"}),
            ("a grid", {"grid": grid}),
            ("a rare state of a category", {"state": "void", "category": "facility.road"}),
            ("a box", {"bbox": "118.55,34.44,118.60,34.48"}),
            *([("my own", {"owner": "me"})] if who != "dispatcher" else []),
        ):
            found = asked(port, token, f"/api/v1/cases?{urlencode(query, doseq=True)}")
            slowest = max(slowest, p95(found))
            print(f"{who + ', ' + what:42} {told(found)}, {p95(found) / p95(bare):.1f} times empty")
        deep = asked(port, token, deep_page(port, token))
        slowest = max(slowest, p95(deep))
        print(f"{who + ', the hundredth page':42} {told(deep)}")
    print(f"slowest p95 of a list: {slowest:.1f} ms (limit {LIST_LIMIT_MS:g})")
    return slowest


def deep_page(port: int, token: str) -> str:
    path = "/api/v1/cases?limit=50"
    for _ in range(100):
        _, answer = get(connection := http.client.HTTPConnection("127.0.0.1", port), token, path)
        connection.close()
        after = json.loads(answer)["next"]
        if after is None:
            return path
        path = f"/api/v1/cases?limit=50&cursor={after}"
    return path


def measure_reports(
    port: int, token: str, places: Sequence[tuple[float, float]], database: Database
) -> float:
    """Milliseconds, the p99 from the report to the answer that names its owner."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    spent, owned = [], 0
    with psycopg.connect(database.conninfo, autocommit=True) as conn:
        conn.execute("CREATE TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY, said text)")
        bare = []
        for lon, lat in places:
            body = json.dumps({"lon": lon, "lat": lat, "description": "路口堆放垃圾"})
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            began = time.perf_counter()
            connection.request("POST", "/api/v1/cases", body, headers)
            answer = connection.getresponse()
            case = json.loads(answer.read())
            spent.append((time.perf_counter() - began) * 1e3)
            assert answer.status == 201, case
            owned += case["owner"] is not None
            began = time.perf_counter()
            conn.execute("INSERT INTO bare (said) VALUES ('路口堆放垃圾')")
            bare.append((time.perf_counter() - began) * 1e3)
    p99, bare_p99 = (float(np.percentile(values, 99)) for values in (spent, bare))
    print(f"a bare row, committed: median {np.median(bare):.2f} ms, p99 {bare_p99:.2f} ms")
    print(
        f"from report to owner ({owned} of {len(spent)} have one at once): median "
        f"{np.median(spent):.1f} ms, p99 {p99:.1f} ms (limit {REPORT_LIMIT_MS:g})"
    )
    return p99


def asked(port: int, token: str | None, path: str) -> list[float]:
    """Milliseconds of each request."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    run: Callable[[], tuple[float, bytes]] = lambda: get(connection, token, path)  # noqa: E731
    run()
    return [run()[0] for _ in range(ASKED)]


def get(
    connection: http.client.HTTPConnection, token: str | None, path: str
) -> tuple[float, bytes]:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    began = time.perf_counter()
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body
    return (time.perf_counter() - began) * 1e3, body


def p95(spent: Sequence[float]) -> float:
    return float(np.percentile(spent, 95))


def told(spent: Sequence[float]) -> str:
    return f"median {np.median(spent):6.1f} ms, p95 {p95(spent):6.1f} ms"


if __name__ == "__main__":
    sys.exit(main())
