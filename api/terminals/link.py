"""A link: one terminal's connection.

What has come goes through the session, all that came of it is stored in one go, the answers are written,
and only then what has come meanwhile is looked at. So order is kept, a terminal need not wait for an
answer before it goes on sending, and one that sends faster than its fixes can be stored is held back by
TCP itself.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import cast

from psycopg import InterfaceError, OperationalError
from sqlalchemy.exc import SQLAlchemyError

from api.accounts import Identities
from api.device_rates import DeviceRates
from api.terminals.codes import Terminal
from api.terminals.desk import Desk
from api.terminals.results import receipt_to_results
from api.terminals.settings import TerminalSettings
from gis.errors import Overloaded
from patrol.devices.jt808.answers import Result
from patrol.devices.jt808.session import (
    Action,
    Authenticate,
    Close,
    LogOut,
    Register,
    Send,
    Session,
    Store,
)
from patrol.tracking.recorder import Recorder

_MOST_AT_ONCE = 16 * 1024
"""Bytes that go through the session in one go; when more wait, nothing is read from the network."""

MOST_STRANGER_BYTES = 8 * 1024
"""From somebody who is not authenticated; registering and authenticating take 300."""

_FLUSH_S = 5.0  # for the last answers; a terminal that does not take them is cut off


class Link(asyncio.Protocol):
    """`terminal` is None while it is a stranger's. `ended` is a word for the log, None while it is open.

    `work` is the task that deals with what has come; there is none while the terminal says nothing.

    `on_made` is called when there is a connection, `on_known` when the terminal has shown who it is, by
    what was true in a generation of `identities`, and `on_lost` when there is no connection any more and
    nothing under way.
    """

    def __init__(
        self,
        *,
        desk: Desk,
        recorder: Recorder,
        rates: DeviceRates,
        identities: Identities,
        on_made: Callable[["Link"], None],
        on_known: Callable[["Link", int], None],
        on_lost: Callable[["Link"], None],
        monotonic_s: Callable[[], float],
    ) -> None:
        self._desk, self._recorder, self._rates = desk, recorder, rates
        self._identities = identities
        self._on_made, self._on_known, self._on_lost = on_made, on_known, on_lost
        self._monotonic_s = monotonic_s
        self._session = Session()
        self._arrived = bytearray()
        self._stranger_bytes = 0
        self._is_at_end = self._is_lost = False
        self._written: asyncio.Event | None = None
        self._began_at_s = self._heard_at_s = monotonic_s()
        self._ended_at_s = 0.0
        self.work: asyncio.Task[None] | None = None
        self.terminal: Terminal | None = None
        self.ended: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._address = str(transport.get_extra_info("peername", ("",))[0])
        self._on_made(self)

    def data_received(self, data: bytes) -> None:
        if self.ended is not None:
            return
        self._heard_at_s = self._monotonic_s()
        self._arrived += data
        if len(self._arrived) > _MOST_AT_ONCE:
            self._transport.pause_reading()
        if self.work is None:
            self.work = asyncio.get_running_loop().create_task(self._work())

    def eof_received(self) -> bool:
        """Whether it stays open: until what has come is answered."""
        self._is_at_end = True
        return self.work is not None

    def pause_writing(self) -> None:
        self._written = asyncio.Event()

    def resume_writing(self) -> None:
        if self._written is not None:
            self._written.set()
            self._written = None

    def connection_lost(self, _error: Exception | None) -> None:
        self.finish("hung_up")
        self.resume_writing()
        self._is_lost = True
        if self.work is None:
            self._on_lost(self)

    def finish(self, reason: str) -> None:
        """End it when what is under way is answered. Of a stranger the reason is what they did wrong."""
        if self.ended is None:
            fault = self._session.last_fault if self.terminal is None else None
            self.ended, self._ended_at_s = fault or reason, self._monotonic_s()
            if self.work is None:
                self._transport.close()

    def cut(self, reason: str) -> None:
        """End it now."""
        self.finish(reason)
        self._transport.abort()

    def look(self, now_s: float, settings: TerminalSettings) -> None:
        """To be called now and then."""
        if self.ended is not None:
            if now_s - self._ended_at_s > _FLUSH_S:
                self._transport.abort()
        elif self.terminal is None and now_s - self._began_at_s > settings.stranger_s:
            self.cut("stranger_too_long")
        elif self.work is None and now_s - self._heard_at_s > settings.idle_s:
            self.cut("idle")
        else:
            self._say(self._session.look(now_s))

    async def _work(self) -> None:
        """Until all that has come is answered."""
        try:
            while self._arrived and self.ended is None:
                chunk = bytes(self._arrived[:_MOST_AT_ONCE])
                del self._arrived[:_MOST_AT_ONCE]
                await self._take(chunk)
                self._count_if_stranger(chunk)
                if self._written is not None:
                    await self._written.wait()
                self._read_on()
        except Exception:
            self.finish("failed")
            raise
        finally:
            self.work = None
            if self._is_at_end:
                self.finish("hung_up")
            if self._is_lost:
                self._on_lost(self)
            elif self.ended is not None:
                self._transport.close()

    def _read_on(self) -> None:
        is_held = not (self._transport.is_reading() or self._transport.is_closing())
        if is_held and len(self._arrived) <= _MOST_AT_ONCE:
            self._transport.resume_reading()

    def _count_if_stranger(self, chunk: bytes) -> None:
        """Afterwards: what comes behind the code in one go may be long."""
        if self.terminal is None:
            self._stranger_bytes += len(chunk)
            if self._stranger_bytes > MOST_STRANGER_BYTES:
                self.finish("stranger_too_much")

    async def _take(self, chunk: bytes) -> None:
        waiting: list[Send | Store] = []
        for action in self._session.receive(chunk, self._monotonic_s()):
            if isinstance(action, Send | Store):
                waiting.append(action)
                continue
            await self._settle(waiting)
            waiting.clear()
            await self._act(action)
            if self.ended is not None:
                return
        await self._settle(waiting)

    async def _settle(self, waiting: Sequence[Send | Store]) -> None:
        """Store all that is to be stored, and say all that is to be said, in its order."""
        if not waiting:
            return
        stores = [action for action in waiting if isinstance(action, Store)]
        if self.terminal is not None:
            await self._pace(self.terminal, len(waiting) + sum(len(s.items) - 1 for s in stores))
        results = iter(await self._store(stores))
        answers: list[Action] = []
        for action in waiting:
            if isinstance(action, Store):
                answers += self._session.stored(action, next(results))
            else:
                answers.append(action)
        self._say(answers)

    async def _pace(self, terminal: Terminal, items: int) -> None:
        """Wait until it is this terminal's turn again."""
        while self.ended is None:
            try:
                self._rates.check_fixes(terminal.account_id, items)
            except Overloaded as error:
                await asyncio.sleep(error.retry_after_s)
            else:
                return

    async def _store(self, stores: Sequence[Store]) -> list[Result]:
        """What to answer each of them, once all is on disk."""
        items = [item for store in stores for item in store.items]
        if not items or self.terminal is None:
            return [Result.DONE] * len(stores)
        if self.ended is not None:
            return [Result.FAILED] * len(stores)
        try:
            receipt = await self._recorder.record(items, sender=self.terminal.sender)
        except (Overloaded, OperationalError, InterfaceError):
            return [Result.FAILED] * len(stores)
        return receipt_to_results(receipt, stores)

    async def _act(self, action: Register | Authenticate | LogOut | Close) -> None:
        try:
            match action:
                case Close():
                    self.finish(action.reason)
                case Register():
                    result, code = await self._desk.register(action, address=self._address)
                    self._say(self._session.registered(action, result, code))
                case Authenticate():
                    await self._authenticate(action)
                case LogOut():
                    assert self.terminal is not None
                    await self._desk.log_out(self.terminal, address=self._address)
                    self._say(self._session.logged_out(action))
        except (Overloaded, SQLAlchemyError):
            assert not isinstance(action, Close)
            self._say(self._session.failed(action))

    async def _authenticate(self, action: Authenticate) -> None:
        generation = self._identities.generation
        terminal = await self._desk.authenticate(action)
        if terminal is None:
            self._say(self._session.authenticated(action, None))
        elif self.ended is None:
            self.terminal = terminal
            self._on_known(self, generation)
            self._say(self._session.authenticated(action, terminal.sender.unit))

    def _say(self, actions: Iterable[Action]) -> None:
        """Only what a session says of its own accord comes here: answers, and that it has enough."""
        frames = bytearray()
        for action in actions:
            if isinstance(action, Send):
                frames += action.frame
            elif isinstance(action, Close):
                self.finish(action.reason)
        if frames and not self._transport.is_closing():
            self._transport.write(frames)
