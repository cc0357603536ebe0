"""Retention: readings are dropped when they were kept long enough.

What is exceeded stays what it is: of each sensor the last week that it was heard in stays, which is the
longest that a threshold waits, and everything from the beginning of an exceedance that is not over, or
ended in what is kept. So nothing has to be judged again, and nothing is raised twice.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from data.audit import Who, record
from data.database import Database
from data.sql import load_sql
from gis.errors import Conflict
from patrol.sensors.rule import LONGEST_WAIT

_SQL = load_sql("patrol.sensors", "retention.sql")

_AT_ONCE = 50_000


def count_expired_readings(conn: Connection, before: datetime) -> int:
    """How many `drop_expired_readings` would drop."""
    return sum(row.readings for row in _expired(conn, before))


def drop_expired_readings(
    database: Database,
    before: datetime,
    who: Who,
    *,
    progress: Callable[[int], None] = lambda _readings: None,
    at_once: int = _AT_ONCE,
) -> int:
    """Drop readings older than `before`, and say how many they were.

    At most `at_once` go in one transaction, with their record in the audit; `progress` is told of them
    and may raise to end it all: it can be run again. Raises Conflict while another process is at it.
    """
    with database.begin() as lock:
        if not lock.scalar(text(_SQL["try_lock"])):
            raise Conflict("Another process is dropping old readings just now; let it finish.")
        with database.begin() as conn:
            expired = _expired(conn, before)
        dropped = 0
        while now := _drop(database, expired, who, at_once):
            progress(now)
            dropped += now
    return dropped


def _drop(
    database: Database, expired: Sequence[Row[*tuple[Any, ...]]], who: Who, at_once: int
) -> int:
    with database.begin() as conn:
        dropped = conn.execute(
            text(_SQL["drop"]),
            {
                "sensor_ids": [row.sensor_id for row in expired],
                "sinces": [row.since for row in expired],
                "count": at_once,
            },
        ).rowcount
        if dropped:
            record(conn, who, "retention.drop", "readings", details={"readings": dropped})
    return dropped


def _expired(conn: Connection, before: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    """The sensors that have readings to drop: those from before `since`, `readings` of them."""
    parameters = {"before": before, "longest_wait": LONGEST_WAIT}
    return conn.execute(text(_SQL["expired"]), parameters).all()
