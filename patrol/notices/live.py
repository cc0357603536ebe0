"""Who is waiting for notices, woken up when there is one.

A notification only wakes the reader up. It numbers what was committed since, and wakes those whose it
is; each then reads, as themselves, what has a number above the last one that they saw. So nothing is
missed, whatever was lost on the way, and nobody who tells something waits for anybody.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from data.background import Reconnecting
from data.database import Database
from data.scope import Viewer
from patrol.notices.listing import concerned_after, number_notices

_LOOK_ANYWAY_S = 30.0  # without a notification, should one ever be lost
_REST_S = 0.1  # between two looks: what is told meanwhile is numbered together


class Waiting:
    """Somebody who waits; nobody on the staff waits in vain."""

    def __init__(self, staff_id: int | None, wake: Callable[[], None]) -> None:
        self.staff_id = staff_id
        self._wake = wake
        self._told = False

    def tell(self) -> None:
        self._told = True
        self._wake()

    def take(self) -> bool:
        """Whether there may be something since it was taken last."""
        told, self._told = self._told, False
        return told


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
    def waiting(self, staff_id: int | None, *, wake: Callable[[], None]) -> Iterator[Waiting]:
        """`wake` is called when there may be something."""
        who = Waiting(staff_id, wake)
        who.tell()  # whoever comes looks first
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
                await asyncio.sleep(_REST_S)
                async for _ in conn.notifies(timeout=_LOOK_ANYWAY_S, stop_after=1):
                    pass

    async def _look(self) -> None:
        """Wake those who have something new, whichever process has numbered it."""
        self._seq, concerned = await asyncio.to_thread(self._number, self._seq)
        for who in self._waiting:
            if who.staff_id in concerned:
                who.tell()

    def _number(self, after: int) -> tuple[int, Collection[int]]:
        with self._database.begin(Viewer.everything()) as conn:
            number_notices(conn)
            return concerned_after(conn, after)
