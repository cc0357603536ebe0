"""Where more happens than chance would put there, and how that goes on."""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from gis.cells import Cells, cell_areas_m2, cells_meeting, lonlat_to_cells
from gis.errors import InvalidInput
from gis.hot_spots import HotSpots, Trend, find_hot_spots, trends
from layers.catalog.layer import Layer
from layers.cells.area import resolution_for
from layers.cells.points import Points, read_points
from layers.cells.question import Question
from layers.cells.rows import CellRows

USUAL_RESOLUTION = 9


def hot_spots(
    conn: Connection,
    source: Layer,
    question: Question,
    *,
    area: BaseGeometry,
    as_of: datetime,
) -> CellRows:
    """Gi* of every cell that meets the area, those without anything too.

    Raises InvalidInput for windows of a time that has no two ends or that the layer does not know.
    """
    resolution = resolution_for(area, question.resolution, usual=USUAL_RESOLUTION)
    cells = cells_meeting(area, resolution)
    points = read_points(conn, source, question, area=area)
    # A point within a hair of the area's edge may lie in a cell that only touches it from outside.
    found = lonlat_to_cells(points.lon, points.lat, resolution)
    place = np.searchsorted(cells, found)
    known = np.isin(found, cells)
    counts = np.bincount(place[known], minlength=len(cells))
    spots = find_hot_spots(cells, counts)
    going_on = _trends(cells, place, known, points, question)
    return CellRows.of(
        cells,
        {
            "spot": _names(spots),
            "trend": going_on,
            "count": counts.tolist(),
            "per_km2": (counts / (cell_areas_m2(cells) / 1e6)).round(3).tolist(),
            "neighbours": spots.neighbours.tolist(),
            "z": spots.z.round(4).tolist(),
            "p": spots.p.tolist(),
            "q": spots.q.tolist(),
        },
        resolution=resolution,
        as_of=as_of,
    )


def _names(spots: HotSpots) -> list[str]:
    return np.select([spots.hot(), spots.cold()], ["hot", "cold"], "none").tolist()  # type: ignore[no-any-return]


def _trends(
    cells: Cells,
    place: NDArray[np.intp],
    known: NDArray[np.bool_],
    points: Points,
    question: Question,
) -> list[Trend | None]:
    if question.windows == 1:
        return [None] * len(cells)
    span = question.span
    if span is None or span.since is None or span.until is None:
        raise InvalidInput(
            "Windows divide a time with two ends: name it as datetime, with a slash between them.",
            field="windows",
        )
    edges = np.linspace(span.since.timestamp(), span.until.timestamp(), question.windows + 1)
    # The last window has its end in it, as the whole time has.
    window = np.minimum(
        np.searchsorted(edges, points.begins_s, side="right") - 1, question.windows - 1
    )
    return trends(
        [
            find_hot_spots(
                cells, np.bincount(place[known & (window == number)], minlength=len(cells))
            ).hot()
            for number in range(question.windows)
        ]
    )
