"""From a fix in a device to the viewers' streams: 1,000 units that report once a second, and 1, 10 and
100 viewers of all of them.

The time of a fix is the moment before it is sent, so what is measured holds the request, the commit,
the notification, the read and the stream. Server and load share the machine. The reference is an asyncio
server that only writes: as many positions to as many connections, in events of the same size, each
stamped the moment before. What remains of the delay there is the machine and the viewers themselves.
"""

import asyncio
import multiprocessing
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from ingest import UNITS, Connection, prepare, served

from api.accounts import Role
from api.accounts.service import create_account, issue_token
from data.cluster import Cluster
from data.database import Database
from patrol.tracking.fix import Fix

VIEWERS = (1, 10, 100)
SENDERS = 20
LASTS_S = 10.0
LIMIT_S = 1.0
EVENTS_IN_A_SECOND = 10

Report = Callable[[float], Coroutine[Any, Any, None]]


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
                asyncio.run(report(port, gateway, range(UNITS), 0.0))  # it has started
                for viewers in VIEWERS:
                    p99_s = measure("Wangge", viewers, port, viewer, reporting(port, gateway))
            database.close()
    with bare_server() as port:
        for viewers in VIEWERS:
            measure("only written", viewers, port, viewer, wait)
    print(f"p99 of {VIEWERS[-1]} viewers {p99_s * 1e3:.0f} ms; limit {LIMIT_S * 1e3:.0f}")
    return 0 if p99_s < LIMIT_S else 1


def measure(what: str, viewers: int, port: int, token: str, report: Report) -> float:
    """The 99th percentile of how old positions are when they are seen, in seconds."""
    delays = np.concatenate(asyncio.run(watched(viewers, port, token, report)))
    p50, p99 = np.quantile(delays, [0.5, 0.99])
    print(
        f"{what:12} {viewers:3} viewers, {UNITS} units, {len(delays):6} positions looked at: "
        f"median {p50 * 1e3:4.0f} ms, p99 {p99 * 1e3:4.0f} ms"
    )
    return float(p99)


async def watched(viewers: int, port: int, token: str, report: Report) -> list[np.ndarray]:
    ends_at = time.monotonic() + LASTS_S
    watching = [asyncio.create_task(watch(port, token, ends_at)) for _ in range(viewers)]
    await report(ends_at)
    return await asyncio.gather(*watching)


async def wait(ends_at: float) -> None:
    await asyncio.sleep(ends_at - time.monotonic())


def reporting(port: int, token: str) -> Report:
    async def report_all(ends_at: float) -> None:
        each = UNITS // SENDERS
        await asyncio.gather(
            *(
                report(port, token, range(first, first + each), ends_at)
                for first in range(0, UNITS, each)
            )
        )

    return report_all


def fix(number: int) -> Fix:
    now = datetime.now(UTC)
    return Fix(unit=f"U-{number:04}", at=now, lon=118.6, lat=34.5, speed_mps=1.0)


async def report(port: int, token: str, numbers: range, ends_at: float) -> None:
    """Send the fixes of these units, and again once a second."""
    connection = Connection(*await asyncio.open_connection("127.0.0.1", port))
    await asyncio.sleep(numbers.start / UNITS)
    while True:
        next_at = time.monotonic() + 1
        fixes = [fix(number) for number in numbers]
        await connection.post(token, msgspec.json.encode(fixes))
        if next_at > ends_at - 1:
            return
        await asyncio.sleep(max(0.0, next_at - time.monotonic()))


async def watch(port: int, token: str, ends_at: float) -> np.ndarray:
    """How old, in seconds, the positions were when their event was there."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    writer.write(
        "GET /api/v1/positions/stream HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {token}\r\n\r\n".encode()
    )
    delays: list[float] = []
    while not (await reader.readline()).startswith(b"data:"):
        pass  # the first event is a picture of what was before
    while time.monotonic() < ends_at:
        line = await reader.readline()
        if line.startswith(b"data:"):
            now = time.time()
            times = [part[:32].decode() for part in line.split(b'"at":"')[1::10]]  # a sample
            delays += [now - datetime.fromisoformat(at).timestamp() for at in times]
    writer.close()
    return np.array(delays)


@contextmanager
def bare_server() -> Iterator[int]:
    """The port of the reference."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        process = multiprocessing.get_context("spawn").Process(
            target=write_on_and_on, args=(listener,), daemon=True
        )
        process.start()
        yield listener.getsockname()[1]
        process.terminate()
        process.join()


def write_on_and_on(listener: socket.socket) -> None:
    item = (
        b'{"unit":"U-0000","name":"U-0","role":"patroller","kind":"person","at":"%b","state":"moving",'
        b'"accuracy_m":null,"speed_mps":1.0,"heading_deg":null,"altitude_m":null,"battery_pct":null,'
        b'"stale_after_s":90.0,"offline_after_s":600.0,"grid":{"code":"G0505","name":"5/5"},'
        b'"lon":118.6,"lat":34.5}'
    )

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        with suppress(ConnectionError):
            while True:
                next_at = time.monotonic() + 1 / EVENTS_IN_A_SECOND
                now = datetime.now(UTC).isoformat().encode()
                items = [item % now] * (UNITS // EVENTS_IN_A_SECOND)
                writer.write(b'data: {"items":[%b]}\n\n' % b",".join(items))
                await writer.drain()
                await asyncio.sleep(max(0.0, next_at - time.monotonic()))

    async def run() -> None:
        await (await asyncio.start_server(serve, sock=listener)).serve_forever()

    asyncio.run(run())


if __name__ == "__main__":
    sys.exit(main())
