"""Who is waiting for notices, woken up when there is one.

A notification only wakes the reader up. It numbers what was committed since, and wakes those whose it
is; each then reads, as themselves, what has a number above the last one that they saw. So nothing is
missed, whatever was lost on the way, and nobody who tells something waits for anybody.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress

from data.background import Reconnecting
from data.database import Database
from data.scope import Viewer
from patrol.notices.listing import concerned_after, number_notices

_LOOK_ANYWAY_S = 30.0  # without a notification, should one ever be lost


class Waiting:
    """Somebody who waits; `woken` says that there may be something."""

    def __init__(self, staff_id: int) -> None:
        self.staff_id = staff_id
        self._woken = asyncio.Event()
        self._woken.set()  # whoever comes looks first

    def wake(self) -> None:
        self._woken.set()

    async def wait(self, *, within_s: float) -> bool:
        """Whether there may be something; False when nothing came for `within_s`."""
        with suppress(TimeoutError):
            # Not wait_for: before Python 3.12 it swallows a cancellation that comes with the change.
            async with asyncio.timeout(within_s):
                await self._woken.wait()
        woken = self._woken.is_set()
        self._woken.clear()
        return woken


class LiveNotices(Reconnecting):
    """`async with LiveNotices(database) as live:` listens until it is left. `database` is as the role
    that answers requests."""

    def __init__(self, database: Database, *, retry_s: float = 1.0) -> None:
        super().__init__(retry_s=retry_s)
        self._database = database
        self._waiting: set[Waiting] = set()
        self._seq = 0

    def _coroutines(self) -> Sequence[Callable[[], Awaitable[None]]]:
        return (self._listen,)

    @contextmanager
    def waiting(self, staff_id: int) -> Iterator[Waiting]:
        who = Waiting(staff_id)
        self._waiting.add(who)
        try:
            yield who
        finally:
            self._waiting.remove(who)

    async def _listen(self) -> None:
        async with await self._database.connect_async() as conn:
            await conn.execute("LISTEN notices")
            while True:
                await self._look()
                async for _ in conn.notifies(timeout=_LOOK_ANYWAY_S, stop_after=1):
                    pass

    async def _look(self) -> None:
        """Wake those who have something new, whichever process has numbered it."""
        self._seq, concerned = await asyncio.to_thread(self._number, self._seq)
        for who in self._waiting:
            if who.staff_id in concerned:
                who.wake()

    def _number(self, after: int) -> tuple[int, Collection[int]]:
        with self._database.begin(Viewer.everything()) as conn:
            number_notices(conn)
        with self._database.begin(Viewer.everything()) as conn:
            return concerned_after(conn, after)
