"""Fixes in: durable, deduplicated, checked, located and of units on duty, against a bare binary COPY
of the same rows.

The reference is psycopg sending ready-made bytes, 10,000 rows at a time, into a table like `fixes`,
partitions and key included. Against it stands what the product does with JSON: in process (decoding,
recorder) and through HTTP (uvicorn in a process of its own, its worker beside it, keep-alive
connections, one account).
Every acknowledged fix is on disk; the private cluster is a durable one. Single fixes are measured
against the same server answering requests without one.
"""

import asyncio
import multiprocessing
import socket
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path

import msgspec
import numpy as np
import psycopg
import uvicorn
from shapely import MultiPolygon, box
from sqlalchemy import insert, text

from api.accounts import Role
from api.accounts.service import create_account, issue_token
from api.app import create_app
from api.interpreter import answer_promptly
from api.settings import ServerSettings
from api.worker.order import Order
from api.worker.process import WorkerProcess
from data.cluster import Cluster
from data.database import Database
from data.editions import GridIndexes
from data.installation import Databases
from data.schema import grid_editions, grids, units
from patrol.tracking.columns import columns_to_copy
from patrol.tracking.fix import Fix, decode_fixes
from patrol.tracking.recorder import Recorder
from patrol.tracking.rows import STORED, fixes_to_rows

UNITS = 1000
CONNECTIONS = 64
WEST, SOUTH, SIDE_DEG, ACROSS = 118.5, 34.4, 0.02, 16  # 256 square grids
ROUNDS = 3
LIMIT, SINGLE_LIMIT = 1 / 3, 1 / 2

BARE, EMPTY, SINGLE = "bare COPY", "HTTP, empty requests", "HTTP, single fixes"


