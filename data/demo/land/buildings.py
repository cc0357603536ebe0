"""Houses: rows of them along village lanes, slabs and halls along the streets of the core."""

from dataclasses import dataclass

import numpy as np
import shapely
from shapely import Polygon

from data.demo.land.parcels import Objects
from data.demo.land.plane import Floats


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """How a parcel is built on: sizes in metres, `filled` is the share of plots with a house."""

    length_m: tuple[float, float]
    depth_m: float
    row_gap_m: float
    house_gap_m: float
    setback_m: float
    filled: float


VILLAGE = Pattern(
    length_m=(12.0, 36.0), depth_m=9.5, row_gap_m=11.5, house_gap_m=2.5, setback_m=5.0, filled=0.84
)
SLABS = Pattern(
    length_m=(34.0, 62.0), depth_m=13.0, row_gap_m=18.0, house_gap_m=8.0, setback_m=8.0, filled=0.9
)
SHOPS = Pattern(
    length_m=(14.0, 40.0), depth_m=12.0, row_gap_m=9.0, house_gap_m=2.0, setback_m=5.0, filled=0.85
)
HALLS = Pattern(
    length_m=(45.0, 95.0),
    depth_m=32.0,
    row_gap_m=18.0,
    house_gap_m=14.0,
    setback_m=10.0,
    filled=0.8,
)


def houses(parcel: Polygon, pattern: Pattern, rng: np.random.Generator) -> Objects:
    """Rectangles in rows along the parcel's southern side, all of them inside the parcel."""
    land = parcel.buffer(-pattern.setback_m)
    if land.is_empty:
        return np.empty(0, dtype=object)
    turn, corner, size = _frame(land)
    pitch = pattern.depth_m + pattern.row_gap_m
    boxes: list[tuple[float, float, float, float]] = []
    for row in range(int(size[1] / pitch) + 1):
        x = rng.uniform(0.0, 0.3) * pattern.length_m[0]
        while x < size[0]:
            length = rng.uniform(*pattern.length_m)
            if rng.random() < pattern.filled:
                y = row * pitch + rng.normal(0.0, 0.6)
                boxes.append((x, y, x + length, y + pattern.depth_m))
            x += length + pattern.house_gap_m
    if not boxes:
        return np.empty(0, dtype=object)
    left, low, right, high = np.array(boxes).T
    rings = np.stack(
        [
            np.stack(pair, axis=1)
            for pair in ((left, low), (right, low), (right, high), (left, high))
        ],
        axis=1,
    )
    cos, sin = np.cos(turn), np.sin(turn)
    placed = rings @ np.array([[cos, sin], [-sin, cos]]) + corner
    drawn: Objects = np.asarray(shapely.polygons(placed))
    shapely.prepare(land)
    return drawn[shapely.contains_properly(land, drawn)]


def _frame(land: Polygon) -> tuple[float, Floats, Floats]:
    """Angle of the rows, their first corner and the extent along and across them.

    Rows run along the side of the parcel that is nearest to east-west: houses face south.
    """
    corners = shapely.get_coordinates(land.minimum_rotated_rectangle)[:4]
    side = corners[1] - corners[0]
    turn = float(np.arctan2(side[1], side[0]))
    turn -= np.pi / 2 * round(turn / (np.pi / 2))
    cos, sin = np.cos(turn), np.sin(turn)
    along = shapely.get_coordinates(land) @ np.array([[cos, -sin], [sin, cos]])
    low, high = along.min(axis=0), along.max(axis=0)
    corner = low @ np.array([[cos, sin], [-sin, cos]])
    return turn, corner, high - low
