"""JT/T 808 terminals: 50, 500 and 5,000 of them connected, each with a fix a second, answered once it is
on disk.

The reference is an asyncio server that sends back what it gets, without looking at it, for the same
frames on the same number of connections. Twice: at the pace of a fleet, where the time to the answer
counts and the door has to keep up with the echo, and with every terminal sending its next fix as soon
as the last is answered, which shows what is left. Server, database and the load, which has a process of
its own, share the machine; in the second case the load is a good part of the work on both sides.
"""

import asyncio
import multiprocessing
import resource
import socket
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
import uvloop
from sqlalchemy import insert, select, text

from api.accounts.tokens import token_hash
from api.app import create_app
from api.interpreter import answer_promptly
from api.settings import ServerSettings
from api.worker.order import Order
from api.worker.process import WorkerProcess
from data.cluster import Cluster
from data.database import Database
from data.installation import Databases
from data.schema import accounts, devices, sessions, units
from patrol.devices.jt808.bcd import time_to_bcd
from patrol.devices.jt808.frames import MARK
from patrol.devices.jt808.messages import Address, Id, Message, write_message

FLEETS = (50, 500, 5_000)
TERMINALS = FLEETS[-1]
PACED_S, HURRIED_S = 10.0, 6.0
FIRST_NUMBER = 13_800_000_000
LIMIT = 0.95
_OPEN_FILES = TERMINALS + 1_000
_LONGEST_S = 120.0  # then something is wrong


@dataclass(frozen=True, kw_only=True)
class Measured:
    """`answers` within `seconds`; `p50_s` and `p99_s` are from sending to the answer."""

    answers: int
    seconds: float
    p50_s: float
    p99_s: float

    @property
    def rate(self) -> float:
        return self.answers / self.seconds


class Terminal(asyncio.Protocol):
    """Sends a frame, and the next one when it is told to, or when the answer is there."""

    def __init__(self, number: int, began: datetime, fleet: "Fleet") -> None:
        self._address = Address(bcd=bytes.fromhex(f"{FIRST_NUMBER + number:012}"))
        self._number, self._fleet, self._at = number, fleet, began
        self._sequence = 0
        self._sent_at_s = 0.0
        self._is_busy = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def authenticate(self) -> None:
        self._send(Id.AUTHENTICATE, code_of(self._number).encode())

    def locate(self) -> None:
        if self._is_busy:
            return  # still waiting: the fleet falls behind, and the rate shows it
        self._at += timedelta(seconds=1)
        place = (34_500_000 + self._number, 118_600_000 + self._sequence % 1000)
        self._send(
            Id.LOCATION, struct.pack(">IIIIHHH", 0, 2, *place, 40, 60, 90) + time_to_bcd(self._at)
        )

    def _send(self, id: Id, body: bytes) -> None:
        self._sequence = (self._sequence + 1) % 65536
        message = Message(id=id, address=self._address, sequence=self._sequence, body=body)
        self._is_busy, self._sent_at_s = True, time.perf_counter()
        self._transport.write(write_message(message))

    def data_received(self, data: bytes) -> None:
        if data.endswith(MARK):
            self._is_busy = False
            self._fleet.answered(self, time.perf_counter() - self._sent_at_s)


class Fleet:
    def __init__(self, size: int) -> None:
        self._size = size
        self.delays_s: list[float] = []
        self.is_hurried = False
        self._arrived = asyncio.Event()
        self._until = 0

    def answered(self, terminal: Terminal, delay_s: float) -> None:
        self.delays_s.append(delay_s)
        if self.is_hurried:
            terminal.locate()
        elif len(self.delays_s) >= self._until:
            self._arrived.set()

    async def run(self, port: int, began: datetime) -> tuple[Measured, Measured]:
        loop = asyncio.get_running_loop()
        terminals = []
        for number in range(self._size):
            _, terminal = await loop.create_connection(
                lambda number=number: Terminal(number, began, self), "127.0.0.1", port
            )
            terminals.append(terminal)
            terminal.authenticate()
        await self._all(self._size)
        paced = await self._measure(lambda: self._pace(terminals))
        self.is_hurried = True
        hurried = await self._measure(lambda: self._hurry(terminals))
        return paced, hurried

    async def _all(self, count: int) -> None:
        while len(self.delays_s) < count:
            self._until = count
            self._arrived.clear()
            await self._arrived.wait()

    async def _measure(self, act: Callable[[], Any]) -> Measured:
        self.delays_s = []
        began_s = time.perf_counter()
        await act()
        took_s = time.perf_counter() - began_s
        p50, p99 = np.quantile(self.delays_s or [np.inf], [0.5, 0.99])
        return Measured(
            answers=len(self.delays_s), seconds=took_s, p50_s=float(p50), p99_s=float(p99)
        )

    async def _pace(self, terminals: list[Terminal]) -> None:
        """Each once a second, one after the other."""
        began_s = time.perf_counter()
        sent = 0
        while (now_s := time.perf_counter() - began_s) < PACED_S:
            due = int(now_s * self._size)
            for number in range(sent, due):
                terminals[number % self._size].locate()
            sent = due
            await asyncio.sleep(0.005)

    async def _hurry(self, terminals: list[Terminal]) -> None:
        for terminal in terminals:
            terminal.locate()
        await asyncio.sleep(HURRIED_S)
        self.is_hurried = False


