"""A layer as GeoJSON (RFC 7946), coordinates rounded to a centimetre."""

from typing import BinaryIO

import orjson
import shapely

from data.exports.provenance import Provenance
from gis.geojson import DIGITS
from layers.features.export.batches import Batches


def write_geojson(batches: Batches, out: BinaryIO, provenance: Provenance) -> None:
    """A FeatureCollection that says where it comes from, one feature a line."""
    head = orjson.dumps({"type": "FeatureCollection", **provenance.to_json(), "features": []})
    out.write(head.removesuffix(b"]}"))
    separator = b"\n"
    for batch in batches:
        areas = shapely.transform(
            shapely.from_wkb([feature.geometry for feature in batch]), lambda xy: xy.round(DIGITS)
        )
        for feature, geometry in zip(batch, shapely.to_geojson(areas), strict=True):
            out.write(separator)
            out.write(
                orjson.dumps(
                    {
                        "type": "Feature",
                        "id": feature.key,
                        "geometry": orjson.Fragment(geometry),
                        "properties": feature.properties,
                    },
                    default=str,
                )
            )
            separator = b",\n"
    out.write(b"\n]}\n")
