"""Storing a day's facts: what is stored of it already and still true stays, the rest is replaced.

A day that goes on is worked out every few minutes, and all but its end comes out as before: rewriting
it would be most of what the database has to do.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import shapely
from psycopg import Connection as DriverConnection
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    DateTime,
    Table,
    any_,
    delete,
    func,
    insert,
    literal,
    select,
)

from data.schema import gaps, renewed_tracks, stops, track_segments, trips, visits
from data.sql import load_sql
from gis.work_day import reading_period
from patrol.tracks.facts import DayFacts, Row

_SQL = load_sql("patrol.tracks", "facts.sql")


@dataclass(frozen=True, slots=True)
class _Kind:
    """`columns` are those of a row, in their order."""

    table: Table
    store: str
    columns: tuple[str, ...]


_SEGMENTS = _Kind(
    track_segments,
    "store_segments",
    ("from_at", "to_at", "fixes", "length_m", "max_speed_mps", "geom"),
)
_TRIPS = _Kind(trips, "store_trips", ("from_at", "to_at", "length_m"))
_STOPS = _Kind(stops, "store_stops", ("from_at", "to_at", "lon", "lat"))
_GAPS = _Kind(gaps, "store_gaps", ("from_at", "to_at"))
_VISITS = _Kind(visits, "store_visits", ("from_at", "to_at", "grid_id", "fixes"))
_KINDS = (_SEGMENTS, _TRIPS, _STOPS, _GAPS, _VISITS)


def store_facts(conn: Connection, unit_id: int, day: date, facts: DayFacts) -> None:
    """Make the stored facts of the working day these."""
    for kind, rows in zip(
        _KINDS, (facts.segments, facts.trips, facts.stops, facts.gaps, facts.visits), strict=True
    ):
        changed = _replace(conn, kind, unit_id, day, rows)
        if kind is _SEGMENTS and changed:
            _tell(conn, unit_id, changed)


def drop_facts(conn: Connection, unit_ids: Collection[int], before: datetime) -> None:
    """Forget what began before an instant, of these units."""
    ids = any_(literal(sorted(unit_ids), ARRAY(BigInteger)))
    for kind in _KINDS:
        columns = kind.table.c
        conn.execute(delete(kind.table).where(columns.unit_id == ids, columns.from_at < before))


def _tell(conn: Connection, unit_id: int, segments: Collection[Row]) -> None:
    """Whoever keeps what follows from tracks of the places and times that have changed."""
    begins, ends, *_, lines = zip(*segments, strict=True)
    box = shapely.total_bounds(shapely.from_wkb(lines)).tolist()
    conn.execute(
        insert(renewed_tracks).values(
            unit_id=unit_id,
            since=min(begins),
            until=max(ends),
            **dict(zip(("west", "south", "east", "north"), box, strict=True)),
        )
    )


def _replace(
    conn: Connection,
    kind: _Kind,
    unit_id: int,
    day: date,
    rows: Sequence[Row],
) -> Collection[Row]:
    """Returns the rows that are gone and those that are new."""
    columns = kind.table.c
    since, until = reading_period(day)
    read = [
        func.ST_AsEWKB(columns.geom) if name == "geom" else columns[name] for name in kind.columns
    ]
    stored = {
        tuple(row)
        for row in conn.execute(
            select(*read).where(
                columns.unit_id == unit_id,
                columns.from_at >= since,
                columns.from_at < until,
                columns.day == day,
            )
        )
    }
    if gone := {row[0] for row in stored} - {row[0] for row in rows}:
        at = any_(literal(sorted(gone), ARRAY(DateTime(timezone=True))))
        conn.execute(
            delete(kind.table).where(
                columns.unit_id == unit_id, columns.from_at == at, columns.day == day
            )
        )
    if new := [row for row in rows if row not in stored]:
        driver = conn.connection.driver_connection
        assert isinstance(driver, DriverConnection)
        values = dict(zip(kind.columns, map(list, zip(*new, strict=True)), strict=True))
        driver.execute(_SQL[kind.store], {"unit_id": unit_id, "day": day, **values})
    return stored.symmetric_difference(rows)
