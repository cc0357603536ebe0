"""Which grid of one level a point lies in. Exactly one, or none."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely import MultiPolygon

from gis.errors import InvalidInput
from gis.geodesy import metres_per_degree
from gis.grid import Grid
from gis.polygons import repair
from gis.raster import FAR, FIRST_EDGE, rasterize

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

NONE = -1
"""The index of no grid."""

_SAME_DISTANCE_M = 1e-4


@dataclass(frozen=True, kw_only=True, slots=True)
class Location:
    """Where one point lies: an index into the locator's grids."""

    index: int
    on_boundary: bool
    snapped: bool
    distance_m: float


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Located:
    """Where points lie: `index` into the locator's grids (-1: none), one entry a point.

    `on_boundary`: exactly on the edge of that grid. `snapped`: outside every grid, and this is the
    nearest; `distance_m` says how far (0 inside a grid, NaN where there is none).
    """

    index: NDArray[np.int32]
    on_boundary: BoolArray
    snapped: BoolArray
    distance_m: FloatArray


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Nearby:
    """Grids near points: pairs in the order of (point, distance, code)."""

    point: IntArray
    index: IntArray
    distance_m: FloatArray


class Locator:
    """Point location among the grids of one level.

    A point belongs to the grid that covers it, to the lowest code among those that do (a shared
    edge, an overlap), and outside all to the nearest within `snap_m` metres. The answers are those
    of testing every polygon; a raster of `raster_size`² cells answers at once wherever no edge
    passes (`gis.raster`), which is almost everywhere. It takes 4 bytes a cell.

    A geometry that is not valid counts as what `gis.polygons.repair` makes of it, and covers nothing
    when no area is left. Safe to use from several threads.
    """

    def __init__(
        self, grids: Sequence[Grid], *, snap_m: float = 50.0, raster_size: int = 2048
    ) -> None:
        self.grids = tuple(grids)
        self.snap_m = snap_m
        self._rank = np.empty(len(grids), np.int64)
        by_code = sorted(range(len(grids)), key=lambda index: grids[index].code)
        self._rank[by_code] = np.arange(len(grids))
        geometries = [_valid(grid.geometry) for grid in grids]
        self._geometries = np.array(geometries)
        bounds = shapely.bounds(self._geometries).reshape(-1, 4)
        _prepare(self._geometries, bounds)

        middle_lat = np.clip((bounds[:, 1] + bounds[:, 3]) / 2, -89, 89)
        # Squeezed so that a degree is as long both ways: distance then finds the nearest point.
        per_lon, per_lat = metres_per_degree(middle_lat)
        self._squeeze = per_lon / per_lat
        self._squeezed = np.array(
            [
                _squeezed(geometry, by)
                for geometry, by in zip(geometries, self._squeeze, strict=True)
            ]
        )
        self._tree = shapely.STRtree(self._geometries)
        self._tree.query(shapely.Point(0, 0))  # builds it, as `_prepare` does the geometries

        furthest = np.nanmax(np.abs(bounds[:, [1, 3]]), initial=0.0)
        margin_x, margin_y = self._snap_degrees(np.array([min(furthest, 89.0)]))
        raster = rasterize(
            [geometries[index] for index in by_code],
            size=raster_size,
            margin_x=margin_x[0],
            margin_y=margin_y[0],
        )
        self._raster = raster
        # The raster speaks of ranks in the order of codes; answers are indexes into `grids`.
        self._cells = raster.cells
        order = np.array(by_code, np.int32)
        owned = self._cells >= 0
        self._cells[owned] = order[self._cells[owned]]
        self._candidates = order[raster.candidates]
        self._cell_of = memoryview(self._cells)  # type: ignore[arg-type]  # numpy 2.4 stubs

    def locate_many(self, lon: ArrayLike, lat: ArrayLike, *, snap: bool = True) -> Located:
        """Locate points (EPSG:4326 degrees); without `snap` only grids that cover them count."""
        lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
        index, on_boundary, maybe_near = self._covering(lon, lat)
        snapped = np.zeros(len(lon), bool)
        distance_m = np.where(index == NONE, np.nan, 0.0)
        if snap and len(maybe_near):
            near = self._nearby(lon[maybe_near], lat[maybe_near])
            point, first = np.unique(near.point, return_index=True)
            outside = maybe_near[point]
            index[outside] = near.index[first]
            snapped[outside] = True
            distance_m[outside] = near.distance_m[first]
        return Located(index=index, on_boundary=on_boundary, snapped=snapped, distance_m=distance_m)

    def locate(self, lon: float, lat: float) -> Location | None:
        """Locate one point (EPSG:4326 degrees), without the cost of arrays; None is nowhere."""
        raster = self._raster
        x = (lon - raster.west) * raster.cells_per_x
        y = (lat - raster.south) * raster.cells_per_y
        if not (0 <= x < raster.columns and 0 <= y < raster.rows):
            return None
        value = self._cell_of[int(y) * raster.columns + int(x)]
        if value >= 0:
            return Location(index=value, on_boundary=False, snapped=False, distance_m=0.0)
        if value == FAR:
            return None
        if value <= FIRST_EDGE:
            edge = FIRST_EDGE - value
            start, stop = raster.starts.item(edge), raster.starts.item(edge + 1)
            for index in self._candidates[start:stop].tolist():
                geometry = self._geometries[index]
                if shapely.intersects_xy(geometry, lon, lat):
                    on_boundary = not shapely.contains_xy(geometry, lon, lat)
                    return Location(
                        index=index, on_boundary=on_boundary, snapped=False, distance_m=0.0
                    )
        near = self._nearby(np.array([lon]), np.array([lat]))
        if not len(near.index):
            return None
        return Location(
            index=near.index.item(0),
            on_boundary=False,
            snapped=True,
            distance_m=near.distance_m.item(0),
        )

    def nearby(self, lon: ArrayLike, lat: ArrayLike) -> Nearby:
        """Return the grids within `snap_m` of each point, the nearest first; inside is 0 m."""
        return self._nearby(np.asarray(lon, np.float64), np.asarray(lat, np.float64))

    def _covering(
        self, lon: FloatArray, lat: FloatArray
    ) -> tuple[NDArray[np.int32], BoolArray, IntArray]:
        """Return index and on_boundary, and which points no grid covers but one may be near."""
        raster = self._raster
        x = (lon - raster.west) * raster.cells_per_x
        y = (lat - raster.south) * raster.cells_per_y
        inside = (x >= 0) & (x < raster.columns) & (y >= 0) & (y < raster.rows)
        if inside.all():
            cell = y.astype(np.int32) * raster.columns + x.astype(np.int32)
            index = self._cells[cell]
        else:
            at = np.flatnonzero(inside)
            index = np.full(len(lon), FAR, np.int32)
            cell = y[at].astype(np.int32) * raster.columns + x[at].astype(np.int32)
            index[at] = self._cells[cell]
        on_boundary = np.zeros(len(lon), bool)
        open_points = np.flatnonzero(index < FAR)
        value = index[open_points]
        index[open_points] = NONE
        edge = FIRST_EDGE - value[value <= FIRST_EDGE]
        pending = open_points[value <= FIRST_EDGE]
        start, stop = raster.starts[edge], raster.starts[edge + 1]
        on_edge = pending
        while len(pending):
            candidate = self._candidates[start]
            covered = shapely.intersects_xy(self._geometries[candidate], lon[pending], lat[pending])
            index[pending[covered]] = candidate[covered]
            start = start + 1
            more = ~covered & (start < stop)
            pending, start, stop = pending[more], start[more], stop[more]
        found = on_edge[index[on_edge] != NONE]
        on_boundary[found] = ~shapely.contains_xy(
            self._geometries[index[found]], lon[found], lat[found]
        )
        return index, on_boundary, open_points[index[open_points] == NONE]

    def _nearby(self, lon: FloatArray, lat: FloatArray) -> Nearby:
        dlon, dlat = self._snap_degrees(np.clip(lat, -89, 89))
        boxes = shapely.box(lon - dlon, lat - dlat, lon + dlon, lat + dlat)
        point, index = self._tree.query(boxes)
        squeeze = self._squeeze[index]
        x, y = lon[point] * squeeze, lat[point]
        lines = shapely.shortest_line(shapely.points(x, y), self._squeezed[index])
        nearest = shapely.get_coordinates(lines)[1::2]
        per_lon, per_lat = metres_per_degree((lat[point] + nearest[:, 1]) / 2)
        distance_m = np.hypot(
            (nearest[:, 0] / squeeze - lon[point]) * per_lon, (nearest[:, 1] - y) * per_lat
        )
        within = distance_m <= self.snap_m
        point, index, distance_m = point[within], index[within], distance_m[within]
        # A corner that two grids share is equally far from both: rounding must not decide.
        tied = np.round(distance_m / _SAME_DISTANCE_M)
        order = np.lexsort((self._rank[index], tied, point))
        return Nearby(point=point[order], index=index[order], distance_m=distance_m[order])

    def _snap_degrees(self, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
        per_lon, per_lat = metres_per_degree(lat)
        return self.snap_m * 1.01 / per_lon, self.snap_m * 1.01 / per_lat


def _valid(geometry: MultiPolygon) -> MultiPolygon:
    if geometry.is_valid:
        return geometry
    try:
        return repair(geometry)[0]
    except InvalidInput:
        return MultiPolygon()


def _squeezed(geometry: MultiPolygon, by: float) -> MultiPolygon:
    return shapely.transform(geometry, lambda lonlat: lonlat * (by, 1.0))


def _prepare(geometries: NDArray[np.object_], bounds: FloatArray) -> None:
    """Build GEOS's indexes now: left to the first question, two threads could meet there."""
    shapely.prepare(geometries)
    x, y = bounds[:, [0, 2]].mean(axis=1), bounds[:, [1, 3]].mean(axis=1)
    shapely.intersects_xy(geometries, x, y)
    shapely.contains_xy(geometries, x, y)
