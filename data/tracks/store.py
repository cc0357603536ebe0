"""Storing a track: copied, deduplicated, located; whoever walked it was on duty."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from itertools import repeat

import numpy as np
from psycopg import Connection as DriverConnection
from psycopg import Cursor
from sqlalchemy import Connection

from data.editions import GridIndex
from data.sql import load_sql
from data.tracks.measured import Measured
from data.tracks.track import Track
from gis.crs import Crs, to_wgs84
from gis.work_day import touched_days

_SQL = load_sql("data.tracks", "tracks.sql")
_TYPES = [
    *("timestamptz", "float8", "float8"),
    *("float4" for _ in Measured._fields),
    *("int8", "int4", "text", "float8", "float8"),
]
_SHIFTED = (Crs.GCJ02, Crs.BD09)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredTrack:
    """What became of a track's fixes. `conflicts` are the numbers of those whose time the unit had
    already spent at another place, which stays."""

    stored: int
    duplicates: int
    conflicts: tuple[int, ...]


def store_track(
    conn: Connection,
    track: Track,
    *,
    unit_id: int,
    index: GridIndex | None,
    crs: Crs = Crs.WGS84,
) -> StoredTrack:
    """Store the fixes of a unit, each with the deepest grid of `index` around it, and move the unit
    there if that is news. The same track again stores nothing. A track in another `crs` is converted,
    and what it was is kept.

    Whoever imports a track says that its unit was on duty: a duty session covers it afterwards.
    """
    if not len(track):
        return StoredTrack(stored=0, duplicates=track.repeats, conflicts=())
    driver = conn.connection.driver_connection
    assert isinstance(driver, DriverConnection)
    with driver.cursor() as cursor:
        cursor.execute(_SQL["create_staging"])
        cursor.execute(_SQL["empty_staging"])
        days = np.unique(track.at.astype("M8[D]")).tolist()
        cursor.execute(_SQL["make_partitions"], {"days": days})
        with cursor.copy(_SQL["copy_to_staging"]) as copy:
            copy.set_types(_TYPES)
            for row in _rows(track, index, crs):
                copy.write_row(row)
        unit = {"unit_id": unit_id}
        conflicts = tuple(number for (number,) in cursor.execute(_SQL["numbers_in_conflict"], unit))
        stored = cursor.execute(_SQL["insert_fixes"], unit).rowcount
        if stored:
            at = np.sort(track.at)
            _, changed = touched_days(np.full(len(at), unit_id), at)
            cursor.execute(_SQL["mark_changed_days"], {**unit, "days": changed.tolist()})
        _cover_with_duty(cursor, track, unit_id)
        is_late = stored and cursor.execute(_SQL["note_late_fixes"], unit).rowcount
        is_news = cursor.execute(_SQL["advance_position"], unit).rowcount
        if is_late and not is_news:
            cursor.execute(_SQL["touch_position"], unit)
        if is_late or is_news:
            cursor.execute(_SQL["notify_positions"])
    return StoredTrack(
        stored=stored,
        duplicates=track.repeats + len(track) - stored - len(conflicts),
        conflicts=conflicts,
    )


def cover_with_duty(conn: Connection, track: Track, *, unit_id: int) -> None:
    """Say that the unit was on duty all along the track, for whoever stores its fixes another way."""
    driver = conn.connection.driver_connection
    assert isinstance(driver, DriverConnection)
    if len(track):
        with driver.cursor() as cursor:
            _cover_with_duty(cursor, track, unit_id)


def _cover_with_duty(cursor: Cursor, track: Track, unit_id: int) -> None:
    first_at, last_at = (at.item().replace(tzinfo=UTC) for at in (track.at.min(), track.at.max()))
    cursor.execute(_SQL["lock_positions"])
    cursor.execute(
        _SQL["cover_with_duty"], {"unit_id": unit_id, "first_at": first_at, "last_at": last_at}
    )


def _rows(track: Track, index: GridIndex | None, crs: Crs) -> Iterator[tuple[object, ...]]:
    lon, lat = to_wgs84(track.lon, track.lat, crs)
    grid_ids = np.zeros(len(track), int) if index is None else index.grid_ids(lon, lat)
    places: Iterable[tuple[object, ...]] = repeat((None, None, None))
    if crs in _SHIFTED:
        places = zip(repeat(crs.value), track.lon.tolist(), track.lat.tolist())
    for at, x, y, measured, grid_id, number, source in zip(
        track.at.tolist(),
        lon.tolist(),
        lat.tolist(),
        track.measured.tolist(),
        grid_ids.tolist(),
        track.number.tolist(),
        places,
        strict=False,  # the sources may have no end
    ):
        known = (None if math.isnan(value) else value for value in measured)
        yield at.replace(tzinfo=UTC), x, y, *known, grid_id or None, number, *source
