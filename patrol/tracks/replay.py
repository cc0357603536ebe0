"""Replay: many units on one clock, as columns small enough to send.

A column's first number is absolute and the rest are differences, which are short: a day of a patrol
takes about a tenth of its GeoJSON.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from gis.track import Stop, analyse
from patrol.tracking.units import Unit
from patrol.tracks.fixes import check_extent, read_fixes

_DEGREE = 1e6


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
    stops: tuple[Stop, ...]


def replay(
    conn: Connection, units: Sequence[Unit], since: datetime, until: datetime
) -> list[UnitReplay]:
    """The replay of those of the units that have fixes from `since` to before `until`, in their order.

    Raises InvalidInput for a period that is empty or too long, also for so many units.
    """
    check_extent(len(units), since, until)
    by_id = {
        fixes.unit_id: fixes for fixes in read_fixes(conn, [u.id for u in units], since, until)
    }
    replays = []
    for unit in units:
        if unit.id not in by_id:
            continue
        track = by_id[unit.id].track
        analysis = analyse(track)
        believed = analysis.flags == 0
        replays.append(
            UnitReplay(
                unit=unit,
                t_ms=_differences((track.t_s[believed] - since.timestamp()) * 1000),
                lon=_differences(track.lon[believed] * _DEGREE),
                lat=_differences(track.lat[believed] * _DEGREE),
                stops=analysis.stops,
            )
        )
    return replays


def _differences(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole numbers whose running sum is `values`, rounded."""
    whole: NDArray[np.int64] = np.rint(values).astype(np.int64)
    whole[1:] = whole[1:] - whole[:-1]
    return whole
