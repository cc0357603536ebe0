"""The borders of an edition as tiles of low zooms show them, made ready when it comes into force.

All grids of a level are simplified as one coverage (Visvalingam-Whyatt on the edges, not on the
polygons), so that neighbours keep one border between them and no gap opens.
"""

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from data.sql import load_sql
from gis.polygons import polygonal

ZOOMS = (12, 9)
"""Up to which zooms outlines are made; beyond, tiles show what is stored."""

_WORLD_M = 40_075_016.685578488
_PIXELS = 256
_SQL = {name: text(sql) for name, sql in load_sql("data.editions", "outlines.sql").items()}


def write_outlines(conn: Connection, edition_id: int) -> None:
    """Make the outlines of an edition's grids; those that were there are replaced."""
    rows = conn.execute(_SQL["grids"], {"edition": edition_id}).all()
    conn.execute(_SQL["forget"], {"edition": edition_id})
    ids = np.array([row.id for row in rows])
    levels = np.array([row.level for row in rows])
    areas = shapely.from_wkb([bytes(row.wkb) for row in rows])
    for zoom in ZOOMS:
        for level in np.unique(levels):
            of_level = levels == level
            wkbs = [area.wkb for area in _simplified(areas[of_level], zoom)]
            conn.execute(_SQL["write"], {"zoom": zoom, "ids": ids[of_level].tolist(), "wkbs": wkbs})


def _simplified(areas: NDArray[Any], zoom: int) -> list[shapely.MultiPolygon]:
    """To a quarter of a pixel of that zoom."""
    tolerance_m = _WORLD_M / 2**zoom / _PIXELS / 4
    # Where grids overlap they are no coverage: those borders are simplified too, each by itself.
    return [polygonal(area) for area in shapely.coverage_simplify(areas, tolerance_m)]
