"""Failures as they are counted, each under a key: in the database, so a restart forgets none of them.

Each failure past the free ones doubles the wait. The waits end by themselves: they blunt guessing, and
lock nobody out.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from data.database import Database
from data.schema import sign_in_failures
from gis.errors import Overloaded

FORGET_AFTER = timedelta(hours=24)
_MAX_KEYS = 10_000  # the one that failed longest ago is forgotten first

_F = sign_in_failures.c


@dataclass(frozen=True, kw_only=True, slots=True)
class Failures:
    """Those of one key lately. The last was `ago_s` ago."""

    number: int = 0
    ago_s: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """After `free` failures the wait is a second, and doubles with each further one."""

    free: int
    longest_s: float

    def left_s(self, failures: Failures) -> float:
        """How much longer to wait after these."""
        excess = failures.number - self.free
        if excess < 0:
            return 0.0
        wait_s = self.longest_s if excess > 16 else min(2.0**excess, self.longest_s)
        return max(0.0, wait_s - max(0.0, failures.ago_s))  # a clock put back adds nothing


@contextmanager
def turn(database: Database) -> Iterator[Connection]:
    """A transaction in which nobody else counts. It takes a millisecond, checking a password fifty."""
    with database.begin() as conn:
        conn.execute(select(func.pg_advisory_xact_lock(func.hashtext("sign_in_failures"))))
        yield conn


def read(conn: Connection, keys: Collection[str], now: datetime) -> dict[str, Failures]:
    """Those of each key."""
    found = conn.execute(
        select(sign_in_failures).where(_F.key.in_(keys), _F.last_at > now - FORGET_AFTER)
    )
    failures = {
        row.key: Failures(number=row.failures, ago_s=(now - row.last_at).total_seconds())
        for row in found
    }
    return {key: failures.get(key, Failures()) for key in keys}


def count(conn: Connection, before: Mapping[str, Failures], now: datetime) -> None:
    """One more of each key, in a turn in which `before` was read."""
    rows = insert(sign_in_failures).values(
        [
            {"key": key, "failures": failures.number + 1, "last_at": now}
            for key, failures in before.items()
        ]
    )
    new = {"failures": rows.excluded.failures, "last_at": rows.excluded.last_at}
    conn.execute(rows.on_conflict_do_update(index_elements=[_F.key], set_=new))
    if not all(failures.number for failures in before.values()):  # the table has grown
        _tidy_up(conn, now)


def take_back(conn: Connection, keys: Iterable[str]) -> None:
    """The last of each key was none."""
    fewer = func.greatest(_F.failures - 1, 0)
    conn.execute(update(sign_in_failures).where(_F.key.in_(keys)).values(failures=fewer))


def forget(conn: Connection, keys: Iterable[str]) -> None:
    conn.execute(delete(sign_in_failures).where(_F.key.in_(keys)))


def require_patience(left_s: float, what: str) -> None:
    """Raises Overloaded, with the seconds to wait, as long as there is something `left_s`."""
    if left_s > 0:
        seconds = math.ceil(left_s)
        raise Overloaded(f"Too many {what}; try again in {seconds} s.", retry_after_s=seconds)


def _tidy_up(conn: Connection, now: datetime) -> None:
    old = _F.last_at <= now - FORGET_AFTER
    too_many = select(_F.key).order_by(_F.last_at.desc()).offset(_MAX_KEYS)
    conn.execute(delete(sign_in_failures).where(or_(old, _F.key.in_(too_many))))
