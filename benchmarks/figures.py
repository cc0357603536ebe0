"""100,000 cases of two years with their history: how long the panel, a ranking and a report take.

Through HTTP, one keep-alive connection, as a dispatcher and as a chief, under row-level security. The
reference is one bare statement that counts the cases reported in the same three periods, as the owner
of the table. `figures.py 2000` makes fewer.
"""

import http.client
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from frame.many_cases import ManyCases, asked, get, many_cases, p95, post, ratio, timed, told
from sqlalchemy import text

from api.accounts import Role
from data.database import Database
from gis.local_time import local_midnight

DAYS = 730
ASKED = 30
PANEL_LIMIT_MS, REPORT_LIMIT_S = 300.0, 10.0


def main() -> int:
    with many_cases(DAYS) as town:
        slowest = measure_panels(town)
        report_s = measure_report(town)
    return 0 if slowest < PANEL_LIMIT_MS and report_s < REPORT_LIMIT_S else 1


def measure_panels(town: ManyCases) -> float:
    """Milliseconds, the slowest p95."""
    today = local_midnight(datetime.now(UTC)) + timedelta(days=1)
    slowest = 0.0
    for days in (7, 30, 365):
        period = {"from": (today - timedelta(days=days)).isoformat(), "to": today.isoformat()}
        bare = timed(lambda days=days: bare_count(town.database, today, days), times=ASKED)
        print(f"{days} days, a bare count of three periods: {told(bare)}")
        for who in (Role.DISPATCHER, Role.GRID_CHIEF):
            for what, path in (
                ("panel", f"/api/v1/figures?{urlencode(period)}"),
                ("ranking", f"/api/v1/figures/rankings?{urlencode({**period, 'of': 'grids'})}"),
            ):
                connection = http.client.HTTPConnection("127.0.0.1", town.port)
                assert json.loads(get(connection, town.tokens[who], path)[1])["items"], path
                spent = asked(town.port, town.tokens[who], path, times=ASKED)
                print(
                    f"{days} days, {who}, {what}: {told(spent)}, {ratio(spent, bare):.1f} times bare"
                )
                if what == "panel":
                    slowest = max(slowest, p95(spent))
    print(f"slowest p95 of a panel: {slowest:.0f} ms (limit {PANEL_LIMIT_MS:g})")
    return slowest


def bare_count(database: Database, today: datetime, days: int) -> float:
    since, length = today - timedelta(days=days), timedelta(days=days)
    year = timedelta(days=365)
    edges = [(since, today), (since - length, since), (since - year, today - year)]
    with database.begin() as conn:
        began = time.perf_counter()
        for first, last in edges:
            conn.scalar(
                text("SELECT count(*) FROM cases WHERE reported_at >= :a AND reported_at < :b"),
                {"a": first, "b": last},
            )
        return (time.perf_counter() - began) * 1e3


def measure_report(town: ManyCases) -> float:
    """Seconds, the slowest of the last month, quarter and year: made and read."""
    token, slowest = town.tokens[Role.DISPATCHER], 0.0
    for kind, ago in (("month", 31), ("quarter", 92), ("year", 366)):
        day = (datetime.now(UTC) - timedelta(days=ago)).date()
        connection = http.client.HTTPConnection("127.0.0.1", town.port)
        body = json.dumps({"kind": kind, "date": day.isoformat()})
        made_ms, report = post(connection, token, "/api/v1/reports", body)
        made_s = made_ms / 1e3
        path = f"/api/v1/reports/{json.loads(report)['id']}"
        read_ms, content = get(connection, token, path)
        print(
            f"report of a {kind}: made in {made_s:.2f} s, read in {read_ms:.0f} ms, {len(content):,} B"
        )
        slowest = max(slowest, made_s)
    print(f"slowest report: {slowest:.1f} s (limit {REPORT_LIMIT_S:g})")
    return slowest


if __name__ == "__main__":
    sys.exit(main())
