"""Who was near a place: exactly, from the fixes of those segments whose boxes come near it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from data.scope import Viewer
from data.tracks.segments import Vertices, bounds_around, read_vertices
from gis.passages import Passage, find_passages
from patrol.tracking.units import Unit, units_with_ids
from patrol.tracks.fixes import check_period
from patrol.tracks.marks import oldest_mark

LONGEST = timedelta(days=7)
FURTHEST_M = 3000.0
_MOST_SEGMENTS = 50_000


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
    vertices = read_vertices(
        conn, bounds_around(place, radius_m), since, until, most=_MOST_SEGMENTS, field="radius_m"
    )
    found = passages_by_unit(vertices, place, radius_m, (since.timestamp(), until.timestamp()))
    nearby = [
        NearbyUnit(unit=unit, passages=found[unit.id])
        for unit in units_with_ids(conn, found, viewer)
    ]
    return Nearby(
        units=tuple(sorted(nearby, key=lambda each: each.closest.closest_m)),
        as_of=oldest_mark(conn, viewer, since, until),
    )


def passages_by_unit(
    vertices: Vertices,
    place: tuple[float, float],
    radius_m: float,
    period_s: tuple[float, float],
) -> dict[int, tuple[Passage, ...]]:
    """Of those units (by `units.id`) that have any."""
    found = {}
    for unit_id, track in vertices.by_unit():
        passages = find_passages(
            track.t_s,
            track.lon,
            track.lat,
            line=track.line,
            place=place,
            radius_m=radius_m,
            period_s=period_s,
        )
        if passages:
            found[unit_id] = passages
    return found
