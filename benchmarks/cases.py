"""100,000 cases with their history: how long lists take, and how long from a report to its owner.

Through HTTP, one keep-alive connection, as a dispatcher, as a chief and as a worker, under row-level
security. The reference of a list is the same server answering /healthz; that of a report is a bare
INSERT of one row, committed. `cases.py 2000` makes fewer.
"""

import http.client
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import numpy as np
import psycopg
from frame.many_cases import ManyCases, asked, get, many_cases, p95, post, ratio, told
from sqlalchemy import text

from api.accounts import Role

DAYS = 5 * 365
ASKED = 40  # of each kind: an account may ask 1,200 times a minute
REPORTS = 400
LIST_LIMIT_MS, PAIRS_LIMIT_MS, REPORT_LIMIT_MS = 50.0, 300.0, 20.0


def main() -> int:
    with many_cases(DAYS) as town:
        grid, places = where_cases_happen(town)
        lists = measure_lists(town, grid)
        pairs = measure_pairs(town)
        reports = measure_reports(town, places)
    is_fast = lists < LIST_LIMIT_MS and pairs < PAIRS_LIMIT_MS and reports < REPORT_LIMIT_MS
    return 0 if is_fast else 1


def where_cases_happen(town: ManyCases) -> tuple[str, list[tuple[float, float]]]:
    """A level-1 grid of many cases, and the places of some."""
    with town.database.begin() as conn:
        grid = conn.scalar(
            text("SELECT grid_code FROM cases GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
        )
        places = conn.execute(
            text("SELECT ST_X(geom), ST_Y(geom) FROM cases ORDER BY id LIMIT :count"),
            {"count": REPORTS},
        ).all()
    return grid[:-2], [tuple(place) for place in places]


def measure_lists(town: ManyCases, grid: str) -> float:
    """Milliseconds, the slowest p95."""
    bare = asked(town.port, None, "/healthz", times=ASKED)
    print(f"{'an empty request':42} {told(bare)}")
    month_ago = datetime.now(UTC) - timedelta(days=30)
    with town.database.begin() as conn:
        number = conn.scalar(text("SELECT number FROM cases ORDER BY id OFFSET 500 LIMIT 1"))
    slowest = 0.0
    for who, token in town.tokens.items():
        for what, query in (
            ("the newest", {}),
            ("what is open", {"open": "true"}),
            ("two states", {"state": ["in_progress", "dispatched"]}),
            ("a category", {"category": "safety.dog"}),
            ("a grid", {"grid": grid}),
            ("a rare state of a category", {"state": "void", "category": "facility.road"}),
            ("a number", {"q": number}),
            ("a number's beginning", {"q": number[:8]}),
            ("a ticket's beginning", {"q": f"GD{number}"}),
            ("a number that is none", {"q": "AH19990101-0001"}),
            ("a category by its name", {"q": "犬"}),
            ("a source", {"source": "hotline"}),
            ("a source without cases", {"source": "open311"}),
            ("a month", {"from": month_ago.isoformat()}),
            ("a month of a department", {"from": month_ago.isoformat(), "department": "water"}),
            ("overdue", {"overdue": "true"}),
            ("overdue and open", {"overdue": "true", "open": "true"}),
            ("urgent", {"urgent": "true"}),
            ("supervised", {"supervised": "true"}),
            ("by deadline", {"sort": "due"}),
            ("open, by deadline", {"sort": "due", "open": "true"}),
            ("a department, by deadline", {"sort": "due", "department": "water"}),
            ("a month, by deadline", {"sort": "due", "from": month_ago.isoformat()}),
            ("a box", {"bbox": "118.55,34.44,118.60,34.48"}),
            *([("my own", {"owner": "me"})] if who != Role.DISPATCHER else []),
        ):
            path = f"/api/v1/cases?{urlencode(query, doseq=True)}"
            found = asked(town.port, token, path, times=ASKED)
            slowest = max(slowest, p95(found))
            print(f"{who + ', ' + what:42} {told(found)}, {ratio(found, bare):.1f} times empty")
        for what, order in (("", "newest"), (" by deadline", "due")):
            deep = asked(town.port, token, deep_page(town.port, token, order), times=ASKED)
            slowest = max(slowest, p95(deep))
            print(f"{who + ', the hundredth page' + what:42} {told(deep)}")
    print(f"slowest p95 of a list: {slowest:.1f} ms (limit {LIST_LIMIT_MS:g})")
    return slowest


def measure_pairs(town: ManyCases) -> float:
    """Milliseconds, the slowest p95 of a page of what may be the same in a year."""
    until = datetime.now(UTC)
    period = {"from": (until - timedelta(days=365)).isoformat(), "to": until.isoformat()}
    path = f"/api/v1/case-duplicates?{urlencode({**period, 'limit': 100})}"
    slowest = 0.0
    for who, token in town.tokens.items():
        found = asked(town.port, token, path, times=ASKED)
        slowest = max(slowest, p95(found))
        print(f"{who + ', a hundred pairs of a year':42} {told(found)}")
    print(f"slowest p95 of pairs: {slowest:.1f} ms (limit {PAIRS_LIMIT_MS:g})")
    return slowest


def deep_page(port: int, token: str, order: str) -> str:
    path = first = f"/api/v1/cases?limit=50&sort={order}"
    for _ in range(100):
        _, answer = get(connection := http.client.HTTPConnection("127.0.0.1", port), token, path)
        connection.close()
        after = json.loads(answer)["next"]
        if after is None:
            return path
        path = f"{first}&cursor={after}"
    return path


def measure_reports(town: ManyCases, places: Sequence[tuple[float, float]]) -> float:
    """Milliseconds, the p99 from the report to the answer that names its owner."""
    connection = http.client.HTTPConnection("127.0.0.1", town.port)
    spent, owned = [], 0
    with psycopg.connect(town.database.conninfo, autocommit=True) as conn:
        conn.execute("CREATE TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY, said text)")
        bare = []
        for lon, lat in places:
            body = json.dumps({"lon": lon, "lat": lat, "description": "路口堆放垃圾"})
            spent_ms, answer = post(connection, town.tokens[Role.DISPATCHER], "/api/v1/cases", body)
            spent.append(spent_ms)
            owned += json.loads(answer)["owner"] is not None
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


if __name__ == "__main__":
    sys.exit(main())
