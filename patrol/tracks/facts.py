"""What the fixes of a unit's day say, as the rows that are stored of it."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray

from gis.segments import Segments, cut_into_segments
from gis.track import DEFAULT, analyse
from gis.visits import find_visits
from patrol.tracks.fixes import UnitFixes
from patrol.tracks.grids import Whereabouts
from patrol.tracks.unit_days import UnitDay, unit_day_of

Row = tuple[object, ...]
Array = NDArray[np.float64]

_LINESTRING_M = 0x60000002
"""EWKB's number of it, with the flags for M and for an SRID."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class DayFacts:
    """Each row begins with `from_at` and `to_at`. What follows: of a segment how many fixes, length_m,
    max_speed_mps and the line (EWKB); of a trip length_m; of a stop lon and lat; of a visit `grids.id`
    and how many fixes. A day without fixes has no `unit_day` and no rows."""

    unit_day: UnitDay | None = None
    segments: Sequence[Row] = ()
    trips: Sequence[Row] = ()
    stops: Sequence[Row] = ()
    gaps: Sequence[Row] = ()
    visits: Sequence[Row] = ()


def facts_of(fixes: UnitFixes, day: date, where: Whereabouts) -> DayFacts:
    """The facts of the day's fixes, of which there is at least one. `where` is of all of them; those
    that are not believed have no part in anything."""
    track = fixes.track
    analysis = analyse(track)
    believed = np.flatnonzero(analysis.flags == 0)
    t_s, lon, lat = track.t_s[believed], track.lon[believed], track.lat[believed]
    segments = cut_into_segments(t_s, lon, lat, gap_s=DEFAULT.gap_s)
    visits = find_visits(t_s, where.grid_id[believed], map_number=where.edition_id[believed])
    return DayFacts(
        unit_day=unit_day_of(fixes, day, analysis),
        segments=_rows(
            t_s[segments.first],
            t_s[segments.last],
            (segments.last - segments.first + 1).tolist(),
            segments.length_m.tolist(),
            segments.max_speed_mps.tolist(),
            _lines(segments, np.column_stack([lon, lat, t_s])),
        ),
        trips=[(_instant(t.from_s), _instant(t.to_s), t.length_m) for t in analysis.trips],
        stops=[(_instant(s.from_s), _instant(s.to_s), s.lon, s.lat) for s in analysis.stops],
        gaps=[(_instant(g.from_s), _instant(g.to_s)) for g in analysis.gaps],
        visits=_rows(
            t_s[visits.first], t_s[visits.last], visits.place.tolist(), visits.fixes.tolist()
        ),
    )


def _rows(from_s: Array, to_s: Array, *rest: Sequence[object]) -> list[Row]:
    begin, end = (map(_instant, column.tolist()) for column in (from_s, to_s))
    return list(zip(begin, end, *rest, strict=True))


def _lines(segments: Segments, vertices: Array) -> list[bytes]:
    """Lines in EPSG:4326 whose M is the time. A lone fix is a line of no length: a line has two ends."""
    lines = []
    for first, last in zip(segments.first.tolist(), segments.last.tolist(), strict=True):
        line = vertices[[first, first]] if first == last else vertices[first : last + 1]
        lines.append(struct.pack("<BIII", 1, _LINESTRING_M, 4326, len(line)) + line.tobytes())
    return lines


def _instant(t_s: float) -> datetime:
    return datetime.fromtimestamp(t_s, UTC)
