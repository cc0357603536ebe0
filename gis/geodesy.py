"""Distances and areas on the earth, for positions in EPSG:4326 (lon before lat, degrees)."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, overload

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import Geod, Transformer
from pyproj.enums import TransformDirection
from shapely.geometry.base import BaseGeometry

from gis.polygons import polygonal

FloatArray = NDArray[np.float64]

MEAN_RADIUS_M = 6_371_008.8
"""Mean radius of the earth (IUGG)."""

WGS84 = Geod(ellps="WGS84")
_A_M = 6_378_137.0
_E2 = 6.69437999014e-3


@overload
def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float: ...
@overload
def distance_m(
    lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike
) -> FloatArray: ...
def distance_m(lon1: Any, lat1: Any, lon2: Any, lat2: Any) -> Any:
    """Return the great-circle distance in metres (haversine; within 0.6 % of the ellipsoid's).

    Numbers give a float, arrays broadcast and give an array.
    """
    phi1, phi2 = np.radians(lat1), np.radians(lat2)
    half_dphi = (phi2 - phi1) / 2
    half_dlambda = np.radians(np.subtract(lon2, lon1)) / 2
    h = np.sin(half_dphi) ** 2 + np.cos(phi1) * np.cos(phi2) * np.sin(half_dlambda) ** 2
    metres = 2 * MEAN_RADIUS_M * np.arcsin(np.sqrt(np.minimum(h, 1.0)))
    return metres if np.ndim(metres) else float(metres)


@overload
def metres_per_degree(lat: float) -> tuple[float, float]: ...
@overload
def metres_per_degree(lat: FloatArray) -> tuple[FloatArray, FloatArray]: ...
def metres_per_degree(lat: Any) -> Any:
    """Return the length on the ellipsoid of a degree of longitude and one of latitude at `lat`.

    For short distances hypot(dlon * per_lon, dlat * per_lat) is better than haversine: at 1 km the
    error is under 0.1 m below 60 degrees.
    """
    phi = np.radians(lat)
    w2 = 1 - _E2 * np.sin(phi) ** 2
    per_lon = np.radians(_A_M) * np.cos(phi) / np.sqrt(w2)
    per_lat = np.radians(_A_M) * (1 - _E2) / w2**1.5
    return (per_lon, per_lat) if np.ndim(lat) else (float(per_lon), float(per_lat))


def leg_lengths_m(lon: FloatArray, lat: FloatArray) -> FloatArray:
    """Return the metres from each position to the next: one fewer than there are positions.

    On the ellipsoid to 1e-4 for legs up to 10 km, and good enough to tell near from far beyond.
    """
    per_lon, per_lat = metres_per_degree((lat[1:] + lat[:-1]) / 2)
    east = (np.diff(lon) + 180) % 360 - 180  # the shorter way around the earth
    lengths: FloatArray = np.hypot(east * per_lon, np.diff(lat) * per_lat)
    return lengths


def area_m2(geometry: BaseGeometry) -> float:
    """Return the geodesic area on WGS-84 in square metres; points and lines have none."""
    area, _ = WGS84.geometry_area_perimeter(shapely.orient_polygons(polygonal(geometry)))
    return abs(float(area))


def length_m(geometry: BaseGeometry) -> float:
    """Return the geodesic length on WGS-84 in metres: of lines, and of a polygon's outer rings."""
    return float(WGS84.geometry_length(geometry))


@dataclass(frozen=True, slots=True)
class LocalProjection:
    """A plane in metres around one place: Lambert azimuthal equal-area on WGS-84.

    Areas are true everywhere; lengths are true to 1e-4 within 80 km of the centre.
    """

    lon: float
    lat: float
    _to_plane: Transformer = field(repr=False, compare=False)

    def to_metres(self, geometry: BaseGeometry) -> BaseGeometry:
        """Return the geometry (EPSG:4326) in metres east and north of the centre."""
        return self._through(geometry, TransformDirection.FORWARD)

    def to_degrees(self, geometry: BaseGeometry) -> BaseGeometry:
        """Return the geometry (metres east and north of the centre) in EPSG:4326."""
        return self._through(geometry, TransformDirection.INVERSE)

    def _through(self, geometry: BaseGeometry, direction: TransformDirection) -> BaseGeometry:
        def project(positions: FloatArray) -> FloatArray:
            x, y = positions.T
            return np.column_stack(self._to_plane.transform(x, y, direction=direction))

        return shapely.transform(geometry, project)


@lru_cache(maxsize=256)
def local_projection(lon: float, lat: float) -> LocalProjection:
    """Return the plane in metres centred on a position."""
    plane = f"+proj=laea +lat_0={lat!r} +lon_0={lon!r} +ellps=WGS84 +units=m +type=crs"
    return LocalProjection(lon, lat, Transformer.from_crs("OGC:CRS84", plane, always_xy=True))


def to_metric(geometry: BaseGeometry) -> BaseGeometry:
    """Return the geometry in metres, in the plane centred on the middle of its bounds."""
    west, south, east, north = geometry.bounds
    return local_projection((west + east) / 2, (south + north) / 2).to_metres(geometry)
