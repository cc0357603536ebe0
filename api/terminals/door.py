"""The door: accepts the connections of terminals and keeps order among them.

Thousands of them rest most of the time, so a resting one costs a little memory and one look a second.
"""

import asyncio
import resource
import socket
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from api.accounts import Identities
from api.device_rates import DeviceRates
from api.terminals.desk import Desk
from api.terminals.link import MOST_READ_AT_ONCE, Link
from api.terminals.settings import TerminalSettings
from data.database import Database
from patrol.tracking.recorder import Recorder

_log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 1.0
_TELL_EVERY_S = 60.0
_STOP_S = 5.0
_RETRY_S = 1.0
_REST_S = 0.2  # a fleet that registers changes access a thousand times
_BACKLOG = 1024
_OTHER_FILES = 512

# What is no news for whoever reads the log.
_ORDINARY = frozenset({"hung_up", "superseded", "idle", "logged_out", "stopping"})


class TerminalDoor:
    """Belongs to one event loop. `async with door.open(listener):` lets terminals in."""

    def __init__(
        self,
        database: Database,
        recorder: Recorder,
        identities: Identities,
        rates: DeviceRates,
        settings: TerminalSettings,
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._desk = Desk(database)
        self._recorder = recorder
        self._identities = identities
        self._rates = rates
        self._settings = settings
        self._monotonic_s = monotonic_s
        self._strangers: OrderedDict[Link, None] = OrderedDict()
        self._known: dict[int, Link] = {}  # by the device's id
        self._tasks: dict[asyncio.Task[None], Link] = {}
        self._ended: Counter[str] = Counter()
        self._access_changed = asyncio.Event()

    @asynccontextmanager
    async def open(self, listener: socket.socket) -> AsyncIterator[None]:
        """Until the end of the block; then what is under way is stored and answered first."""
        self._most = _allow_connections(self._settings.most_connections)
        server = await asyncio.start_server(
            self._accept, sock=listener, limit=MOST_READ_AT_ONCE, backlog=_BACKLOG
        )
        looking = [
            asyncio.create_task(self._look_around(), name="terminals"),
            asyncio.create_task(self._follow_access(), name="terminals' access"),
        ]
        try:
            with self._identities.watched(by=self._access_changed.set):
                yield
        finally:
            server.close()
            for link in self._tasks.values():
                link.finish("stopping")
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=_STOP_S)
            for task in [*self._tasks, *looking]:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= self._most:
            self._ended["too_many_connections"] += 1
            writer.transport.abort()
            return
        if len(self._strangers) >= self._settings.most_strangers:
            self._make_room()
        link = Link(
            reader,
            writer,
            desk=self._desk,
            recorder=self._recorder,
            rates=self._rates,
            identities=self._identities,
            on_known=self._welcome,
            monotonic_s=self._monotonic_s,
        )
        task = asyncio.current_task()
        assert task is not None
        self._strangers[link] = None
        self._tasks[task] = link
        try:
            await link.serve()
        finally:
            del self._tasks[task]
            self._strangers.pop(link, None)
            if link.terminal and self._known.get(link.terminal.device_id) is link:
                del self._known[link.terminal.device_id]
            self._ended[link.ended or "failed"] += 1

    def _make_room(self) -> None:
        """Whoever has stood there longest without saying anything goes. Who waits for an answer stays:
        after a restart a whole fleet does."""
        for link in self._strangers:
            if not link.is_busy:
                del self._strangers[link]
                link.cut("made_room")
                break

    def _welcome(self, link: Link, generation: int) -> None:
        """A stranger is known now. Any other link of the same terminal is an old one: the terminal has
        lost it, and the network has not told."""
        assert link.terminal is not None
        self._strangers.pop(link, None)
        before = self._known.get(link.terminal.device_id)
        self._known[link.terminal.device_id] = link
        if before is not None and before is not link:
            before.cut("superseded")
        if generation != self._identities.generation:
            self._access_changed.set()  # what changed while the database was being asked

    async def _look_around(self) -> None:
        told_at_s = self._monotonic_s()
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            now_s = self._monotonic_s()
            for link in list(self._tasks.values()):
                link.look(now_s, self._settings)
            if now_s - told_at_s >= _TELL_EVERY_S:
                told_at_s = now_s
                self._tell()

    def _tell(self) -> None:
        """One line a minute, however many knock: neither numbers nor codes nor places are in it."""
        ended, self._ended = self._ended, Counter()
        news = {reason: count for reason, count in ended.items() if reason not in _ORDINARY}
        if news:
            _log.warning("terminals turned away", known=len(self._known), **news)

    async def _follow_access(self) -> None:
        """Whoever may no longer send is hung up on."""
        while True:
            await self._access_changed.wait()
            self._access_changed.clear()
            links = {
                link: link.terminal.code_hash for link in self._known.values() if link.terminal
            }
            try:
                hold = await self._desk.codes_that_hold(links.values()) if links else ()
            except SQLAlchemyError:
                self._access_changed.set()  # nothing new is stored while the database is away
                await asyncio.sleep(_RETRY_S)
                continue
            for link, code_hash in links.items():
                is_same = link.terminal is not None and link.terminal.code_hash == code_hash
                if is_same and code_hash not in hold:
                    link.cut("revoked")
            await asyncio.sleep(_REST_S)


def _allow_connections(wanted: int) -> int:
    """How many there may be: as many as are wanted, if the system gives the process that many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = wanted + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < files:
        soft = files if hard == resource.RLIM_INFINITY else min(files, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        if soft < files:
            _log.warning("fewer terminals than set", most=soft - _OTHER_FILES, open_files=hard)
            return max(1, soft - _OTHER_FILES)
    return wanted