class Town:
    """A thousand units, each with a fix every second, from yesterday on."""

    def __init__(self) -> None:
        self._begin = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=23)
        self._numbers = count()
        self._random = np.random.default_rng(20261122)

    def fixes(self, how_many: int) -> list[Fix]:
        lon = WEST + self._random.random(how_many) * SIDE_DEG * ACROSS
        lat = SOUTH + self._random.random(how_many) * SIDE_DEG * ACROSS
        return [
            Fix(
                unit=f"U-{number % UNITS:04}",
                at=self._begin + timedelta(seconds=number // UNITS),
                lon=round(x, 6),
                lat=round(y, 6),
                accuracy_m=5.5,
                speed_mps=1.25,
                heading_deg=90.0,
                battery_pct=80.0,
            )
            for number, x, y in zip(
                islice(self._numbers, how_many), lon.tolist(), lat.tolist(), strict=True
            )
        ]

    def bodies(self, total: int, each: int) -> list[bytes]:
        return [msgspec.json.encode(self.fixes(each)) for _ in range(total // each)]


def bare_copy(conninfo: str, town: Town, *, total: int, each: int = 10_000) -> float:
    """Rows a second of the reference."""
    messages = []
    for _ in range(total // each):
        rows = fixes_to_rows(town.fixes(each))
        rows["unit_id"] = np.arange(each) % UNITS + 1
        rows["grid_id"] = 1
        messages.append(columns_to_copy([rows[name] for name in STORED]))
    with psycopg.connect(conninfo, autocommit=True) as conn:
        conn.execute("DROP TABLE IF EXISTS bare")
        conn.execute("CREATE TABLE bare (LIKE fixes INCLUDING ALL) PARTITION BY RANGE (at)")
        today = datetime.now(UTC).date()
        for day in (today - timedelta(days=1), today):
            conn.execute(
                f"CREATE TABLE bare_{day:%Y%m%d} PARTITION OF bare "
                f"FOR VALUES FROM ('{day}Z') TO ('{day + timedelta(days=1)}Z')"
            )
        copy = f"COPY bare ({', '.join(STORED)}) FROM STDIN (FORMAT binary)"
        began = time.perf_counter()
        for message in messages:
            with conn.cursor().copy(copy) as to:
                to.write(message)
        return total / (time.perf_counter() - began)


def at_once(each: int) -> int:
    """How many senders there are with `each` fixes; more than 50,000 waiting ones are refused."""
    return min(CONNECTIONS, 40_000 // each)


async def all_of(
    bodies: Sequence[bytes], senders: int, send: Callable[[int, bytes], Awaitable[None]]
) -> float:
    """Send every body, one after the other each sender. Returns the seconds it took."""
    waiting = iter(bodies)

    async def sender(number: int) -> None:
        for body in waiting:
            await send(number, body)

    began = time.perf_counter()
    await asyncio.gather(*(sender(number) for number in range(senders)))
    return time.perf_counter() - began


async def in_process(database: Database, town: Town, *, total: int, each: int) -> float:
    async with Recorder(database, GridIndexes(database)) as recorder:

        async def send(_: int, body: bytes) -> None:
            receipt = await recorder.record(decode_fixes(body))
            assert receipt.accepted == each, receipt

        await send(0, town.bodies(each, each)[0])  # connects, builds the grid index
        return total / await all_of(town.bodies(total, each), at_once(each), send)


class Connection:
    """The least of an HTTP client, so that the server gets the machine."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def post(self, token: str, body: bytes) -> bytes:
        self._writer.write(
            f"POST /api/v1/fixes HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
        return await self._reader.readexactly(int(length))


async def through_http(port: int, token: str, bodies: Sequence[bytes], *, accepted: int) -> float:
    """Requests a second. Each body has `accepted` fixes."""
    senders = at_once(max(accepted, 1))
    connections = [
        Connection(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(senders)
    ]
    expected = b'{"accepted":%d,"duplicates":0,"rejected":[]}' % accepted

    async def send(number: int, body: bytes) -> None:
        answer = await connections[number].post(token, body)
        assert answer == expected, answer

    return len(bodies) / await all_of(bodies, senders, send)


def prepare(database: Database) -> str:
    """Units, grids and the gateway's account. Returns its token."""
    with database.begin() as conn:
        conn.execute(
            insert(units),
            [
                {"code": f"U-{n:04}", "kind": "person", "name": f"U-{n}", "role": "patroller"}
                for n in range(UNITS)
            ],
        )
        # A year's shifts behind everybody, and today's, which goes on.
        conn.execute(
            text(
                "INSERT INTO duty_sessions (unit_id, began_at, ended_at) "
                "SELECT id, shift, shift + interval '8 hours' FROM units, generate_series("
                "now() - interval '1 year', now() - interval '3 days', '36 hours') AS shift"
            )
        )
        conn.execute(
            text(
                "INSERT INTO duty_sessions (unit_id, began_at) "
                "SELECT id, now() - interval '1 day' FROM units"
            )
        )
        edition = conn.scalar(
            insert(grid_editions)
            .values(name="benchmark", state="active", content_hash="benchmark")
            .returning(grid_editions.c.id)
        )
        squares = [(column, row) for column in range(ACROSS) for row in range(ACROSS)]
        conn.execute(
            insert(grids),
            [
                {
                    "edition_id": edition,
                    "code": f"G{column:02}{row:02}",
                    "name": f"{column}/{row}",
                    "level": 1,
                    "area_m2": 1.0,
                    "geom": f"SRID=4326;{_square(column, row).wkt}",
                }
                for column, row in squares
            ],
        )
        create_account(conn, username="gateway", password=None, role=Role.GATEWAY)
        token = issue_token(conn, "gateway", datetime.now(UTC))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("VACUUM ANALYZE"))
    return token


def _square(column: int, row: int) -> MultiPolygon:
    west, south = WEST + column * SIDE_DEG, SOUTH + row * SIDE_DEG
    return MultiPolygon([box(west, south, west + SIDE_DEG, south + SIDE_DEG)])


@contextmanager
def served(url: str) -> Iterator[int]:
    """The port of the product's application in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = multiprocessing.get_context("spawn").Process(
            target=serve, args=(url, listener), daemon=True
        )
        process.start()
        yield listener.getsockname()[1]
        process.terminate()
        process.join()


def serve(url: str, listener: socket.socket) -> None:
    app = create_app(Database(url), ServerSettings())
    answer_promptly()
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


def main() -> int:
    # Where an unprivileged user may enter: PostgreSQL refuses to run as root.
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as folder:
        Path(folder).chmod(0o755)
        with Cluster(Path(folder) / "pg").running("ingest") as url:
            database = Database(url)
            database.migrate()
            token = prepare(database)
            town = Town()
            best: dict[str, float] = {}
            for _ in range(ROUNDS):  # side by side, for the machine is never the same twice
                for what, rate in measured(database, url, town, token):
                    best[what] = max(best.get(what, 0), rate)
            database.close()
    return 0 if report(best) else 1


def measured(database: Database, url: str, town: Town, token: str) -> Iterator[tuple[str, float]]:
    """What was measured, in fixes or requests a second."""
    yield BARE, bare_copy(database.conninfo, town, total=100_000)
    for each, total in ((1, 4_000), (100, 50_000), (1_000, 100_000), (10_000, 100_000)):
        rate = asyncio.run(in_process(database, town, total=total, each=each))
        yield f"in process, {each} a batch", rate
    yield BARE, bare_copy(database.conninfo, town, total=100_000)
    with (
        Databases.beside(database) as databases,
        WorkerProcess(Order.from_environment(databases, bytes(32))),
        served(url) as port,
    ):
        for each, total in ((100, 50_000), (1_000, 100_000)):
            asyncio.run(through_http(port, token, town.bodies(each * 40, each), accepted=each))
            bodies = town.bodies(total, each)
            rate = asyncio.run(through_http(port, token, bodies, accepted=each))
            yield f"HTTP, {each} a request", rate * each
        yield EMPTY, asyncio.run(through_http(port, token, [b"[]"] * 5_000, accepted=0))
        yield SINGLE, asyncio.run(through_http(port, token, town.bodies(5_000, 1), accepted=1))


def report(best: dict[str, float]) -> bool:
    print(f"the best of {ROUNDS} rounds, in fixes a second")
    for what, rate in best.items():
        print(f"{what:28} {rate:9,.0f}   {rate / best[BARE]:.2f} of the bare COPY")
    batches = max(rate for what, rate in best.items() if what.startswith("HTTP")) / best[BARE]
    singles = best[SINGLE] / best[EMPTY]
    print(
        f"batches through HTTP: {batches:.2f} of the bare COPY (limit {LIMIT:.2f}); "
        f"single fixes: {singles:.2f} of empty requests (limit {SINGLE_LIMIT:.2f})"
    )
    return batches >= LIMIT and singles >= SINGLE_LIMIT


if __name__ == "__main__":
    sys.exit(main())
