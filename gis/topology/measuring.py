"""How large an area is on the ground, and how wide.

Borders are straight in degrees (EPSG:4326): so are they stored, located in and drawn by PostGIS. Neither
a geodesic nor a straight line of a projection runs there; beside an edge of 2 km it has some 70 m².
"""

import numpy as np
import shapely
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry

from gis.geodesy import WGS84, FloatArray, metres_per_degree
from gis.polygons import polygonal

_E2 = WGS84.es
_E = float(np.sqrt(_E2))
_HALF_M2 = WGS84.a**2 * (1 - _E2) / 2
_REFINED = 1.01


def ground_m2(geometry: BaseGeometry) -> float:
    """The area in square metres on WGS-84 of what edges that are straight in degrees enclose.

    Twice the area is the sum over all edges of the width in longitude times the mean of q(lat), which
    the equal-area cylinder has for a height (Snyder 1987, 3-12). By Simpson's rule: true to a
    hundredth of a square metre for edges up to 20 km. The parts of what was cut add up to the whole,
    wherever the nodes are.
    """
    total = 0.0
    for polygon in polygonal(geometry).geoms:
        outer = abs(_ring_m2(shapely.get_coordinates(polygon.exterior)))
        total += outer - sum(abs(_ring_m2(shapely.get_coordinates(r))) for r in polygon.interiors)
    return max(total, 0.0)


def width_m(geometry: BaseGeometry) -> float:
    """The diameter in metres of the largest circle in an area, to a hundredth: how wide it is at most.

    Measured in a plane at its own latitude, in which borders stay straight and metres are true.
    """
    plane = in_plane(geometry)
    if plane.is_empty or plane.area == 0:
        return 0.0
    # An area is at most as large as its perimeter times the radius of the largest circle in it.
    low = max(part.area / part.length for part in plane.geoms)
    high = max(float(np.sqrt(part.area / np.pi)) for part in plane.geoms)
    while high > low * _REFINED:
        middle = float(np.sqrt(low * high))
        if _holds_circle(plane, middle):
            low = middle
        else:
            high = middle
    return 2 * low


def is_wider(geometry: BaseGeometry, than_m: float) -> bool:
    """Whether a circle of this diameter has room in an area (EPSG:4326)."""
    plane = in_plane(geometry)
    return any(part.area > part.length * than_m / 2 for part in plane.geoms) or _holds_circle(
        plane, than_m / 2
    )


def mean_width_m(geometry: BaseGeometry) -> float:
    """Twice the area by the perimeter: what a strip of the same is wide."""
    plane = in_plane(geometry)
    return 2 * plane.area / plane.length if plane.length else 0.0


def in_plane(geometry: BaseGeometry) -> MultiPolygon:
    """The polygons in metres east and north of the middle of their bounds (EPSG:4326), equidistant
    cylindrical there: scaled along the axes, and nothing else."""
    area = polygonal(geometry)
    if area.is_empty:
        return area
    west, south, east, north = area.bounds
    middle = np.array([(west + east) / 2, (south + north) / 2])
    scale = np.array(metres_per_degree(float(middle[1])))
    return shapely.transform(area, lambda positions: (positions - middle) * scale)


def _holds_circle(plane: MultiPolygon, radius_m: float) -> bool:
    return not plane.buffer(-radius_m, quad_segs=4, join_style="mitre").is_empty


def _ring_m2(ring: FloatArray) -> float:
    lon = np.radians(ring[:, 0] - ring[0, 0])
    lat = ring[:, 1]
    middle = (lat[1:] + lat[:-1]) / 2
    # From the ring's own latitude up, so that a narrow ring is no difference of large numbers.
    base = float(lat.mean())
    low, half, high = (_q(at, base) for at in (lat[:-1], middle, lat[1:]))
    return float(_HALF_M2 * np.sum(np.diff(lon) * (low + 4 * half + high) / 6))


def _q(lat: FloatArray, base: float) -> FloatArray:
    """Snyder's q (3-12) without its factor, of a latitude in degrees, from that of `base`."""
    sine, origin = np.sin(np.radians(lat)), np.sin(np.radians(base))
    return _height(sine) - _height(np.asarray(origin))


def _height(sine: FloatArray) -> FloatArray:
    height: FloatArray = sine / (1 - _E2 * sine**2) + np.arctanh(_E * sine) / _E
    return height
