"""Positions and boxes as callers write them: lon before lat, in a coordinate system they name."""

import math
from dataclasses import dataclass

from gis.crs import Crs, to_wgs84
from gis.errors import InvalidInput


def read_position(lon: float, lat: float, crs: Crs = Crs.WGS84) -> tuple[float, float]:
    """(lon, lat) in WGS-84 degrees.

    Raises InvalidInput that names `lon` or `lat`: not a number, outside the earth, or the two in the
    wrong order. Inside the ranges the order is only doubted when it would mean a place off China
    whose mirror image is in China.
    """
    for field, value in (("lon", lon), ("lat", lat)):
        if not math.isfinite(value):
            raise InvalidInput(f"{field} must be a finite number of degrees.", field=field)
    if _look_swapped(lon, lat):
        raise InvalidInput(
            f"lon {lon:g} and lat {lat:g} look swapped; send the longitude as lon and the latitude "
            "as lat.",
            field="lat",
            code="swapped_coordinates",
        )
    if not -180.0 <= lon <= 180.0:
        raise InvalidInput(f"lon must be between -180 and 180, not {lon:g}.", field="lon")
    if not -90.0 <= lat <= 90.0:
        raise InvalidInput(f"lat must be between -90 and 90, not {lat:g}.", field="lat")
    if crs is Crs.WGS84:
        return lon, lat
    converted_lon, converted_lat = to_wgs84(lon, lat, crs)
    return float(converted_lon), float(converted_lat)


def read_place(
    lon: float | None, lat: float | None, crs: Crs = Crs.WGS84
) -> tuple[float, float] | None:
    """`read_position` where a place need not be said; None when neither is.

    Raises InvalidInput, too, that names the half that is missing.
    """
    if lon is None and lat is None:
        return None
    if lon is None or lat is None:
        missing = "lon" if lon is None else "lat"
        raise InvalidInput(f"Send lon and lat together; {missing} is missing.", field=missing)
    return read_position(lon, lat, crs)


def _look_swapped(lon: float, lat: float) -> bool:
    beyond_the_pole = abs(lat) > 90.0 and abs(lat) <= 180.0 and abs(lon) <= 90.0
    mirrored_china = 3.0 <= lon <= 54.0 and 73.0 <= lat <= 136.0
    return beyond_the_pole or mirrored_china


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """WGS-84 degrees; west <= east and south <= north."""

    west: float
    south: float
    east: float
    north: float


def read_box(text: str, *, field: str = "bbox") -> Box:
    """From `west,south,east,north`. Raises InvalidInput."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InvalidInput(
            f"{field} is west,south,east,north in degrees, e.g. 120.1,30.1,120.4,30.4.", field=field
        ) from error
    if not all(map(math.isfinite, (west, south, east, north))):
        raise InvalidInput(f"{field} must hold finite numbers.", field=field)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise InvalidInput(
            f"{field} must be west,south,east,north with west <= east and south <= north, inside "
            "-180,-90,180,90.",
            field=field,
        )
    return Box(west=west, south=south, east=east, north=north)
