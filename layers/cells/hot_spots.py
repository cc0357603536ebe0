"""Where more happens than chance would put there, and how that goes on."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from gis.cells import Cells, cell_areas_m2, cells_meeting, lonlat_to_cells
from gis.errors import InvalidInput
from gis.hot_spots import HotSpots, find_courses, find_hot_spots
from layers.catalog.layer import Layer
from layers.cells.area import resolution_for
from layers.cells.points import read_points
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

    Raises InvalidInput for windows of a time that has no two ends or has not begun, or that the layer
    does not know.
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
    return CellRows.of(
        cells,
        {
            "spot": _names(spots),
            **_going_on(cells, place[known], points.begins_s[known], question, as_of),
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


def _going_on(
    cells: Cells,
    place: NDArray[np.intp],
    begins_s: NDArray[np.float64],
    question: Question,
    as_of: datetime,
) -> Mapping[str, Sequence[Any]]:
    """The columns of how it went on with each cell, in which nothing is without windows."""
    if question.windows == 1:
        return dict.fromkeys(
            ("trend", "hot_since", "hot_until", "hot_windows"), [None] * len(cells)
        )
    edges = _edges(question, as_of)
    inner_s = [edge.timestamp() for edge in edges[1:-1]]
    window = np.searchsorted(inner_s, begins_s, side="right")
    found = find_courses(cells, place, window, question.windows)
    ends = [*edges[:-1], None]  # what is hot in the last window has not ended
    return {
        "trend": [each and each.trend for each in found],
        "hot_since": [each and edges[each.since] for each in found],
        "hot_until": [each and ends[each.until] for each in found],
        "hot_windows": [each and each.times for each in found],
    }


def _edges(question: Question, as_of: datetime) -> list[datetime]:
    """Of the windows, which divide what is over of the time: what is still to come would make all that
    is hot look as if it had ended."""
    span = question.span
    if span is None or span.since is None or span.until is None:
        raise InvalidInput(
            "Windows divide a time with two ends: name it as datetime, with a slash between them.",
            field="windows",
        )
    until = min(span.until, as_of)
    if until <= span.since:
        raise InvalidInput(
            "Windows divide what is over of a time; name one that has begun.", field="datetime"
        )
    edges_s = np.linspace(span.since.timestamp(), until.timestamp(), question.windows + 1)
    return [datetime.fromtimestamp(round(edge_s), UTC) for edge_s in edges_s.tolist()]
