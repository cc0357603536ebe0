"""GeoJSON (RFC 7946): shapely in, plain dictionaries out, and back."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from gis.errors import InvalidInput

DIGITS = 7
"""Decimal places of a degree that are written: 1e-7 degrees is about a centimetre."""


def geometry_to_geojson(geometry: BaseGeometry, *, digits: int = DIGITS) -> dict[str, Any]:
    """Return the geometry object of `geometry` (EPSG:4326, lon before lat), rounded to `digits`."""
    rounded = shapely.transform(geometry, lambda lonlat: lonlat.round(digits))
    decoded: dict[str, Any] = orjson.loads(shapely.to_geojson(rounded))
    return decoded


def geojson_to_geometry(geojson: Mapping[str, Any]) -> BaseGeometry:
    """Return the shapely geometry of a GeoJSON geometry object.

    Raises InvalidInput when it is not a geometry object.
    """
    try:
        geometry = shapely.from_geojson(orjson.dumps(dict(geojson)))
    except (shapely.errors.GEOSException, TypeError, ValueError) as error:
        raise InvalidInput(
            "This is not a GeoJSON geometry. Send an object with `type` and `coordinates`.",
            field="geometry",
        ) from error
    return geometry


def feature(
    geometry: BaseGeometry | None,
    properties: Mapping[str, Any],
    *,
    id: str | int | None = None,
    digits: int = DIGITS,
) -> dict[str, Any]:
    """Return a Feature; without a geometry its `geometry` is null, without an id it has none."""
    return {
        "type": "Feature",
        **({} if id is None else {"id": id}),
        "geometry": None if geometry is None else geometry_to_geojson(geometry, digits=digits),
        "properties": dict(properties),
    }


def feature_collection(features: Iterable[Mapping[str, Any]], **members: Any) -> dict[str, Any]:
    """Return a FeatureCollection; `members` stand beside `features` at its top level."""
    return {"type": "FeatureCollection", "features": list(features), **members}
