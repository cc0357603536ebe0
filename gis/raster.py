"""A raster of polygons: which cells lie wholly in one polygon, and who comes near the others.

The hot path of point location (see `gis.locator`), hence arrays and few words: every step runs over
all segments or all cells at once. Coordinates are the polygons' own.

A cell that no boundary touches is wholly inside or wholly outside each polygon, so counting the
boundaries crossed along its row decides for the whole cell. A cell that a boundary touches keeps the
list of polygons that touch or contain it; those are tested exactly by whoever asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon

from gis.ranges import spans

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

FAR = -1
"""A cell outside every polygon, and further from all than the raster's margin."""
NEAR = -2
"""A cell outside every polygon, but one may be within the margin."""
FIRST_EDGE = -3
"""A cell on an edge has FIRST_EDGE - k; its candidates are candidates[starts[k]:starts[k + 1]]."""

_SLACK = 1e-3
"""How far, in cells, a boundary reaches further than computed. Covers every rounding error."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Raster:
    """Cells over the polygons' bounds and a margin; row 0 is south, column 0 is west."""

    west: float
    south: float
    cells_per_x: float
    cells_per_y: float
    columns: int
    rows: int
    cells: NDArray[np.int32]
    """Flat, row after row: the polygon that wholly contains the cell, or one of the marks above."""
    starts: NDArray[np.int32]
    candidates: NDArray[np.int32]


