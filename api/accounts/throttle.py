"""Slowing down whoever guesses passwords: each failure past the free ones doubles the wait.

Failures are counted in the database, so a restart forgets none of them, under three keys: the account
and the address together, the account wherever it is tried from, and the address whatever it tries. The
waits end by themselves. They blunt guessing; nobody can lock an account with them: from an address where
its owner signed in lately, the failures of others elsewhere do not count.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from data.database import Database
from data.schema import audit_events, sign_in_failures
from gis.errors import Overloaded

_FORGET_AFTER = timedelta(hours=24)
_KNOWN_FOR = timedelta(days=30)
_MAX_KEYS = 10_000  # the one that failed longest ago is forgotten first

_KEY = sign_in_failures.c.key


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """After `free` failures the wait is a second, and doubles with each further one."""

    free: int
    longest_s: float

    def left_s(self, failures: int, ago_s: float) -> float:
        """How much longer to wait when the last of so many `failures` was `ago_s` ago."""
        excess = failures - self.free
        if excess < 0:
            return 0.0
        wait_s = self.longest_s if excess > 16 else min(2.0**excess, self.longest_s)
        return max(0.0, wait_s - max(0.0, ago_s))  # a clock that was put back adds nothing


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
        keys = _keys(username, address)
        with self._turn() as conn:
            counted = _read(conn, keys, now)
            left_s = _left_s(conn, counted, username, address, now)
            if left_s > 0:
                seconds = math.ceil(left_s)
                raise Overloaded(
                    f"Too many failed attempts to sign in; try again in {seconds} s.",
                    retry_after_s=seconds,
                )
            rows = insert(sign_in_failures).values(
                [{"key": key, "failures": counted[key].number + 1, "last_at": now} for key in keys]
            )
            new = {"failures": rows.excluded.failures, "last_at": rows.excluded.last_at}
            conn.execute(rows.on_conflict_do_update(index_elements=[_KEY], set_=new))
            if not all(failures.number for failures in counted.values()):  # the table has grown
                _tidy_up(conn, now)

    def succeeded(self, username: str, address: str) -> None:
        """The attempt was no failure, and those of before are forgiven the account, but not the
        address: it may go on to guess at others."""
        its_own = _address_key(address)
        with self._turn() as conn:
            _take_back(conn, its_own)
            forgiven = _keys(username, address).keys() - {its_own}
            conn.execute(delete(sign_in_failures).where(_KEY.in_(forgiven)))

    def forgive(self, username: str, address: str) -> None:
        """The attempt was neither a failure nor a success."""
        with self._turn() as conn:
            _take_back(conn, *_keys(username, address))

    @contextmanager
    def _turn(self) -> Iterator[Connection]:
        """One at a time: it takes a millisecond, and checking a password fifty."""
        with self._database.begin() as conn:
            conn.execute(select(func.pg_advisory_xact_lock(func.hashtext("sign_in_failures"))))
            yield conn


def _keys(username: str, address: str) -> Mapping[str, Patience]:
    return {
        f"account {username}": ACCOUNT,
        _address_key(address): ADDRESS,
        f"pair {address} {username}": PAIR,
    }


def _address_key(address: str) -> str:
    return f"address {address}"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Failures:
    number: int
    ago_s: float


def _read(conn: Connection, keys: Iterable[str], now: datetime) -> dict[str, _Failures]:
    """None is none lately."""
    statement = select(sign_in_failures).where(
        _KEY.in_(keys), sign_in_failures.c.last_at > now - _FORGET_AFTER
    )
    found = {
        row.key: _Failures(number=row.failures, ago_s=(now - row.last_at).total_seconds())
        for row in conn.execute(statement)
    }
    return {key: found.get(key, _Failures(number=0, ago_s=0.0)) for key in keys}


def _left_s(
    conn: Connection,
    counted: Mapping[str, _Failures],
    username: str,
    address: str,
    now: datetime,
) -> float:
    left_s = {
        patience: patience.left_s(counted[key].number, counted[key].ago_s)
        for key, patience in _keys(username, address).items()
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


def _take_back(conn: Connection, *keys: str) -> None:
    conn.execute(
        update(sign_in_failures)
        .where(_KEY.in_(keys))
        .values(failures=func.greatest(sign_in_failures.c.failures - 1, 0))
    )


def _tidy_up(conn: Connection, now: datetime) -> None:
    old = sign_in_failures.c.last_at <= now - _FORGET_AFTER
    too_many = select(_KEY).order_by(sign_in_failures.c.last_at.desc()).offset(_MAX_KEYS)
    conn.execute(delete(sign_in_failures).where(or_(old, _KEY.in_(too_many))))
