"""The watch: looks at what units do as it becomes known, and at the clock.

It hears the same notification as the live stream, which only wakes it up. How far it has come is in the
database, so it may be stopped at any time, and several processes that watch find each other's work done.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from data.background import Reconnecting
from data.database import Database
from data.editions import GridIndexes
from patrol.alerts.rounds import Rounds
from patrol.alerts.rules import Rules
from patrol.tracking.presence import Thresholds

_UNITS_IN_A_ROUND = 100


class AlertWatch(Reconnecting):
    """`async with AlertWatch(…):` watches until it is left. It looks at fixes at most once in `rest_s`,
    and every `clock_s` at the clock. Without the database it tries again every `retry_s`.

    After a round it rests `rest` times as long as the round took: in a large town it takes a quarter of
    one processor from those who store fixes, and alerts are so much later. Calls for help do not wait
    for it: the recorder raises them.
    """

    def __init__(
        self,
        database: Database,
        grid_indexes: GridIndexes,
        *,
        rules: Rules = Rules(),
        thresholds: Thresholds = Thresholds(),
        rest: float = 3.0,
        rest_s: float = 1.0,
        clock_s: float = 10.0,
        retry_s: float = 1.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(retry_s=retry_s)
        self._database = database
        self._grid_indexes = grid_indexes
        self._rules = rules
        self._thresholds = thresholds
        self._rest = rest
        self._rest_s = rest_s
        self._clock_s = clock_s
        self._now = now
        self._after = 0
        self._look_at_clock_s = 0.0
        self._wake_up = asyncio.Event()

    def _coroutines(self) -> Sequence[Callable[[], Awaitable[None]]]:
        return self._listen, self._watch

    async def _listen(self) -> None:
        async with await self._database.connect_async() as conn:
            await conn.execute("LISTEN positions")
            self._wake_up.set()
            async for _ in conn.notifies():
                self._wake_up.set()

    async def _watch(self) -> None:
        rounds = Rounds(
            await self._database.connect_async(),
            self._grid_indexes,
            rules=self._rules,
            thresholds=self._thresholds,
        )
        try:
            while True:
                await self.look(rounds)
                with suppress(TimeoutError):
                    # Not wait_for: before Python 3.12 it swallows a cancellation that comes with the
                    # wake-up, and whoever leaves the watch would wait for ever.
                    async with asyncio.timeout(self._clock_s):
                        await self._wake_up.wait()
                await asyncio.sleep(self._rest_s)
        finally:
            await rounds.close()

    async def look(self, rounds: Rounds) -> None:
        """At everything that is new, and at the clock."""
        self._wake_up.clear()
        changed = await rounds.changed_units(self._after)
        for start in range(0, len(changed), _UNITS_IN_A_ROUND):
            part = changed[start : start + _UNITS_IN_A_ROUND]
            began_s = time.monotonic()
            await rounds.look_at_fixes([unit_id for unit_id, _ in part], self._now())
            await asyncio.sleep(self._rest * (time.monotonic() - began_s))
        if changed:
            self._after = changed[-1][1]
        if (now_s := time.monotonic()) >= self._look_at_clock_s:
            self._look_at_clock_s = now_s + self._clock_s
            await rounds.look_at_the_clock(self._now())
