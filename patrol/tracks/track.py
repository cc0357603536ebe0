"""The track of one unit between two instants: its trips, stops and gaps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import Connection

from gis.track import Track, TrackAnalysis, analyse
from patrol.tracking.units import Unit
from patrol.tracks.fixes import LONGEST, GridName, UnitFixes, check_period, grid_names, read_fixes


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class UnitTrack:
    """`stop_grids` says where each stop was, by its place in `analysis.stops`; those in no grid are
    missing."""

    unit: Unit
    track: Track
    analysis: TrackAnalysis
    stop_grids: Mapping[int, GridName]


def track_of(conn: Connection, unit: Unit, since: datetime, until: datetime) -> UnitTrack:
    """What the unit's fixes from `since` to before `until` say.

    A stop is in the grid that its first fix was in when it arrived. Raises InvalidInput for a period
    that is empty or longer than LONGEST.
    """
    check_period(since, until, longest=LONGEST)
    found = read_fixes(conn, [unit.id], since, until)
    nothing = UnitFixes(unit_id=unit.id, track=Track.of([], [], []), grid_id=np.empty(0, np.int64))
    return analysed(conn, unit, found[0] if found else nothing)


def analysed(conn: Connection, unit: Unit, fixes: UnitFixes) -> UnitTrack:
    """What these fixes of the unit say."""
    analysis = analyse(fixes.track)
    grid_ids = [int(fixes.grid_id[stop.first]) for stop in analysis.stops]
    names = grid_names(conn, grid_ids) if grid_ids else {}
    return UnitTrack(
        unit=unit,
        track=fixes.track,
        analysis=analysis,
        stop_grids={
            index: names[grid_id] for index, grid_id in enumerate(grid_ids) if grid_id in names
        },
    )


def instant_of(seconds: float) -> datetime:
    """A time of a track, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
