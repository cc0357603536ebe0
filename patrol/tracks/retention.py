"""Retention: fixes older than a set time are dropped, a day (UTC) at a time, with all that follows from
them and says where somebody was. Each unit's day in numbers is kept.

A day is one transaction: its numbers, its facts, its partition and its record in the audit. Interrupted
anywhere, it can be run again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, delete, func, select, text

from data.audit import Who, record
from data.database import Database
from data.schema import quarantined_fixes
from data.sql import load_sql
from gis.errors import Conflict
from gis.track import analyse
from gis.work_day import reading_period
from patrol.tracks.analysis import fixes_on, own_facts
from patrol.tracks.expiry import KeepSettings, expired_days, period_of
from patrol.tracks.facts_store import drop_facts
from patrol.tracks.fixes import read_fixes
from patrol.tracks.unit_days import store_unit_days, unit_day_of

_SQL = load_sql("patrol.tracks", "retention.sql")

_FIXES_AT_ONCE = 200_000


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpiredDay:
    day: date
    fixes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Expired:
    """What has been kept long enough: whole days (UTC), oldest first, and quarantined fixes."""

    days: tuple[ExpiredDay, ...]
    quarantined: int

    @property
    def fixes(self) -> int:
        return sum(day.fixes for day in self.days)


def find_expired(conn: Connection, keep: KeepSettings, now: datetime) -> Expired:
    """What `drop_expired` would drop."""
    days = expired_days(conn.scalars(text(_SQL["days"])), now, keep.fixes)
    old = select(func.count()).where(quarantined_fixes.c.received_at < now - keep.quarantine)
    return Expired(
        days=tuple(ExpiredDay(day=day, fixes=sum(_fixes_of(conn, day).values())) for day in days),
        quarantined=conn.scalars(old).one(),
    )


def drop_expired(
    database: Database,
    keep: KeepSettings,
    now: datetime,
    who: Who,
    *,
    progress: Callable[[int], None] = lambda _fixes: None,
) -> Expired:
    """Drop what has been kept long enough, and say what that was.

    `progress` is told of fixes as they are analysed. It may raise to end it all: then the day under way
    stays as it was. Raises Conflict while another process is at it.
    """
    with database.begin() as lock:
        if not lock.scalar(text(_SQL["try_lock"])):
            raise Conflict("Another process is dropping old positions just now; let it finish.")
        with database.begin() as conn:
            days = expired_days(conn.scalars(text(_SQL["days"])), now, keep.fixes)
        dropped = []
        for day in days:
            with database.begin() as conn:
                dropped.append(_drop_day(conn, day, who, progress))
        with database.begin() as conn:
            quarantined = _drop_quarantined(conn, now - keep.quarantine, who)
    return Expired(days=tuple(dropped), quarantined=quarantined)


def _drop_day(conn: Connection, day: date, who: Who, progress: Callable[[int], None]) -> ExpiredDay:
    own_facts(conn)
    fixes = _fixes_of(conn, day)
    for unit_ids in _batches(fixes):
        _keep_numbers(conn, unit_ids, day)
        progress(sum(fixes[unit_id] for unit_id in unit_ids))
    drop_facts(conn, fixes.keys(), period_of(day)[1])
    expired = ExpiredDay(day=day, fixes=sum(fixes.values()))
    conn.execute(text(_SQL["limit_waiting"]))
    # The record comes last: whoever reads fixes and records it takes the two locks in the same order.
    conn.execute(text(_SQL["drop_day"]), {"day": day})
    details = {"days": 1, "fixes": expired.fixes}
    record(conn, who, "retention.drop", f"day {day}", details=details)
    return expired


def _keep_numbers(conn: Connection, unit_ids: Sequence[int], day: date) -> None:
    """Of the working days that have fixes in the day (UTC): the one of its date, and the next, which
    begins in it. Their fixes are all there still, or were when the first of them were dropped."""
    end_s = period_of(day)[1].timestamp()
    working_days = (day, day + timedelta(days=1))
    since, until = reading_period(working_days[0])[0], reading_period(working_days[1])[1]
    store_unit_days(
        conn,
        [
            unit_day_of(fixes, working_day, analyse(fixes.track))
            for of_unit in read_fixes(conn, unit_ids, since, until)
            for working_day in working_days
            if (fixes := fixes_on(of_unit, working_day)) and fixes.track.t_s[0] < end_s
        ],
        expired=True,
    )


def _drop_quarantined(conn: Connection, before: datetime, who: Who) -> int:
    old = delete(quarantined_fixes).where(quarantined_fixes.c.received_at < before)
    dropped = conn.execute(old).rowcount
    if dropped:
        record(conn, who, "retention.drop", "quarantine", details={"fixes": dropped})
    return dropped


def _fixes_of(conn: Connection, day: date) -> dict[int, int]:
    """How many fixes of the day each unit has, by its id."""
    since, until = period_of(day)
    rows = conn.execute(text(_SQL["count_fixes"]), {"since": since, "until": until})
    return {row.unit_id: row.fixes for row in rows}


def _batches(fixes: Mapping[int, int]) -> Iterator[Sequence[int]]:
    """The units, in groups that fit into memory together."""
    batch: list[int] = []
    in_batch = 0
    for unit_id, count in fixes.items():
        if batch and in_batch + count > _FIXES_AT_ONCE:
            yield batch
            batch, in_batch = [], 0
        batch.append(unit_id)
        in_batch += count
    if batch:
        yield batch
