"""Who was near a place: exactly, from the fixes of those segments whose boxes come near it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import shapely
from psycopg import Connection as DriverConnection
from sqlalchemy import Connection, func, select

from data.schema import changed_days, units
from data.scope import Viewer
from data.sql import load_sql
from gis.errors import InvalidInput
from gis.geodesy import metres_per_degree
from gis.local_time import LOCAL
from gis.passages import Passage, find_passages
from patrol.tracking.units import Unit, is_seen_by, units_with_ids
from patrol.tracks.fixes import check_period

_SQL = load_sql("patrol.tracks", "nearby.sql")

LONGEST = timedelta(days=7)
FURTHEST_M = 3000.0
_MOST_SEGMENTS = 50_000
_MARGIN = 1.01
"""By how much the box is wider: a degree is a little longer at one edge of it than in the middle."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NearbyUnit:
    """`passages`, at least one, in the order of time."""

    unit: Unit
    passages: tuple[Passage, ...]

    @property
    def closest(self) -> Passage:
        return min(self.passages, key=lambda passage: passage.closest_m)


@dataclass(frozen=True, kw_only=True, slots=True)
class Nearby:
    """The nearest first. Fixes that arrived after `as_of` may not be in it yet; None is all are."""

    units: tuple[NearbyUnit, ...]
    as_of: datetime | None


def find_nearby(
    conn: Connection,
    viewer: Viewer,
    place: tuple[float, float],
    radius_m: float,
    period: tuple[datetime, datetime],
) -> Nearby:
    """The units that `viewer` sees and that came within the radius of a place (lon, lat) in a period,
    whose end is not included.

    Raises InvalidInput for a period that is empty or longer than LONGEST, and for so much that happened
    there that it would take long.
    """
    check_period(*period, longest=LONGEST)
    since, until = period
    per_lon, per_lat = metres_per_degree(min(abs(place[1]) + 0.05, 89.0))
    across, along = radius_m * _MARGIN / per_lon, radius_m * _MARGIN / per_lat
    (lon, lat) = place
    driver = conn.connection.driver_connection
    assert isinstance(driver, DriverConnection)
    segments = driver.execute(
        _SQL["segments_near"],
        {
            **{"west": lon - across, "south": lat - along, "east": lon + across},
            **{"north": lat + along, "since": since, "until": until, "most": _MOST_SEGMENTS + 1},
        },
    ).fetchall()
    if len(segments) > _MOST_SEGMENTS:
        raise InvalidInput(
            "Too much went on there in that time; ask for a smaller radius or a shorter period.",
            field="radius_m",
            code="too_many",
        )
    found = _passages(segments, place, radius_m, (since.timestamp(), until.timestamp()))
    nearby = [
        NearbyUnit(unit=unit, passages=found[unit.id])
        for unit in units_with_ids(conn, found, viewer)
    ]
    return Nearby(
        units=tuple(sorted(nearby, key=lambda each: each.closest.closest_m)),
        as_of=_as_of(conn, viewer, since, until),
    )


def _passages(
    segments: Sequence[tuple[int, bytes]],
    place: tuple[float, float],
    radius_m: float,
    period_s: tuple[float, float],
) -> dict[int, tuple[Passage, ...]]:
    """By unit, of those that have any."""
    if not segments:
        return {}
    lines = shapely.from_wkb([line for _, line in segments])
    vertices, line = shapely.get_coordinates(lines, include_m=True, return_index=True)
    unit_id = np.array([unit for unit, _ in segments], np.int64)[line]
    found = {}
    for unit, first, end in _runs(unit_id):
        lon, lat, t_s = vertices[first:end].T
        passages = find_passages(
            t_s,
            lon,
            lat,
            line=line[first:end],
            place=place,
            radius_m=radius_m,
            period_s=period_s,
        )
        if passages:
            found[unit] = passages
    return found


def _runs(unit_id: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[tuple[int, int, int]]:
    units_, first = np.unique(unit_id, return_index=True)
    ends = [*first[1:].tolist(), len(unit_id)]
    return list(zip(units_.tolist(), first.tolist(), ends, strict=True))


def _as_of(conn: Connection, viewer: Viewer, since: datetime, until: datetime) -> datetime | None:
    """When the oldest of the marks was made that concern the period: those of its working days, of
    which the first may be the day before."""
    first, last = since.astimezone(LOCAL).date(), until.astimezone(LOCAL).date()
    marks = changed_days.c
    oldest: datetime | None = conn.scalar(
        select(func.min(marks.changed_at))
        .select_from(changed_days.join(units, units.c.id == marks.unit_id))
        .where(marks.day >= first - timedelta(days=1), marks.day <= last, is_seen_by(viewer))
    )
    return oldest
