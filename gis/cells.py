"""H3 cells. The only module that imports h3, and so the only one that turns lon, lat around."""

import h3
import numpy as np
from h3.api import basic_int
from numpy.typing import ArrayLike, NDArray
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from gis.errors import InvalidInput
from gis.geodesy import area_m2

FINEST = 15

Cells = NDArray[np.uint64]
"""Cells as numbers; `cell_name` gives the usual text."""


def lonlat_to_cell(lon: float, lat: float, resolution: int) -> str:
    """Return the cell of a resolution (0, coarsest, to 15) that a point (EPSG:4326) lies in."""
    _check(resolution)
    if not (np.isfinite(lon) and abs(lat) <= 90):
        raise InvalidInput(f"{lon}, {lat} is not a position.", field="lat")
    return str(h3.latlng_to_cell(lat, lon, resolution))


def lonlat_to_cells(lon: ArrayLike, lat: ArrayLike, resolution: int) -> Cells:
    """Return the cell of each point (EPSG:4326), all of them finite. Raises InvalidInput for a
    resolution outside 0 to 15."""
    _check(resolution)
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    cell_of = basic_int.latlng_to_cell
    return np.array(
        [cell_of(y, x, resolution) for x, y in zip(lon.tolist(), lat.tolist(), strict=True)],
        np.uint64,
    )


def cell_name(cell: int) -> str:
    """Return the usual text of a cell's number."""
    return str(h3.int_to_str(cell))


def cell_centre(cell: int) -> tuple[float, float]:
    """Return lon and lat of the middle of a cell, given by its number."""
    lat, lon = h3.cell_to_latlng(cell_name(cell))
    return lon, lat


def cells_within(area: BaseGeometry, resolution: int) -> Cells:
    """Return the cells whose centres a polygon or several (EPSG:4326) cover, sorted: of areas side by
    side each cell belongs to one, and none is lost between them."""
    _check(resolution)
    if area.is_empty:
        return np.empty(0, np.uint64)
    return np.unique(np.array(basic_int.geo_to_cells(area, resolution), np.uint64))


def cells_in(area: BaseGeometry, resolution: int) -> float:
    """Return about how many cells a polygon or several (EPSG:4326) hold, without looking for them.

    The cells of a resolution are not all of a size: here counts the one in the middle.
    """
    middle = area.representative_point()
    cell = lonlat_to_cell(middle.x, middle.y, resolution)
    return area_m2(area) / float(h3.cell_area(cell, unit="m^2"))


def cells_meeting(area: BaseGeometry, resolution: int) -> Cells:
    """Return the cells that a polygon or several (EPSG:4326) touch anywhere, sorted: every point of the
    area lies in one of them."""
    _check(resolution)
    if area.is_empty:
        return np.empty(0, np.uint64)
    shape = h3.geo_to_h3shape(area)
    found = basic_int.h3shape_to_cells_experimental(shape, resolution, contain="overlap")
    return np.unique(np.array(found, np.uint64))


def finest_resolution(area: BaseGeometry, most: int) -> int:
    """Return the finest resolution of which a polygon or several hold about `most` cells or fewer; 0
    where no resolution is coarse enough."""
    fitting = (each for each in range(FINEST + 1) if cells_in(area, each) <= most)
    return max(fitting, default=0)


def neighbour_pairs(cells: Cells) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of cells that share an edge, each cell with itself too, as two columns of places
    in `cells` (sorted, without repetition), ordered by the first. Neighbours that are not among the
    cells are left out."""
    around = [basic_int.grid_disk(cell, 1) for cell in cells.tolist()]
    first = np.repeat(np.arange(len(cells)), [len(disk) for disk in around])
    beside = np.array([cell for disk in around for cell in disk], np.uint64)
    second = np.minimum(np.searchsorted(cells, beside), max(len(cells) - 1, 0))
    known = cells[second] == beside
    return first[known], second[known]


def cell_areas_m2(cells: Cells) -> NDArray[np.float64]:
    """Return the area of each cell: those of one resolution are not all of a size."""
    return np.array([basic_int.cell_area(cell, unit="m^2") for cell in cells.tolist()], np.float64)


def parent_cells(cells: Cells, resolution: int) -> Cells:
    """Return the coarser cell that each cell lies in."""
    return np.array(
        [basic_int.cell_to_parent(cell, resolution) for cell in cells.tolist()], np.uint64
    )


def cell_edge_m(resolution: int) -> float:
    """Return the mean length of a cell's edge."""
    _check(resolution)
    return float(h3.average_hexagon_edge_length(resolution, unit="m"))


def cell_density(
    lon: ArrayLike, lat: ArrayLike, resolution: int
) -> tuple[NDArray[np.str_], NDArray[np.int64]]:
    """Return the cells that points (EPSG:4326) lie in, sorted, and how many lie in each.

    Points without a finite position are not counted. Raises InvalidInput for a resolution outside
    0 to 15.
    """
    _check(resolution)
    lon, lat = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
    known = np.isfinite(lon) & (np.abs(lat) <= 90)
    cells = [
        h3.latlng_to_cell(y, x, resolution)
        for x, y in zip(lon[known].tolist(), lat[known].tolist(), strict=True)
    ]
    return np.unique(np.array(cells, np.str_), return_counts=True)


def cell_polygon(cell: str) -> Polygon:
    """Return a cell's outline in EPSG:4326, lon before lat. Raises InvalidInput for no cell.

    A cell that crosses the antimeridian runs past 180 degrees instead of around the earth.
    """
    try:
        boundary = h3.cell_to_boundary(cell)
    except (h3.H3BaseException, ValueError) as error:
        raise InvalidInput(f"{cell!r} is not an H3 cell.", field="cell") from error
    ring = np.array([(lon, lat) for lat, lon in boundary])
    if np.ptp(ring[:, 0]) > 180:
        ring[:, 0] %= 360
    return Polygon(ring)


def cell_resolution_for(metres_across: float) -> int:
    """Return the resolution whose cells are nearest to so many metres from side to side."""
    if not metres_across > 0:
        raise InvalidInput("A cell's width must be a positive number of metres.")
    widths = np.array([cell_edge_m(resolution) * np.sqrt(3) for resolution in range(FINEST + 1)])
    return int(np.argmin(np.abs(np.log(widths / metres_across))))


def _check(resolution: int) -> None:
    if not 0 <= resolution <= FINEST:
        raise InvalidInput(f"An H3 resolution is 0 to {FINEST}.", field="resolution")
