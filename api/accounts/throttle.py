"""Slowing down whoever guesses passwords.

Failures are counted under three keys: the account and the address together, the account wherever it is
tried from, and the address whatever it tries. Nobody can lock an account with them: from an address
where its owner signed in lately, the failures of others elsewhere do not count.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, select

from api.accounts.failures import (
    Failures,
    Patience,
    count,
    forget,
    read,
    require_patience,
    take_back,
    turn,
)
from data.database import Database
from data.schema import audit_events

_KNOWN_FOR = timedelta(days=30)

ACCOUNT = Patience(free=20, longest_s=15 * 60.0)
ADDRESS = Patience(free=50, longest_s=15 * 60.0)
PAIR = Patience(free=5, longest_s=60.0)


class Throttle:
    """Safe to share between threads, and between processes. Each method is a transaction of its own."""

    def __init__(
        self, database: Database, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    def begin(self, username: str, address: str) -> None:
        """An attempt. It counts as failed from now on, so that a hundred at once are not a hundred free
        ones, until `succeeded` or `forgive` says otherwise.

        Raises Overloaded, with the seconds to wait, instead, and then it does not count.
        """
        now = self._now()
        with turn(self._database) as conn:
            before = read(conn, _keys(username, address).keys(), now)
            left_s = _left_s(conn, before, username, address, now)
            require_patience(left_s, "failed attempts to sign in")
            count(conn, before, now)

    def succeeded(self, username: str, address: str) -> None:
        """The attempt was no failure, and those of before are forgiven the account, but not the
        address: it may go on to guess at others."""
        its_own = _address_key(address)
        with turn(self._database) as conn:
            take_back(conn, [its_own])
            forget(conn, _keys(username, address).keys() - {its_own})

    def forgive(self, username: str, address: str) -> None:
        """The attempt was neither a failure nor a success."""
        with turn(self._database) as conn:
            take_back(conn, _keys(username, address))


def _keys(username: str, address: str) -> Mapping[str, Patience]:
    return {
        f"account {username}": ACCOUNT,
        _address_key(address): ADDRESS,
        f"pair {address} {username}": PAIR,
    }


def _address_key(address: str) -> str:
    return f"address {address}"


def _left_s(
    conn: Connection, before: Mapping[str, Failures], username: str, address: str, now: datetime
) -> float:
    left_s = {
        patience: patience.left_s(before[key]) for key, patience in _keys(username, address).items()
    }
    longest_s = max(left_s[PAIR], left_s[ADDRESS])
    if left_s[ACCOUNT] > longest_s and not _is_known(conn, username, address, now):
        longest_s = left_s[ACCOUNT]
    return longest_s


def _is_known(conn: Connection, username: str, address: str, now: datetime) -> bool:
    """Whether the account signed in from there lately. Only the audit remembers that for long."""
    opened = select(audit_events.c.id).where(
        audit_events.c.actor == username,
        audit_events.c.action == "session.open",
        audit_events.c.address == address,
        audit_events.c.at > now - _KNOWN_FOR,
    )
    return conn.execute(opened.limit(1)).first() is not None
