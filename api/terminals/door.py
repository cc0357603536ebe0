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
from api.terminals.link import Link
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
        self._links: set[Link] = set()
        self._ended: Counter[str] = Counter()
        self._access_changed = asyncio.Event()
        self._lost = asyncio.Event()

    @asynccontextmanager
    async def open(self, listener: socket.socket) -> AsyncIterator[None]:
        """Until the end of the block; then what is under way is stored and answered first."""
        self._most = _allow_connections(self._settings.most_connections)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._new_link, sock=listener, backlog=_BACKLOG)
        looking = [
            loop.create_task(self._look_around(), name="terminals"),
            loop.create_task(self._follow_access(), name="terminals' access"),
        ]
        try:
            with self._identities.watched(by=self._access_changed.set):
                yield
        finally:
            server.close()
            await self._finish()
            for task in looking:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _finish(self) -> None:
        """Until everything that is under way is answered, but not for ever."""
        for link in list(self._links):
            link.finish("stopping")
        with suppress(TimeoutError):
            async with asyncio.timeout(_STOP_S):
                while self._links:
                    self._lost.clear()
                    await self._lost.wait()
        for link in list(self._links):
            link.cut("stopping")
            if link.work is not None:
                link.work.cancel()

    def _new_link(self) -> Link:
        return Link(
            desk=self._desk,
            recorder=self._recorder,
            rates=self._rates,
            identities=self._identities,
            on_made=self._let_in,
            on_known=self._welcome,
            on_lost=self._forget,
            monotonic_s=self._monotonic_s,
        )

    def _let_in(self, link: Link) -> None:
        if len(self._links) >= self._most:
            link.cut("too_many_connections")
            return
        if len(self._strangers) >= self._settings.most_strangers:
            self._make_room()
        self._links.add(link)
        self._strangers[link] = None

    def _forget(self, link: Link) -> None:
        assert link.ended is not None
        self._links.discard(link)
        self._strangers.pop(link, None)
        if link.terminal and self._known.get(link.terminal.device_id) is link:
            del self._known[link.terminal.device_id]
        self._ended[link.ended] += 1
        self._lost.set()

    def _make_room(self) -> None:
        """Whoever has stood there longest without saying anything goes. Who waits for an answer stays:
        after a restart a whole fleet does."""
        for link in self._strangers:
            if link.work is None:
                del self._strangers[link]
                self._links.remove(
                    link
                )  # now, for many come before the loop tells that one has gone
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
            for link in list(self._links):
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
