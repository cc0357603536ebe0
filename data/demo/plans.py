"""Patrol plans of the town's middle, round public places that somebody passes on most days: some of
their rounds are done and some are not.

They are stored as `patrol.plans` reads them, which `data` must not import; a test reads them there.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely

from data.demo.facilities import Facility
from data.demo.patrols.history import PatrolRecord
from gis.geodesy import metres_per_degree
from gis.grid import Grid

RADIUS_M = 40.0
_CHECKPOINTS = 4
_PUBLIC = ("bus_stop", "toilet", "clinic", "school")
_EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
_DAY_S = 86_400


def checkpoints_in(
    grid: Grid, facilities: Sequence[Facility], patrols: Sequence[PatrolRecord]
) -> list[Facility]:
    """The public places of the grid that are passed on the most days."""
    places = [each for each in facilities if each.kind in _PUBLIC and _is_in(grid, each)]
    lon, lat, at_s = (
        np.concatenate([getattr(patrol.fixes, name) for patrol in patrols])
        for name in ("lon", "lat", "at_s")
    )

    def days_passed(place: Facility) -> int:
        per_lon, per_lat = metres_per_degree(place.lat)
        away_m = np.hypot((lon - place.lon) * per_lon, (lat - place.lat) * per_lat)
        return len(np.unique(at_s[away_m < RADIUS_M] // _DAY_S))

    return sorted(places, key=lambda place: (-days_passed(place), place.code))[:_CHECKPOINTS]


def patrol_plans_of(grid: Grid, checkpoint_ids: Sequence[int]) -> list[Mapping[str, Any]]:
    """The columns of plans but for their dates."""
    return [
        {
            "name": f"{grid.name}重点点位巡查",
            "grid_code": grid.code,
            "kind": "points",
            "checkpoint_ids": [*checkpoint_ids],
            "resolution": None,
            "rhythm": {
                "weekdays": _EVERY_DAY,
                "windows": [{"from": "07:00", "to": "12:00"}, {"from": "13:00", "to": "19:00"}],
            },
            "at_least": 1.0,
        },
        {
            "name": f"{grid.name}日常普巡",
            "grid_code": grid.code,
            "kind": "cells",
            "checkpoint_ids": [],
            "resolution": 9,
            "rhythm": {"weekdays": _EVERY_DAY, "windows": [{"from": "06:00", "to": "20:00"}]},
            "at_least": 0.8,
        },
    ]


def _is_in(grid: Grid, each: Facility) -> bool:
    return bool(shapely.contains_xy(grid.geometry, each.lon, each.lat))
