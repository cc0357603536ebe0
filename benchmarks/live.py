"""From a fix in a device to the viewers' streams: 1,000 units that report once a second, 100 viewers.

The time of a fix is the moment before it is sent, so what is measured holds the request, the commit,
the notification, the read and the stream. Server and load share the machine.
"""

import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
from ingest import UNITS, Connection, prepare, served

from api.accounts import Role
from api.accounts.service import create_account, issue_token
from data.cluster import Cluster
from data.database import Database
from patrol.tracking.fix import Fix

VIEWERS = 100
SENDERS = 20
LASTS_S = 15.0
LIMIT_S = 1.0


def main() -> int:
    # Where an unprivileged user may enter: PostgreSQL refuses to run as root.
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as folder:
        Path(folder).chmod(0o755)
        with Cluster(Path(folder) / "pg").running("live") as url:
            database = Database(url)
            database.migrate()
            gateway = prepare(database)
            with database.begin() as conn:
                create_account(conn, username="viewer", password=None, role=Role.DISPATCHER)
                viewer = issue_token(conn, "viewer", datetime.now(UTC))
            with served(url) as port:
                delays = np.concatenate(asyncio.run(watch_and_report(port, gateway, viewer)))
            database.close()
    p50, p99 = np.quantile(delays, [0.5, 0.99])
    print(
        f"{VIEWERS} viewers, {UNITS} units, {len(delays)} positions seen: "
        f"median {p50 * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms (limit {LIMIT_S * 1e3:.0f})"
    )
    return 0 if p99 < LIMIT_S else 1


async def watch_and_report(port: int, gateway: str, viewer: str) -> list[np.ndarray]:
    starting = Connection(*await asyncio.open_connection("127.0.0.1", port))
    await starting.post(gateway, msgspec.json.encode([fix(0)]))  # once it has loaded the grids
    ends_at = time.monotonic() + LASTS_S
    viewers = [asyncio.create_task(watch(port, viewer, ends_at)) for _ in range(VIEWERS)]
    each = UNITS // SENDERS
    await asyncio.gather(
        *(
            report(port, gateway, range(first, first + each), ends_at)
            for first in range(0, UNITS, each)
        )
    )
    return await asyncio.gather(*viewers)


def fix(number: int) -> Fix:
    now = datetime.now(UTC)
    return Fix(unit=f"U-{number:04}", at=now, lon=118.6, lat=34.5, speed_mps=1.0)


async def report(port: int, token: str, numbers: range, ends_at: float) -> None:
    """Send the fixes of these units once a second."""
    connection = Connection(*await asyncio.open_connection("127.0.0.1", port))
    await asyncio.sleep(numbers.start / UNITS)
    while time.monotonic() < ends_at - 1:
        next_at = time.monotonic() + 1
        now = datetime.now(UTC)
        fixes = [Fix(unit=f"U-{n:04}", at=now, lon=118.6, lat=34.5, speed_mps=1.0) for n in numbers]
        await connection.post(token, msgspec.json.encode(fixes))
        await asyncio.sleep(max(0.0, next_at - time.monotonic()))


async def watch(port: int, token: str, ends_at: float) -> np.ndarray:
    """How old, in seconds, the positions were when their event was there."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    writer.write(
        "GET /api/v1/positions/stream HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {token}\r\n\r\n".encode()
    )
    delays: list[float] = []
    while time.monotonic() < ends_at:
        line = await reader.readline()
        if line.startswith(b"data:"):
            now = time.time()
            times = [part[:32].decode() for part in line.split(b'"at":"')[1::10]]  # a sample
            delays += [now - datetime.fromisoformat(at).timestamp() for at in times]
    writer.close()
    return np.array(delays)


if __name__ == "__main__":
    sys.exit(main())
