"""The recorder: takes fixes in and acknowledges them once they are safe.

Whatever arrives while a transaction is under way goes into the next one together (group commit), so
a thousand phones with one fix each cost little more than one gateway with a thousand.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import structlog
from psycopg import InterfaceError, OperationalError

from data.database import Database
from data.editions import GridIndexes
from gis.errors import Overloaded
from patrol.tracking.checks import Limits
from patrol.tracking.fix import Fix, Refused
from patrol.tracking.intake import Intake, Parcel
from patrol.tracking.presence import Thresholds
from patrol.tracking.receipt import Receipt
from patrol.tracking.senders import AnyUnit, Sender

_log = structlog.get_logger(__name__)

_MOST_IN_ONE_TRANSACTION = 20_000

_GATHER_S = 0.003
"""When senders come side by side, wait so long for the rest of them. A lone sender never waits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Waiting:
    parcel: Parcel
    receipt: asyncio.Future[Receipt] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def answer(self, receipt: Receipt) -> None:
        if not self.receipt.done():  # or its caller has gone away
            self.receipt.set_result(receipt)

    def fail(self, error: Exception) -> None:
        if not self.receipt.done():
            self.receipt.set_exception(error)


class Recorder:
    """`async with Recorder(…) as recorder:` leaves when everything taken in is stored.

    At most `most_waiting` fixes wait for their transaction; past that `record` refuses.
    """

    def __init__(
        self,
        database: Database,
        grid_indexes: GridIndexes,
        *,
        thresholds: Thresholds = Thresholds(),
        limits: Limits = Limits(),
        most_waiting: int = 50_000,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._grid_indexes = grid_indexes
        self._thresholds = thresholds
        self._limits = limits
        self._most_waiting = most_waiting
        self._now = now
        self._intake: Intake | None = None
        self._queue: deque[_Waiting] = deque()
        self._queued_items = 0
        self._arrived = asyncio.Event()
        self._closing = False

    async def __aenter__(self) -> Self:
        self._flusher = asyncio.create_task(self._run(), name="recorder")
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._closing = True
        self._arrived.set()
        await self._flusher
        await self._disconnect()

    async def record(
        self, items: Sequence[Fix | Refused], *, sender: Sender = AnyUnit()
    ) -> Receipt:
        """Store the fixes. When this returns they are on disk; those already there are duplicates.

        A fix of a unit that was off duty is counted, one that cannot be stored is quarantined. Both are
        named in the receipt, and neither stops the rest. Only fixes of the sender's units are taken.

        Raises Overloaded when too many wait already, and psycopg.OperationalError when the database is
        away: then nothing is acknowledged, and sending it all again is right and safe.
        """
        if not items:
            return Receipt(accepted=0, duplicates=0, rejected=())
        if self._closing:
            raise Overloaded("The server is being stopped; send these fixes again soon.")
        if self._queue and self._queued_items + len(items) > self._most_waiting:
            raise Overloaded("Too many fixes are waiting to be stored; send these again soon.")
        waiting = _Waiting(parcel=Parcel(items=items, sender=sender))
        self._queue.append(waiting)
        self._queued_items += len(items)
        self._arrived.set()
        return await waiting.receipt

    async def _run(self) -> None:
        busy = False
        while self._queue or not self._closing:
            await self._arrived.wait()
            self._arrived.clear()
            while self._queue:
                if busy:
                    await asyncio.sleep(_GATHER_S)
                group = self._next_group()
                busy = len(group) > 1
                await self._flush(group)

    def _next_group(self) -> list[_Waiting]:
        """What goes into the next transaction: one at least, then as many as go in."""
        group: list[_Waiting] = []
        items = 0
        while self._queue:
            more = len(self._queue[0].parcel.items)
            if group and items + more > _MOST_IN_ONE_TRANSACTION:
                break
            group.append(self._queue.popleft())
            items += more
        self._queued_items -= items
        return group

    async def _flush(self, group: Sequence[_Waiting]) -> None:
        try:
            if self._intake is None:
                self._intake = await self._connect()
            parcels = [waiting.parcel for waiting in group]
            receipts = await self._intake.take(parcels, self._now())
        except (OperationalError, InterfaceError) as error:
            _log.warning("database lost while storing fixes", error=type(error).__name__)
            await self._disconnect()
            for waiting in group:
                waiting.fail(OperationalError("The database was lost while storing fixes."))
        except Exception as error:
            for waiting in group:
                waiting.fail(error)
        else:
            for waiting, receipt in zip(group, receipts, strict=True):
                waiting.answer(receipt)

    async def _connect(self) -> Intake:
        return Intake(
            await self._database.connect_async(),
            self._grid_indexes,
            thresholds=self._thresholds,
            limits=self._limits,
        )

    async def _disconnect(self) -> None:
        if self._intake is not None:
            await self._intake.close()
            self._intake = None
