"""Replay: many units on one clock, as columns small enough to send.

A column's first number is absolute and the rest are differences, which are short: a day of a patrol
takes about a tenth of its GeoJSON.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from data.database import Database
from data.scope import Viewer
from gis.track import Track, analyse, flags
from patrol.tracking.units import Unit
from patrol.tracks.fixes import read_fixes
from patrol.tracks.stops import Standstill, standstills, stored_stops

_DEGREE = 1e6
_UNIT_DAYS_AT_ONCE = 4


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class UnitReplay:
    """The fixes to believe of one unit.

    `t_ms` counts from the replay's start, `lon` and `lat` are in millionths of a degree (EPSG:4326).
    In each the first number is absolute and the others are differences from the one before.
    """

    unit: Unit
    t_ms: NDArray[np.int64]
    lon: NDArray[np.int64]
    lat: NDArray[np.int64]
    stops: Sequence[Standstill]


def replay(
    database: Database, viewer: Viewer, units: Sequence[Unit], since: datetime, until: datetime
) -> Iterator[UnitReplay]:
    """The replay of those of the units that have fixes from `since` to before `until`, in their order.

    Read as it is asked for, a few units in a transaction: however slow the reader is, no transaction
    waits for it, and no more than these few are in memory.
    """
    days = max((until - since) / timedelta(days=1), 1e-3)
    at_once = max(1, int(_UNIT_DAYS_AT_ONCE / days))
    for first in range(0, len(units), at_once):
        some = units[first : first + at_once]
        with database.begin(viewer) as conn:
            ids = [unit.id for unit in some]
            found = read_fixes(conn, ids, since, until)
            stored = stored_stops(conn, ids, since, until)
        by_id = {fixes.unit_id: fixes.track for fixes in found}
        for unit in some:
            if unit.id in by_id:
                yield _unit_replay(unit, by_id[unit.id], stored.get(unit.id), since)


def _unit_replay(
    unit: Unit, track: Track, stored: Sequence[Standstill] | None, since: datetime
) -> UnitReplay:
    """The fixes of `track` to believe, on a clock that starts at `since`. Without `stored` stops
    they are worked out, which takes longer than all the rest."""
    if stored is not None:
        believed, stops = flags(track) == 0, stored
    else:
        analysis = analyse(track)
        believed, stops = analysis.flags == 0, standstills(analysis.stops)
    return UnitReplay(
        unit=unit,
        t_ms=_differences((track.t_s[believed] - since.timestamp()) * 1000),
        lon=_differences(track.lon[believed] * _DEGREE),
        lat=_differences(track.lat[believed] * _DEGREE),
        stops=stops,
    )


def _differences(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole numbers whose running sum is `values`, rounded."""
    whole: NDArray[np.int64] = np.rint(values).astype(np.int64)
    whole[1:] = whole[1:] - whole[:-1]
    return whole
