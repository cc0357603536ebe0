"""The coordinate systems of maps in China, and the way between them and WGS-84.

GCJ-02 ("Mars coordinates") shifts WGS-84 by 20-700 m; BD-09 shifts GCJ-02 once more. CGCS2000
differs from WGS-84 by centimetres and is taken as equal. Positions are lon, lat in degrees: floats
in give floats out, arrays give arrays. The formulas are those in use since 2010 (eviltransform,
coordtransform, gcoord); their inverses here are exact, not the usual one step.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_A_M = 6378245.0
_E2 = 0.00669342162296594323
_BD_K = np.pi * 3000 / 180
_BD_LON, _BD_LAT = 0.0065, 0.006
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
_STEP_DEG = 1e-11
_MOST_STEPS = 30


class Crs(StrEnum):
    """A coordinate system that a position may come in."""

    WGS84 = "wgs84"
    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"
    BD09 = "bd09"


@overload
def to_wgs84(lon: float, lat: float, crs: Crs) -> tuple[float, float]: ...
@overload
def to_wgs84(lon: FloatArray, lat: FloatArray, crs: Crs) -> tuple[FloatArray, FloatArray]: ...
def to_wgs84(lon: Any, lat: Any, crs: Crs) -> Any:
    """Return the WGS-84 position of one in `crs`."""
    if crs is Crs.GCJ02:
        return gcj02_to_wgs84(lon, lat)
    if crs is Crs.BD09:
        return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))
    return lon, lat


@overload
def from_wgs84(lon: float, lat: float, crs: Crs) -> tuple[float, float]: ...
@overload
def from_wgs84(lon: FloatArray, lat: FloatArray, crs: Crs) -> tuple[FloatArray, FloatArray]: ...
def from_wgs84(lon: Any, lat: Any, crs: Crs) -> Any:
    """Return the position in `crs` of one in WGS-84."""
    if crs is Crs.GCJ02:
        return wgs84_to_gcj02(lon, lat)
    if crs is Crs.BD09:
        return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))
    return lon, lat


@overload
def wgs84_to_gcj02(lon: float, lat: float) -> tuple[float, float]: ...
@overload
def wgs84_to_gcj02(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]: ...
def wgs84_to_gcj02(lon: Any, lat: Any) -> Any:
    """Shift WGS-84 to GCJ-02; outside the box of GCJ-02 nothing is shifted."""
    return _inside_the_box(_shift_to_gcj02, lon, lat)


@overload
def gcj02_to_wgs84(lon: float, lat: float) -> tuple[float, float]: ...
@overload
def gcj02_to_wgs84(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]: ...
def gcj02_to_wgs84(lon: Any, lat: Any) -> Any:
    """Undo the shift of GCJ-02 to under 1 mm; outside the box nothing is shifted.

    The box is asked of the position that comes in, both ways, as every map provider does. So the
    few hundred metres along its edges, all far from China, do not come back to where they were.
    """
    return _inside_the_box(lambda x, y: _inverse(_shift_to_gcj02, x, y, x, y), lon, lat)


@overload
def gcj02_to_bd09(lon: float, lat: float) -> tuple[float, float]: ...
@overload
def gcj02_to_bd09(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]: ...
def gcj02_to_bd09(lon: Any, lat: Any) -> Any:
    """Shift GCJ-02 to BD-09."""
    return _same_kind(_shift_to_bd09, lon, lat)


@overload
def bd09_to_gcj02(lon: float, lat: float) -> tuple[float, float]: ...
@overload
def bd09_to_gcj02(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]: ...
def bd09_to_gcj02(lon: Any, lat: Any) -> Any:
    """Undo the shift of BD-09 to under 1 mm (the usual closed formula is up to 0.3 m off)."""
    return _same_kind(
        lambda x, y: _inverse(_shift_to_bd09, x, y, x - _BD_LON, y - _BD_LAT), lon, lat
    )


_Shift = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]


def _same_kind(shift: _Shift, lon: Any, lat: Any) -> Any:
    x, y = shift(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
    return (x, y) if np.ndim(x) else (float(x), float(y))


def _inside_the_box(shift: _Shift, lon: Any, lat: Any) -> Any:
    def shift_inside(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        inside = (x >= _WEST) & (x <= _EAST) & (y >= _SOUTH) & (y <= _NORTH)
        shifted_x, shifted_y = shift(np.where(inside, x, _WEST), np.where(inside, y, _SOUTH))
        return np.where(inside, shifted_x, x), np.where(inside, shifted_y, y)

    return _same_kind(shift_inside, lon, lat)


def _inverse(
    shift: _Shift, lon: FloatArray, lat: FloatArray, x: FloatArray, y: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Find what `shift` takes to (lon, lat), by fixed-point steps from the guess (x, y)."""
    for _ in range(_MOST_STEPS):
        shifted_x, shifted_y = shift(x, y)
        step_x, step_y = lon - shifted_x, lat - shifted_y
        x, y = x + step_x, y + step_y
        if not np.any(np.maximum(np.abs(step_x), np.abs(step_y)) > _STEP_DEG):
            break
    return x, y


def _shift_to_gcj02(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    ripple = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    east_m += (ripple + 20 * np.sin(np.pi * x) + 40 * np.sin(np.pi / 3 * x)) * 2 / 3
    east_m += (150 * np.sin(np.pi / 12 * x) + 300 * np.sin(np.pi / 30 * x)) * 2 / 3
    north_m += (ripple + 20 * np.sin(np.pi * y) + 40 * np.sin(np.pi / 3 * y)) * 2 / 3
    north_m += (160 * np.sin(np.pi / 12 * y) + 320 * np.sin(np.pi / 30 * y)) * 2 / 3
    phi = np.radians(lat)
    w2 = 1 - _E2 * np.sin(phi) ** 2
    per_lon = np.radians(_A_M) * np.cos(phi) / np.sqrt(w2)
    per_lat = np.radians(_A_M) * (1 - _E2) / w2**1.5
    return lon + east_m / per_lon, lat + north_m / per_lat


def _shift_to_bd09(lon: FloatArray, lat: FloatArray) -> tuple[FloatArray, FloatArray]:
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(lat * _BD_K)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * _BD_K)
    return radius * np.cos(angle) + _BD_LON, radius * np.sin(angle) + _BD_LAT
