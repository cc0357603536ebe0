"""The plane in which the town is drawn: metres east and north of its middle."""

from dataclasses import dataclass
from math import cos, radians, sin, sqrt
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

Floats = NDArray[np.float64]
AnyGeometry = TypeVar("AnyGeometry", bound=BaseGeometry)

_SEMI_MAJOR_M = 6_378_137.0
_ECCENTRICITY_2 = 0.006_694_379_990_14
_DECIMALS = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Plane:
    """An equirectangular plane around (lon, lat) on WGS-84.

    Over the ten kilometres of a township its scale is true to one part in a thousand, and being
    linear it keeps straight borders straight and shared vertices shared.
    """

    lon: float
    lat: float

    @property
    def metres_per_degree(self) -> tuple[float, float]:
        """Length of one degree of longitude and of latitude, in metres, in the middle."""
        phi = radians(self.lat)
        flattening = 1.0 - _ECCENTRICITY_2 * sin(phi) ** 2
        east = _SEMI_MAJOR_M / sqrt(flattening) * cos(phi)
        north = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_2) / flattening**1.5
        return radians(east), radians(north)

    def to_lonlat(self, points: Floats) -> Floats:
        """Metres (n, 2) to degrees (n, 2), rounded to 7 digits (about a centimetre)."""
        degrees = points / self.metres_per_degree + (self.lon, self.lat)
        return np.round(degrees, _DECIMALS)

    def to_metres(self, lonlat: Floats) -> Floats:
        """Degrees (n, 2) to metres (n, 2)."""
        metres: Floats = (lonlat - (self.lon, self.lat)) * self.metres_per_degree
        return metres

    def geometry_to_lonlat(self, geometry: AnyGeometry) -> AnyGeometry:
        return shapely.transform(geometry, self.to_lonlat)
