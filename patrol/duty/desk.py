"""The desk, and who checks: whom work concerns by their role, in whose grids it lies.

By a post or by the role of an account; never who is on leave.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from data.sql import load_sql

_SQL = load_sql("patrol.duty", "desk.sql")


def dispatchers_of(conn: Connection, chain: Sequence[str], at: datetime) -> frozenset[int]:
    """The staff who dispatch at `at` for the whole installation or for one of these grids."""
    return _staff(conn, "dispatchers", chain, at)


def inspectors_of(conn: Connection, chain: Sequence[str], at: datetime) -> frozenset[int]:
    """The staff who inspect one of these grids at `at`."""
    return _staff(conn, "inspectors", chain, at)


def _staff(conn: Connection, name: str, chain: Sequence[str], at: datetime) -> frozenset[int]:
    return frozenset(conn.scalars(text(_SQL[name]), {"chain": [*chain], "at": at}))
