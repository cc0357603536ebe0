"""A link: one terminal's connection.

It reads what has come, takes all of it through the session, stores what came of that in one go, answers,
and only then reads on. So order is kept, a terminal need not wait for an answer before it goes on
sending, and one that sends faster than its fixes can be stored is held back by TCP itself.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from psycopg import InterfaceError, OperationalError
from sqlalchemy.exc import SQLAlchemyError

from api.accounts import Identities
from api.device_rates import DeviceRates
from api.terminals.codes import Terminal
from api.terminals.desk import Desk
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
from patrol.tracking.senders import OneUnit

MOST_READ_AT_ONCE = 16 * 1024
MOST_STRANGER_BYTES = 8 * 1024
"""From somebody who is not authenticated; registering and authenticating take 300."""

_FLUSH_S = 5.0  # for the last answers; a terminal that does not take them is cut off

# Why a call for help is not confirmed: nobody has heard of it, or without a time nobody knows whether it
# was from duty. Such a terminal goes on calling.
_UNHEARD = frozenset({"off_duty", "unknown_unit", "not_your_unit", "bad_time"})


class Link:
    """`terminal` is None while it is a stranger's. `ended` is a word for the log, None while it is open.

    It `is_busy` while something that came is being dealt with.

    `on_known` is called when the terminal has shown who it is, by what was true in a generation of
    `identities`.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        desk: Desk,
        recorder: Recorder,
        rates: DeviceRates,
        identities: Identities,
        on_known: Callable[["Link", int], None],
        monotonic_s: Callable[[], float],
    ) -> None:
        self._reader, self._writer = reader, writer
        self._desk, self._recorder, self._rates = desk, recorder, rates
        self._identities = identities
        self._on_known = on_known
        self._monotonic_s = monotonic_s
        self._address = str(writer.get_extra_info("peername", ("",))[0])
        self._session = Session()
        self._stranger_bytes = 0
        self.is_busy = False
        self._began_at_s = self._heard_at_s = monotonic_s()
        self._ended_at_s = 0.0
        self.terminal: Terminal | None = None
        self.ended: str | None = None

    async def serve(self) -> None:
        """Until one of the two has enough."""
        try:
            while self.ended is None and (chunk := await self._reader.read(MOST_READ_AT_ONCE)):
                self._heard_at_s = self._monotonic_s()
                self.is_busy = True
                await self._take(chunk)
                self._count_if_stranger(chunk)
                await self._writer.drain()
                self.is_busy = False
        except ConnectionError:
            pass
        finally:
            self.finish("hung_up")
            self._writer.close()

    def finish(self, reason: str) -> None:
        """End it when what is under way is answered. Of a stranger the reason is what they did wrong."""
        if self.ended is None:
            fault = self._session.last_fault if self.terminal is None else None
            self.ended, self._ended_at_s = fault or reason, self._monotonic_s()
            if not self.is_busy:
                self._writer.close()

    def cut(self, reason: str) -> None:
        """End it now."""
        self.finish(reason)
        self._writer.transport.abort()

    def look(self, now_s: float, settings: TerminalSettings) -> None:
        """To be called now and then."""
        if self.ended is not None:
            if now_s - self._ended_at_s > _FLUSH_S:
                self._writer.transport.abort()
        elif self.terminal is None and now_s - self._began_at_s > settings.stranger_s:
            self.cut("stranger_too_long")
        elif not self.is_busy and now_s - self._heard_at_s > settings.idle_s:
            self.cut("idle")
        else:
            self._say(self._session.look(now_s))

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
        for action in waiting:
            if isinstance(action, Store):
                self._say(self._session.stored(action, next(results)))
            else:
                self._say([action])

    async def _pace(self, terminal: Terminal, items: int) -> None:
        """Wait until it is this terminal's turn again; meanwhile nothing is read from it."""
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
            sender = OneUnit(unit=self.terminal.unit, crs=self.terminal.crs)
            receipt = await self._recorder.record(items, sender=sender)
        except (Overloaded, OperationalError, InterfaceError):
            return [Result.FAILED] * len(stores)
        unheard = {each.index for each in receipt.rejected if each.code in _UNHEARD}
        results, start = [], 0
        for store in stores:
            heard = any(start + index not in unheard for index in store.calls_for_help)
            results.append(Result.ALARM_CONFIRMED if heard else Result.DONE)
            start += len(store.items)
        return results

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
            self._say(self._session.authenticated(action, terminal.unit))

    def _say(self, actions: Iterable[Action]) -> None:
        """Only what a session says of its own accord comes here: answers, and that it has enough."""
        for action in actions:
            if isinstance(action, Send):
                if not self._writer.is_closing():
                    self._writer.write(action.frame)
            elif isinstance(action, Close):
                self.finish(action.reason)
