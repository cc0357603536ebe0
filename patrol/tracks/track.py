"""The track of one unit between two instants: its trips, stops and gaps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from gis.track import Track, TrackAnalysis, analyse
from patrol.tracking.units import Unit
from patrol.tracks.fixes import GridName, check_period, grid_names, read_fixes

LONGEST = timedelta(days=31)


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
    fixes = read_fixes(conn, [unit.id], since, until)
    if not fixes:
        track = Track.of([], [], [])
        return UnitTrack(unit=unit, track=track, analysis=analyse(track), stop_grids={})
    [found] = fixes
    analysis = analyse(found.track)
    grid_ids = [int(found.grid_id[stop.first]) for stop in analysis.stops]
    names = grid_names(conn, grid_ids)
    return UnitTrack(
        unit=unit,
        track=found.track,
        analysis=analysis,
        stop_grids={
            index: names[grid_id] for index, grid_id in enumerate(grid_ids) if grid_id in names
        },
    )
