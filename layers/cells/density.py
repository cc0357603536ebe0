"""How much there is in each cell."""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from data.tracks.segments import Vertices, read_vertices
from gis.cells import Cells, cell_areas_m2, cells_within, lonlat_to_cells, parent_cells
from gis.coverage import seconds_spent
from layers.catalog.layer import Layer
from layers.cells.area import MOST_CELLS, MOST_CELLS_OF_TRACKS, resolution_for, too_many_cells
from layers.cells.points import read_points
from layers.cells.question import Question
from layers.cells.rows import CellRows

USUAL_RESOLUTION = 9
MOST_SEGMENTS = 50_000
_MINUTE_S = 60.0

FloatArray = NDArray[np.float64]


def density_of_points(
    conn: Connection,
    source: Layer,
    question: Question,
    *,
    area: BaseGeometry | None,
    usual: int = USUAL_RESOLUTION,
    as_of: datetime,
) -> CellRows:
    """How many features of `source` there are in each cell that has some, and how many to a km²."""
    points = read_points(conn, source, question, area=area)
    resolution = usual if question.resolution is None else question.resolution
    found = lonlat_to_cells(points.lon, points.lat, resolution)
    cells, counts = np.unique(found, return_counts=True)
    cells, amounts, resolution = _few_enough(
        cells, counts.astype(np.float64), resolution, question.resolution is None
    )
    return _rows(cells, amounts, resolution=resolution, as_of=as_of)


def density_of_time(
    conn: Connection,
    question: Question,
    *,
    area: BaseGeometry,
    usual: int = USUAL_RESOLUTION,
    now: datetime,
    as_of: datetime,
) -> CellRows:
    """How many minutes the units that the transaction's viewer sees spent in each cell, all together.
    Cells are those of the area, and no finer than its coverage tells."""
    since, until = question.period(now)
    resolution = resolution_for(area, question.resolution, usual=usual, most=MOST_CELLS_OF_TRACKS)
    fixes = vertices_in(conn, area, since, until)
    cells, seconds = seconds_spent(
        fixes.t_s,
        fixes.lon,
        fixes.lat,
        line=fixes.line,
        since_s=since.timestamp(),
        until_s=until.timestamp(),
        resolution=resolution,
    )
    inside = np.isin(cells, cells_within(area, resolution))
    cells, minutes = cells[inside], (seconds[inside] / _MINUTE_S).round(2)
    return _rows(cells, minutes, resolution=resolution, as_of=as_of)


def vertices_in(conn: Connection, area: BaseGeometry, since: datetime, until: datetime) -> Vertices:
    """The believed fixes in the box around an area; an empty one has none."""
    bounds = (0.0, 0.0, 0.0, 0.0) if area.is_empty else area.bounds
    return read_vertices(conn, bounds, since, until, most=MOST_SEGMENTS, field="datetime")


def _few_enough(
    cells: Cells, amounts: FloatArray, resolution: int, may_be_coarser: bool
) -> tuple[Cells, FloatArray, int]:
    """As many cells as an answer holds: those of a coarser resolution, if none was asked for."""
    asked = resolution
    while len(cells) > MOST_CELLS and resolution > 0:
        resolution -= 1
        cells, place = np.unique(parent_cells(cells, resolution), return_inverse=True)
        together = np.zeros(len(cells))
        np.add.at(together, place, amounts)
        amounts = together
    if resolution < asked and not may_be_coarser:
        raise too_many_cells(resolution)
    return cells, amounts, resolution


def _rows(
    cells: Cells,
    amounts: FloatArray,
    *,
    resolution: int,
    as_of: datetime,
) -> CellRows:
    per_km2 = amounts / (cell_areas_m2(cells) / 1e6)
    return CellRows.of(
        cells,
        {"count": amounts.tolist(), "per_km2": per_km2.round(3).tolist()},
        resolution=resolution,
        as_of=as_of,
    )
