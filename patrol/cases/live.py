"""Who is waiting for changes of cases, woken up when there are some.

A notification says which case has changed, not what about it: whoever waits reads it as themselves, so
nobody hears of a case that they do not see. What came while the connection was lost nobody knows; then
everybody is told that anything may have changed.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from data.background import Reconnecting
from data.database import Database

MOST_AT_ONCE = 100
"""Of more cases than this whoever waits is told that anything may have changed."""


class _Told(msgspec.Struct):
    """What `patrol.cases.store.insert_events` says."""

    id: int


_read = msgspec.json.Decoder(_Told).decode


@dataclass(frozen=True, slots=True)
class Changed:
    """`anything`: not only these may have changed."""

    case_ids: tuple[int, ...]
    anything: bool


class Watching:
    """Somebody who waits."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._case_ids: set[int] = set()
        self._anything = False

    def tell(self, case_id: int) -> None:
        self._case_ids.add(case_id)
        self._wake()

    def tell_anything(self) -> None:
        self._anything = True
        self._wake()

    def take(self) -> Changed:
        """What has changed since it was taken last."""
        case_ids, self._case_ids = self._case_ids, set()
        anything, self._anything = self._anything, False
        if len(case_ids) > MOST_AT_ONCE:
            return Changed((), anything=True)
        return Changed(tuple(sorted(case_ids)), anything=anything)


class LiveCases(Reconnecting):
    """`async with LiveCases(database) as live:` listens until it is left."""

    def __init__(self, database: Database, *, retry_s: float = 1.0) -> None:
        super().__init__(retry_s=retry_s)
        self._database = database
        self._watching: set[Watching] = set()

    def _coroutines(self) -> Sequence[Callable[[], Awaitable[None]]]:
        return (self._listen,)

    @contextmanager
    def watching(self, *, wake: Callable[[], None]) -> Iterator[Watching]:
        """`wake` is called when there is something to take."""
        who = Watching(wake)
        self._watching.add(who)
        try:
            yield who
        finally:
            self._watching.remove(who)

    async def _listen(self) -> None:
        async with await self._database.connect_async() as conn:
            await conn.execute("LISTEN cases")
            for who in self._watching:
                who.tell_anything()
            async for notification in conn.notifies():
                case_id = _read(notification.payload).id
                for who in self._watching:
                    who.tell(case_id)
