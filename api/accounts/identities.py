"""Who is behind a token, remembered between requests and forgotten when anything about it changes.

Each request asks, so the answer is kept in memory. The database announces every change to accounts,
sessions, posts and editions (`announce_access` in the schema) whichever process makes it; an
announcement empties the memory. While nobody listens (at the start, or when the database went away),
nothing is remembered and every request asks the database.
"""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from anyio import to_thread

from api.accounts.service import Accounts, Identity
from api.accounts.tokens import token_hash
from data.background import Reconnecting
from data.database import Database

_REMEMBERED = 10_000
_FRESH_S = 10.0  # posts and sessions also end by the clock, which nobody announces


@dataclass(frozen=True, slots=True)
class _Remembered:
    identity: Identity
    until_s: float


class Identities(Reconnecting):
    """Belongs to one event loop; `async with` it listens until it is left. Who has not entered it asks
    the database each time.

    `generation` is another number whenever somebody's access may have changed.
    """

    def __init__(
        self,
        accounts: Accounts,
        database: Database,
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
        retry_s: float = 1.0,
    ) -> None:
        super().__init__(retry_s=retry_s)
        self._accounts = accounts
        self._database = database
        self._monotonic_s = monotonic_s
        self._by_token: OrderedDict[bytes, _Remembered] = OrderedDict()
        self.generation = 0
        self._watchers: set[Callable[[], None]] = set()
        self._listening = False

    async def identify(self, token: str) -> Identity:
        """Raises NotSignedIn for a token that is unknown, revoked or expired."""
        key = token_hash(token)
        remembered = self._by_token.get(key)
        now_s = self._monotonic_s()
        if remembered is not None and now_s < remembered.until_s:
            return remembered.identity
        generation = self.generation
        identity = await to_thread.run_sync(self._accounts.identify, token)
        # A change announced while the database was being asked may not be in its answer.
        if self._listening and generation == self.generation:
            self._by_token[key] = _Remembered(identity, now_s + _FRESH_S)
            self._by_token.move_to_end(key)
            if len(self._by_token) > _REMEMBERED:
                self._by_token.popitem(last=False)
        return identity

    def forget(self) -> None:
        self.generation += 1
        self._by_token.clear()
        for call in self._watchers:
            call()

    @contextmanager
    def watched(self, by: Callable[[], None]) -> Iterator[None]:
        """Inside the block `by` is called whenever somebody's access may have changed."""
        self._watchers.add(by)
        try:
            yield
        finally:
            self._watchers.remove(by)

    def _coroutines(self) -> Sequence[Callable[[], Awaitable[None]]]:
        return (self._listen,)

    async def _listen(self) -> None:
        try:
            async with await self._database.connect_async() as conn:
                await conn.execute("LISTEN access")
                self.forget()
                self._listening = True
                async for _ in conn.notifies():
                    self.forget()
        finally:
            self._listening = False
            self.forget()