def code_of(number: int) -> str:
    return f"code-{number:017}"


def load(port: int, size: int, began: datetime, results: Any) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, hard))
    results.put(uvloop.run(asyncio.wait_for(Fleet(size).run(port, began), _LONGEST_S)))


def serve(url: str, listener: socket.socket, terminals: socket.socket) -> None:
    app = create_app(Database(url), ServerSettings(), terminals=terminals)
    answer_promptly()
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


class Echo(asyncio.Protocol):
    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(data)


def echo(listener: socket.socket) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, hard))

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Echo, sock=listener, backlog=1024)
        await server.serve_forever()

    uvloop.run(run())


@contextmanager
def running(target: Callable[..., None], *arguments: Any) -> Iterator[None]:
    process = multiprocessing.get_context("spawn").Process(
        target=target, args=arguments, daemon=True
    )
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def measure(what: str, port: int) -> tuple[Measured, Measured]:
    """Of the largest fleet, after the smaller ones: at its pace, and as fast as it goes."""
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=23)
    for number, size in enumerate(FLEETS):
        results = multiprocessing.get_context("spawn").Queue()
        with running(load, port, size, began + number * timedelta(hours=2), results):
            paced, hurried = results.get(timeout=_LONGEST_S)
        print(
            f"{what:18} {size:5,} terminals, a fix a second each: {paced.rate:7,.1f}/s, answered "
            f"after {paced.p50_s * 1e3:.0f} ms, p99 {paced.p99_s * 1e3:.0f} ms; "
            f"as fast as it goes: {hurried.rate:7,.0f}/s"
        )
    return paced, hurried


def prepare(database: Database) -> None:
    """Vehicles that are always on duty, and their terminals, which have registered."""
    names = range(TERMINALS)
    with database.begin() as conn:
        vehicle = {"kind": "vehicle", "role": "patroller", "always_on_duty": True}
        conn.execute(
            insert(units), [{"code": f"V-{n:04}", "name": f"V-{n:04}", **vehicle} for n in names]
        )
        unit_ids = conn.scalars(select(units.c.id).order_by(units.c.code)).all()
        conn.execute(
            insert(devices),
            [
                {"unit_id": unit, "protocol": "jt808", "identifier": str(FIRST_NUMBER + n)}
                for n, unit in zip(names, unit_ids, strict=True)
            ],
        )
        device_ids = conn.scalars(select(devices.c.id).order_by(devices.c.identifier)).all()
        conn.execute(
            insert(accounts),
            [{"username": f"device-{id}", "role": "device", "device_id": id} for id in device_ids],
        )
        account_ids = conn.scalars(select(accounts.c.id).order_by(accounts.c.device_id)).all()
        conn.execute(
            insert(sessions),
            [
                {"account_id": id, "kind": "terminal", "token_hash": token_hash(code_of(n))}
                for n, id in zip(names, account_ids, strict=True)
            ],
        )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("VACUUM ANALYZE"))


def listen() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0), backlog=1024)


def main() -> int:
    # Where an unprivileged user may enter: PostgreSQL refuses to run as root.
    with tempfile.TemporaryDirectory(prefix="wangge-bench-") as folder:
        Path(folder).chmod(0o755)
        with Cluster(Path(folder) / "pg").running("terminals") as url:
            database = Database(url)
            database.migrate()
            prepare(database)
            with (
                listen() as http,
                listen() as door,
                running(serve, url, http, door),
                Databases.beside(database) as databases,
                WorkerProcess(Order.from_environment(databases, bytes(32))),
            ):
                door_paced, door_hurried = measure("the door, on disk", door.getsockname()[1])
            with database.begin() as conn:
                stored = conn.scalar(text("SELECT count(*) FROM fixes"))
            database.close()
    with listen() as listener, running(echo, listener):
        echo_paced, echo_hurried = measure("an echo", listener.getsockname()[1])
    answered = door_paced.answers + door_hurried.answers
    assert stored >= answered, f"{answered} were acknowledged and {stored} are stored"
    kept_up, ratio = door_paced.rate / echo_paced.rate, door_hurried.rate / echo_hurried.rate
    print(
        f"a fix a second each: {kept_up:.2f} of the echo (limit {LIMIT:.2f}); as fast as it goes: "
        f"{ratio:.2f} of it; all that were acknowledged are stored"
    )
    return 0 if kept_up >= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
