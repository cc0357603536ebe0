"""Slowing down whoever guesses the codes by which people follow their cases.

Only by address: nobody can keep somebody else from following their case by failing at it.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from api.accounts.failures import Patience, count, read, require_patience, turn
from data.database import Database

CODES = Patience(free=20, longest_s=60.0)
"""Codes have 80 random bits, and many phones share an address."""


class Guesses:
    """Safe to share between threads, and between processes. Each method is a transaction of its own."""

    def __init__(
        self, database: Database, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def check(self, address: str) -> None:
        """Raises Overloaded, with the seconds to wait, for an address that has failed too often."""
        key = _key(address)
        with self._database.begin() as conn:
            failures = read(conn, [key], self._now())[key]
        require_patience(CODES.left_s(failures), "wrong codes from here")

    def failed(self, address: str) -> None:
        now = self._now()
        with turn(self._database) as conn:
            count(conn, read(conn, [_key(address)], now), now)


def _key(address: str) -> str:
    return f"follow code {address}"
