"""H3 cells. The only module that imports h3, and so the only one that turns lon, lat around."""

import h3
import numpy as np
from numpy.typing import ArrayLike, NDArray
from shapely import Polygon

from gis.errors import InvalidInput

FINEST = 15


def lonlat_to_cell(lon: float, lat: float, resolution: int) -> str:
    """Return the cell of a resolution (0, coarsest, to 15) that a point (EPSG:4326) lies in."""
    _check(resolution)
    if not (np.isfinite(lon) and abs(lat) <= 90):
        raise InvalidInput(f"{lon}, {lat} is not a position.", field="lat")
    return str(h3.latlng_to_cell(lat, lon, resolution))


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
    widths = np.array(
        [h3.average_hexagon_edge_length(res, unit="m") * np.sqrt(3) for res in range(FINEST + 1)]
    )
    return int(np.argmin(np.abs(np.log(widths / metres_across))))


def _check(resolution: int) -> None:
    if not 0 <= resolution <= FINEST:
        raise InvalidInput(f"An H3 resolution is 0 to {FINEST}.", field="resolution")
