"""Live positions: what changed, sent to everyone who watches.

One connection listens; a notification only wakes it up, and one read gets all that changed since the
last one, for every viewer. Numbers grow in the order of commits, so "everything after this number"
never misses a position, whatever was lost on the way.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from data.database import Database
from patrol.tracking.positions import Position, read_positions, seen_by
from patrol.tracking.presence import Thresholds
from patrol.tracking.units import Viewer

_log = structlog.get_logger(__name__)

_LOOK_ANYWAY_S = 30.0  # without a notification, should one ever be lost


class Subscription:
    """What one viewer has not been given yet: the latest position of each unit, however slow they are.

    Everything up to the number `seq` has been given.
    """

    def __init__(self, viewer: Viewer) -> None:
        self.seq = 0
        self._viewer = viewer
        self._pending: dict[int, Position] = {}
        self._pending_seq = 0
        self._changed = asyncio.Event()

    async def take(self, *, within_s: float) -> list[Position]:
        """What has changed, as soon as something has; nothing if nothing does for `within_s`."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), within_s)
        self._changed.clear()
        taken, self._pending = list(self._pending.values()), {}
        self.seq = self._pending_seq
        return taken

    def offer(self, positions: Iterable[Position], up_to: int) -> None:
        """Add what a read of all that changed up to the number `up_to` gave."""
        self._pending_seq = max(self._pending_seq, up_to)
        for position in seen_by(self._viewer, positions):
            pending = self._pending.get(position.unit_id)
            if position.seq > (self.seq if pending is None else pending.seq):
                self._pending[position.unit_id] = position
        if self._pending:
            self._changed.set()


class LivePositions:
    """`async with LivePositions(…) as live:` listens until it is left.

    Without the database it tries again every `retry_s`; viewers keep their place meanwhile. It reads
    at most once in `rest_s`.
    """

    def __init__(
        self,
        database: Database,
        *,
        thresholds: Thresholds = Thresholds(),
        rest_s: float = 0.1,
        retry_s: float = 1.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.thresholds = thresholds
        self._database = database
        self._rest_s = rest_s
        self._retry_s = retry_s
        self._now = now
        self._seq = 0
        self._subscriptions: set[Subscription] = set()

    @property
    def viewers(self) -> int:
        """How many are watching."""
        return len(self._subscriptions)

    async def __aenter__(self) -> Self:
        self._listener = asyncio.create_task(self._run(), name="live positions")
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._listener.cancel()
        with suppress(asyncio.CancelledError):
            await self._listener

    @asynccontextmanager
    async def subscribe(self, viewer: Viewer, *, after: int = 0) -> AsyncIterator[Subscription]:
        """What `viewer` sees and was not in the picture of number `after`, and then what changes.

        0 begins with every position; so does a number that this database has not come to. Raises
        SQLAlchemyError when the database is away.
        """
        subscription = Subscription(viewer)
        self._subscriptions.add(subscription)  # first: nothing may fall between the two
        try:
            positions = await asyncio.to_thread(self._read, 0)
            newest = _newest(positions)
            if after <= newest:
                subscription.seq = after
            subscription.offer(positions, newest)
            yield subscription
        finally:
            self._subscriptions.remove(subscription)

    async def _run(self) -> None:
        while True:
            try:
                async with await self._database.connect_async() as conn:
                    await conn.execute("LISTEN positions")
                    while True:
                        await self._send_changes()
                        await asyncio.sleep(self._rest_s)
                        async for _ in conn.notifies(timeout=_LOOK_ANYWAY_S, stop_after=1):
                            pass
            except (psycopg.Error, SQLAlchemyError) as error:
                _log.warning("live positions lost the database", error=type(error).__name__)
                await asyncio.sleep(self._retry_s)

    async def _send_changes(self) -> None:
        if not self._subscriptions:
            return  # whoever comes begins with a read of their own
        positions = await asyncio.to_thread(self._read, self._seq)
        self._seq = max(self._seq, _newest(positions))
        for subscription in self._subscriptions:
            subscription.offer(positions, self._seq)

    def _read(self, after: int) -> list[Position]:
        with self._database.begin() as conn:
            return read_positions(conn, self._now(), self.thresholds, after=after)


def _newest(positions: Iterable[Position]) -> int:
    return max((position.seq for position in positions), default=0)
