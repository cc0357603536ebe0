"""Working out what fixes mean, for the days whose fixes changed.

Whoever stores fixes marks the days that they touch, in the same transaction. Here a mark is taken, the
day's fixes are read and its facts replaced, in one transaction a day: interrupted anywhere, the facts
are as they were and the mark is still there. Several processes share the marks.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from psycopg import Connection as DriverConnection
from sqlalchemy import Connection

from data.database import Database
from data.sql import load_sql
from gis.track import Track
from gis.work_day import fixes_of_day, reading_period
from patrol.tracks.facts import DayFacts, facts_of
from patrol.tracks.facts_store import store_facts
from patrol.tracks.fixes import UnitFixes, read_fixes
from patrol.tracks.grids import VisitedGrids
from patrol.tracks.unit_days import forget_unit_day, store_unit_days

_SQL = load_sql("patrol.tracks", "changes.sql")

_DAY = timedelta(days=1)
_MOST_AT_ONCE = 500
_DAYS_AT_ONCE = 7
"""Whoever stores fixes of a day may have to wait for its mark."""


class FactsInUse(Exception):
    """Old facts are being dropped just now; it does not take long."""


def analyse_changes(
    database: Database,
    grids: VisitedGrids,
    *,
    before: datetime,
    progress: Callable[[int], None] = lambda _days: None,
    failed: Callable[[int, date, Exception], None] | None = None,
) -> int:
    """Work off the marks that were made up to `before`, and those that somebody has left half done.
    Returns how many.

    `progress` is told of each and may raise to end it all. A day that fails is put off and told to
    `failed`; without one, raised. Raises FactsInUse while old facts are being dropped.
    """
    done = 0
    put_off: set[tuple[int, date]] = set()
    while True:
        with database.begin() as conn:
            driver = _driver(conn)
            driver.execute(_SQL["commit_lazily"])
            driver.execute(_SQL["lock_positions"])
            values = {"before": before, "most": _MOST_AT_ONCE}
            more = driver.execute(_SQL["take_changes"], values).rowcount
        for _ in _work_off(database, grids, failed, put_off):
            done += 1
            progress(1)
        if not more:
            return done


def mark_days(database: Database, since: date | None, until: date | None) -> int:
    """Mark the days from `since` to `until`, both included, of every unit that has fixes then; None is
    as far as there are any. Returns how many are marked altogether."""
    with database.begin() as conn:
        [(first, last)] = _driver(conn).execute(_SQL["days_with_fixes"])
    if first is not None:
        # The last day (UTC) of fixes ends in the next one in China.
        begin, end = since or first, until or last + _DAY
        days = [begin + n * _DAY for n in range((end - begin).days + 1)]
        for start in range(0, len(days), _DAYS_AT_ONCE):
            some = days[start : start + _DAYS_AT_ONCE]
            begins, ends = zip(*map(reading_period, some), strict=True)
            with database.begin() as conn:
                _driver(conn).execute(
                    _SQL["mark_days"],
                    {"day": some, "since": list(begins), "until": list(ends)},
                )
    with database.begin() as conn:
        [(marked,)] = _driver(conn).execute(_SQL["count_changes"])
    return int(marked)


def facts_of_day(conn: Connection, grids: VisitedGrids, unit_id: int, day: date) -> DayFacts:
    """What the stored fixes say now."""
    fixes = read_day(conn, unit_id, day)
    return DayFacts() if fixes is None else facts_of(fixes, day, grids.of(conn, fixes.track))


def read_day(conn: Connection, unit_id: int, day: date) -> UnitFixes | None:
    """The fixes of a unit's working day; None when there are none."""
    found = read_fixes(conn, [unit_id], *reading_period(day))
    return fixes_on(found[0], day) if found else None


def fixes_on(fixes: UnitFixes, day: date) -> UnitFixes | None:
    """Those of the day, out of all in its reading period or more."""
    track = fixes.track
    of_day = fixes_of_day(track.t_s, day)
    if of_day.start >= of_day.stop:
        return None
    columns = (track.t_s, track.lon, track.lat, track.accuracy_m)
    t_s, lon, lat, accuracy_m = (column[of_day] for column in columns)
    return replace(
        fixes,
        track=Track(t_s=t_s, lon=lon, lat=lat, accuracy_m=accuracy_m),
        grid_id=fixes.grid_id[of_day],
    )


def own_facts(conn: Connection) -> None:
    """Until the end of the transaction nobody works facts out."""
    _driver(conn).execute(_SQL["own_facts"])


def _work_off(
    database: Database,
    grids: VisitedGrids,
    failed: Callable[[int, date, Exception], None] | None,
    put_off: set[tuple[int, date]],
) -> Iterator[None]:
    """All marks that are taken and that nobody else works on, one transaction each."""
    while True:
        change: tuple[int, date] | None = None
        try:
            with database.begin() as conn:
                change = _next(conn)
                if change is None or change in put_off:
                    return
                _renew(conn, grids, *change)
        except Exception as error:
            if change is None or failed is None:
                raise
            put_off.add(change)
            with database.begin() as conn:
                _driver(conn).execute(_SQL["put_off"], _key(change))
            failed(*change, error)
        yield


def _next(conn: Connection) -> tuple[int, date] | None:
    driver = _driver(conn)
    driver.execute(_SQL["commit_lazily"])
    [(shared,)] = driver.execute(_SQL["share_facts"])
    if not shared:
        raise FactsInUse
    found: tuple[int, date] | None = driver.execute(_SQL["next_change"]).fetchone()
    return found


def _renew(conn: Connection, grids: VisitedGrids, unit_id: int, day: date) -> None:
    facts = facts_of_day(conn, grids, unit_id, day)
    store_facts(conn, unit_id, day, facts)
    if facts.unit_day is None:
        forget_unit_day(conn, unit_id, day)
    else:
        store_unit_days(conn, [facts.unit_day])
    _driver(conn).execute(_SQL["finish_change"], _key((unit_id, day)))


def _key(change: tuple[int, date]) -> dict[str, object]:
    unit_id, day = change
    return {"unit_id": unit_id, "day": day}


def _driver(conn: Connection) -> DriverConnection:
    driver = conn.connection.driver_connection
    assert isinstance(driver, DriverConnection)
    return driver
