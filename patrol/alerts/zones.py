"""How far outside a polygon positions lie, in metres."""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gis.geodesy import metres_per_degree

Floats = NDArray[np.float64]

_FAR_M = 1000.0


class Zone:
    """A polygon (EPSG:4326) in a plane of metres around its middle: true to a thousandth for a town."""

    def __init__(self, geometry: BaseGeometry) -> None:
        west, south, east, north = geometry.bounds
        self._middle = np.array([(west + east) / 2, (south + north) / 2])
        self._scale = np.array(metres_per_degree(float(self._middle[1])))
        self._plane = shapely.transform(geometry, lambda xy: (xy - self._middle) * self._scale)
        shapely.prepare(self._plane)

    def outside_m(self, lon: Floats, lat: Floats) -> Floats:
        """0 inside and on the edge. Beyond a kilometre it is at least so far."""
        x = (lon - self._middle[0]) * self._scale[0]
        y = (lat - self._middle[1]) * self._scale[1]
        west, south, east, north = self._plane.bounds
        outside_m: Floats = np.hypot(
            np.maximum(0.0, np.maximum(west - x, x - east)),
            np.maximum(0.0, np.maximum(south - y, y - north)),
        )
        near = np.flatnonzero(outside_m < _FAR_M)
        near = near[~shapely.contains_xy(self._plane, x[near], y[near])]
        inside_the_box = outside_m < _FAR_M
        outside_m[inside_the_box] = 0.0
        outside_m[near] = shapely.distance(self._plane, shapely.points(x[near], y[near]))
        return outside_m
