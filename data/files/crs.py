"""The coordinate system a file is in, and the way from there to WGS-84."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from gis.crs import Crs, to_wgs84
from gis.errors import InvalidInput

FloatArray = NDArray[np.float64]
_MARGIN_DEG = 5.0
Conversion = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]


@dataclass(frozen=True, slots=True)
class SourceCrs:
    """`convert` takes the file's x and y (east before north) to WGS-84 lon and lat in degrees.

    `bounds` are west, south, east and north in degrees: what lies outside is not in this system.
    """

    name: str
    convert: Conversion
    bounds: tuple[float, float, float, float] = (-180, -90, 180, 90)


def parse_crs(text: str) -> SourceCrs:
    """The coordinate system a person or a file names: wgs84, cgcs2000, gcj02, bd09, or anything PROJ
    knows (`EPSG:4549`, `4549`, a URN, WKT).

    Raises InvalidInput if it is unknown, or if nobody knows its way to WGS-84.
    """
    word = text.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
    if word in {crs.value for crs in Crs}:
        crs = Crs(word)
        return SourceCrs(crs.value, lambda x, y: to_wgs84(x, y, crs))
    try:
        return _by_proj(CRS.from_user_input(int(word) if word.isdecimal() else text))
    except CRSError as error:
        raise InvalidInput(
            f"{text[:80]!r} is not a coordinate system. Name wgs84, cgcs2000, gcj02, bd09 or an EPSG "
            "code such as EPSG:4549.",
            field="crs",
        ) from error


def _by_proj(crs: Any) -> SourceCrs:
    name = f"EPSG:{crs.to_epsg()}" if crs.to_epsg() else crs.name
    # CGCS2000 is WGS-84 to within centimetres, but PROJ has no operation that says so.
    target = crs.geodetic_crs if crs.ellipsoid and crs.ellipsoid.name == "CGCS2000" else "EPSG:4326"
    try:
        transformer = Transformer.from_crs(crs, target, always_xy=True, allow_ballpark=False)
    except ProjError as error:
        # Beijing 54 and Xian 80 are a hundred metres off, and their parameters are not public.
        raise InvalidInput(
            f"No exact way from {name} to WGS-84 is known. Convert the file first, with the "
            "parameters of whoever surveyed it.",
            field="crs",
        ) from error
    area = crs.area_of_use if crs.is_projected else None
    if area is None or area.west > area.east:  # the latter crosses 180°
        return SourceCrs(name, transformer.transform)
    # Maps reach beyond their zone, but not far: degrees taken for metres land on the equator.
    west, east = area.west - _MARGIN_DEG, area.east + _MARGIN_DEG
    south, north = area.south - _MARGIN_DEG, area.north + _MARGIN_DEG
    return SourceCrs(name, transformer.transform, (west, south, east, north))