def rasterize(
    polygons: Sequence[MultiPolygon], *, size: int, margin_x: float, margin_y: float
) -> Raster:
    """Draw valid polygons on `size` x `size` cells; where several contain a cell, the first wins.

    `candidates` are in the order of `polygons` too. The margin widens the raster on every side.
    """
    west, south, east, north = shapely.total_bounds(np.array(polygons)) if polygons else np.zeros(4)
    if not np.isfinite([west, south, east, north]).all():
        west = south = east = north = 0.0
    # One cell more than the margin keeps every vertex off the outermost cells.
    width = (east - west + 2 * margin_x) * size / (size - 2) or 1.0
    height = (north - south + 2 * margin_y) * size / (size - 2) or 1.0
    west = (west + east - width) / 2
    south = (south + north - height) / 2
    scale = np.array([size / width, size / height])

    segments = _segments(polygons, np.array([west, south]), scale)
    touched = _touched(segments, size, len(polygons))
    cells, containing = _fill(segments, touched, size, len(polygons))

    # Where the first candidate contains the cell, the others never get to answer.
    pairs = np.union1d(touched, containing)
    cell, polygon = np.divmod(pairs, len(polygons) or 1)
    edge, first = np.unique(cell, return_index=True)
    settled = np.isin(pairs[first], containing, assume_unique=True)
    cells[edge] = np.where(settled, polygon[first], FIRST_EDGE - np.arange(len(edge)))
    outside = cells == FAR
    reach = np.ceil(np.array([margin_x, margin_y]) * scale).astype(int) + 1
    near = _dilated(~outside.reshape(size, size), *reach)
    cells[outside & near.ravel()] = NEAR
    return Raster(
        west=float(west),
        south=float(south),
        cells_per_x=float(scale[0]),
        cells_per_y=float(scale[1]),
        columns=size,
        rows=size,
        cells=cells,
        starts=np.append(first, len(pairs)).astype(np.int32),
        candidates=polygon.astype(np.int32),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Segments:
    """Boundary segments in cells, the lower end first, with the part they bound."""

    x0: FloatArray
    y0: FloatArray
    x1: FloatArray
    y1: FloatArray
    part: IntArray
    polygon_of_part: IntArray


def _segments(polygons: Sequence[MultiPolygon], origin: FloatArray, scale: FloatArray) -> _Segments:
    parts, polygon_of_part = shapely.get_parts(np.array(polygons), return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    coordinates, ring = shapely.get_coordinates(rings, return_index=True)
    vertices = (coordinates - origin) * scale
    joined = ring[1:] == ring[:-1]
    start, end = vertices[:-1][joined], vertices[1:][joined]
    upward = (start[:, 1] <= end[:, 1])[:, None]
    low, high = np.where(upward, start, end), np.where(upward, end, start)
    return _Segments(
        x0=low[:, 0],
        y0=low[:, 1],
        x1=high[:, 0],
        y1=high[:, 1],
        part=part_of_ring[ring[1:][joined]],
        polygon_of_part=polygon_of_part,
    )


def _touched(segments: _Segments, size: int, polygons: int) -> IntArray:
    """Return cell * polygons + polygon, sorted, for each cell that a polygon's boundary touches."""
    s = segments
    bottom = _cell(s.y0 - _SLACK, size)
    each, row = spans(bottom, _cell(s.y1 + _SLACK, size))
    x0, y0, x1, y1 = s.x0[each], s.y0[each], s.x1[each], s.y1[each]
    # The stretch of x within the row. A flat segment stays in its row: take it whole.
    rise = y1 - y0
    flat = rise < 1e-5
    slope = (x1 - x0) / np.where(flat, 1.0, rise)
    left, right = np.minimum(x0, x1), np.maximum(x0, x1)
    enter = np.where(flat, x0, np.clip(x0 + (row - y0) * slope, left, right))
    leave = np.where(flat, x1, np.clip(x0 + (row + 1 - y0) * slope, left, right))
    first = _cell(np.minimum(enter, leave) - _SLACK, size)
    again, column = spans(first, _cell(np.maximum(enter, leave) + _SLACK, size))
    polygon = s.polygon_of_part[s.part[each[again]]]
    return np.unique((row[again] * size + column) * polygons + polygon)


def _fill(
    segments: _Segments, touched: IntArray, size: int, polygons: int
) -> tuple[NDArray[np.int32], IntArray]:
    """Return which polygon wholly contains each cell (the first one, or FAR), and the pairs, coded
    as in `_touched`, of a polygon and a cell that it contains but another's boundary touches.
    """
    s = segments
    cells = np.full(size * size, FAR, np.int32)
    grid = cells.reshape(size, size)
    edge = np.zeros((size, size), bool)
    cell, polygon_of_touch = np.divmod(touched, polygons or 1)
    edge.flat[cell] = True
    by_polygon = np.argsort(polygon_of_touch, kind="stable")
    touch_bounds = np.searchsorted(polygon_of_touch[by_polygon], np.arange(polygons + 1))

    # Where each boundary crosses the middle of a row, everything to the right changes side.
    each, row = spans(np.ceil(s.y0 - 0.5).astype(int), np.ceil(s.y1 - 0.5).astype(int) - 1)
    rise = (s.y1 - s.y0)[each]
    x = s.x0[each] + (row + 0.5 - s.y0[each]) * (s.x1 - s.x0)[each] / rise
    crossing = np.floor(x).astype(int) + 1
    part = s.part[each]
    parts = len(s.polygon_of_part)
    part_bounds = np.searchsorted(part, np.arange(parts + 1))
    containing = []
    for part_index in reversed(range(parts)):
        mine = slice(part_bounds[part_index], part_bounds[part_index + 1])
        if mine.start == mine.stop:
            continue  # thinner than a row: all its cells are on its edge
        polygon = s.polygon_of_part[part_index]
        top, left = row[mine].min(), crossing[mine].min()
        window = (slice(top, row[mine].max() + 1), slice(left, crossing[mine].max() + 1))
        toggles = np.zeros(grid[window].shape, np.uint8)
        np.add.at(toggles, (row[mine] - top, crossing[mine] - left), 1)
        inside = np.bitwise_xor.accumulate(toggles & 1, axis=1).astype(bool)
        own = cell[by_polygon[touch_bounds[polygon] : touch_bounds[polygon + 1]]]
        own_row, own_column = own // size - top, own % size - left
        within = (own_row >= 0) & (own_row < inside.shape[0])
        within &= (own_column >= 0) & (own_column < inside.shape[1])
        inside[own_row[within], own_column[within]] = False
        grid[window][inside] = polygon
        shared_row, shared_column = np.nonzero(inside & edge[window])
        containing.append(((shared_row + top) * size + shared_column + left) * polygons + polygon)
    return cells, np.unique(np.concatenate([*containing, np.empty(0, np.int64)]))


def _cell(position: FloatArray, size: int) -> IntArray:
    return np.clip(np.floor(position), 0, size - 1).astype(np.int64)


def _dilated(mask: BoolArray, columns: int, rows: int) -> BoolArray:
    """Return where a set cell lies within so many columns and rows."""
    rows_grown = _grown(mask, rows)
    return _grown(rows_grown.T, columns).T


def _grown(mask: BoolArray, reach: int) -> BoolArray:
    """Grow along the first axis, trebling what is reached at each step."""
    reached = 0
    while reached < min(reach, len(mask)):
        step = min(2 * reached + 1, reach - reached, len(mask) - 1)
        grown = mask.copy()
        grown[step:] |= mask[:-step]
        grown[:-step] |= mask[step:]
        mask, reached = grown, reached + step
    return mask
