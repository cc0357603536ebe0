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


_METRES = 1000.0  # more than any degree
_ZONE_M = 1_000_000.0


@dataclass(frozen=True, slots=True)
class SourceCrs:
    """`convert` takes the file's x and y (east before north) to WGS-84 lon and lat in degrees.

    `bounds` are west, south, east and north in degrees: what lies outside is not in this system.
    `remark` says what is done to such positions that nobody asked for, or None.
    """

    name: str
    convert: Conversion
    bounds: tuple[float, float, float, float] = (-180, -90, 180, 90)
    remark: Callable[[FloatArray], str | None] = lambda _x: None


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone of Gauss-Krüger: 13 to 23 of 6 degrees, 25 to 45 of 3 (GB/T 17278; no number is in both).

    Its number stands before the easting where maps of several zones are kept: 40 512345.67.
    """

    number: int

    @property
    def epsg(self) -> str:
        """CGCS2000 with the number of the zone in the easting."""
        return f"EPSG:{4491 + self.number - 13 if self.number < 25 else 4513 + self.number - 25}"

    @property
    def meridian(self) -> int:
        return self.number * 6 - 3 if self.number < 25 else self.number * 3


def zone_of(easting: float) -> Zone | None:
    """The zone whose number the easting begins with, None where it begins with none."""
    number = int(easting // _ZONE_M) if np.isfinite(easting) else 0
    return Zone(number) if 13 <= number <= 23 or 25 <= number <= 45 else None


def parse_crs(text: str) -> SourceCrs:
    """The coordinate system a person or a file names: wgs84, cgcs2000, gcj02, bd09, or anything PROJ
    knows (`EPSG:4549`, `4549`, a URN, WKT).

    Raises InvalidInput if it is unknown, or if nobody knows its way to WGS-84.
    """
    word = text.strip().lower().replace("-", "").replace("_", "").replace(" ", "")
    if word in {crs.value for crs in Crs}:
        crs = Crs(word)
        if crs is Crs.CGCS2000:
            return SourceCrs(crs.value, _from_cgcs2000, remark=_zones_in_words)
        return SourceCrs(crs.value, lambda x, y: to_wgs84(x, y, crs))
    try:
        return _by_proj(CRS.from_user_input(int(word) if word.isdecimal() else text))
    except CRSError as error:
        raise InvalidInput(
            f"{text[:80]!r} is not a coordinate system. Name wgs84, cgcs2000, gcj02, bd09 or an EPSG "
            "code such as EPSG:4549.",
            field="crs",
            code="unknown_crs",
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
            code="no_way_to_wgs84",
        ) from error
    area = crs.area_of_use if crs.is_projected else None
    if area is None or area.west > area.east:  # the latter crosses 180°
        return SourceCrs(name, transformer.transform)
    # Maps reach beyond their zone, but not far: degrees taken for metres land on the equator.
    west, east = area.west - _MARGIN_DEG, area.east + _MARGIN_DEG
    south, north = area.south - _MARGIN_DEG, area.north + _MARGIN_DEG
    bounds = (west, south, east, north)
    if target != "EPSG:4326":  # CGCS2000: a zone's number may stand before the easting all the same
        meridian = _meridian(crs)
        return SourceCrs(
            name,
            lambda x, y: transformer.transform(_without_zone(x, meridian), y),
            bounds,
            lambda x: (
                f"the number of the zone was taken from the eastings, which {name} has without it."
                if (_without_zone(x, meridian) != x).any()
                else None
            ),
        )
    return SourceCrs(name, transformer.transform, bounds)


def _from_cgcs2000(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Degrees as they are; metres by the number of the zone in their easting."""
    lon, lat = np.array(x, np.float64), np.array(y, np.float64)
    metres = np.abs(lon) > _METRES
    for number in np.unique(lon[metres] // _ZONE_M).tolist():
        zone = zone_of(number * _ZONE_M)
        if zone is not None:
            inside = metres & (np.floor_divide(x, _ZONE_M) == number)
            lon[inside], lat[inside] = _by_proj(CRS.from_user_input(zone.epsg)).convert(
                x[inside], y[inside]
            )
    return lon, lat


def _zones_in_words(x: FloatArray) -> str | None:
    zones = {zone_of(number * _ZONE_M) for number in np.unique(x // _ZONE_M).tolist()}
    names = sorted(f"{zone.epsg} (zone {zone.number})" for zone in zones if zone is not None)
    return f"its metres were read as {', '.join(names)}." if names else None


def _meridian(crs: Any) -> float | None:
    """The central meridian of a projection that has no number of a zone in its easting."""
    values = {each.name: each.value for each in crs.coordinate_operation.params}
    if values.get("False easting") != 500_000:
        return None
    meridian = values.get("Longitude of natural origin")
    return None if meridian is None else float(meridian)


def _without_zone(x: FloatArray, meridian: float | None) -> FloatArray:
    """Eastings without the number of the zone, where it is the one of this meridian."""
    x = np.asarray(x, np.float64)
    for zone in map(Zone, (*range(13, 24), *range(25, 46))):
        if zone.meridian == meridian:
            x = np.where(np.floor_divide(x, _ZONE_M) == zone.number, x % _ZONE_M, x)
    return x
