"""Live positions and alerts: what changed, sent to everyone who watches.

One connection listens. A notification only wakes the reader up, and one read gets all that changed
since the last one, for every viewer. Numbers grow in the order of commits, so "everything after this
number" never misses a change, whatever was lost on the way. Alerts share the numbers of positions.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy import text

from data.background import Reconnecting
from data.database import Database
from data.scope import Viewer
from patrol.alerts.listing import Alert, alerts_after, alerts_seen_by
from patrol.tracking.positions import Position, read_positions, seen_by
from patrol.tracking.presence import Thresholds

_LOOK_ANYWAY_S = 30.0  # without a notification, should one ever be lost

_NOTHING = 2**63 - 1
"""No number is above it."""


class Subscription:
    """What one viewer has not been given yet: the latest position of each unit and the latest state of
    each alert, however slow they are.

    Everything up to the number `seq` has been given.
    """

    def __init__(self, viewer: Viewer, after: int, wake: Callable[[], None]) -> None:
        self.seq = after
        self.is_new = True
        self._viewer = viewer
        self._wake = wake
        self._pending: dict[int, Position] = {}
        self._pending_alerts: dict[int, Alert] = {}
        self._pending_seq = after

    def take(self) -> tuple[list[Position], list[Alert]]:
        """What has changed since it was taken last, up to the number `seq`."""
        positions, self._pending = list(self._pending.values()), {}
        alerts, self._pending_alerts = list(self._pending_alerts.values()), {}
        self.seq = self._pending_seq
        return positions, alerts

    def offer(self, positions: Iterable[Position], alerts: Iterable[Alert], up_to: int) -> None:
        """Add what a read of all that changed up to the number `up_to` gave; for a new viewer, a read
        of every position, and of every alert that is open."""
        if self.is_new:
            self.is_new = False
            if self.seq > up_to:
                self.seq = 0  # their number is of another database
        self._pending_seq = up_to
        for position in seen_by(self._viewer, positions):
            if position.seq > self.seq:
                self._pending[position.unit_id] = position
        for alert in alerts_seen_by(self._viewer, alerts):
            if alert.seq > self.seq and (self.seq or alert.is_open):
                self._pending_alerts[alert.id] = alert
        if self._pending or self._pending_alerts:
            self._wake()


class LivePositions(Reconnecting):
    """`async with LivePositions(…) as live:` listens and reads until it is left.

    Without the database it tries again every `retry_s`; viewers keep their place meanwhile. It reads
    at most once in `rest_s`, and not at all while nobody watches.
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
        super().__init__(retry_s=retry_s)
        self.thresholds = thresholds
        self._database = database
        self._rest_s = rest_s
        self._now = now
        self._seq = 0
        self._subscriptions: set[Subscription] = set()
        self._wake_up = asyncio.Event()

    @property
    def viewers(self) -> int:
        """How many are watching."""
        return len(self._subscriptions)

    def _coroutines(self) -> Sequence[Callable[[], Awaitable[None]]]:
        return self._listen, self._send

    @contextmanager
    def subscribe(
        self, viewer: Viewer, *, wake: Callable[[], None], after: int = 0
    ) -> Iterator[Subscription]:
        """What `viewer` sees and was not in the picture of number `after`, and then what changes; `wake`
        is called when there is something to take.

        0 begins with every position; so does a number that this database has not come to.
        """
        subscription = Subscription(viewer, after, wake)
        self._subscriptions.add(subscription)
        self._wake_up.set()
        try:
            yield subscription
        finally:
            self._subscriptions.remove(subscription)

    async def _listen(self) -> None:
        async with await self._database.connect_async() as conn:
            await conn.execute("LISTEN positions")
            while True:
                self._wake_up.set()
                async for _ in conn.notifies(timeout=_LOOK_ANYWAY_S, stop_after=1):
                    pass

    async def _send(self) -> None:
        while True:
            await self._wake_up.wait()
            self._wake_up.clear()
            try:
                await self._send_changes()
            except BaseException:
                self._wake_up.set()  # there is still something to read
                raise
            await asyncio.sleep(self._rest_s)

    async def _send_changes(self) -> None:
        watching = list(self._subscriptions)  # who comes while we read is for the next time
        if not watching:
            return
        new = any(subscription.is_new for subscription in watching)
        seen = min(
            subscription.seq or _NOTHING if subscription.is_new else self._seq
            for subscription in watching
        )
        after = 0 if new else self._seq
        positions, alerts = await asyncio.to_thread(self._read, after, seen, new)
        numbers = [position.seq for position in positions] + [alert.seq for alert in alerts]
        self._seq = max(numbers, default=after)
        for subscription in watching:
            subscription.offer(positions, alerts, self._seq)

    def _read(self, after: int, seen: int, new: bool) -> tuple[list[Position], list[Alert]]:
        """Positions above the number `after`; alerts above `seen`, and for a `new` viewer the open ones.
        One picture of both: what is numbered later is not in either."""
        with self._database.begin() as conn:
            conn.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            positions = read_positions(conn, self._now(), self.thresholds, after=after)
            return positions, alerts_after(conn, seen, with_open=new)
