"""Reading GeoJSON (RFC 7946, and `crs` as the older specification had it).

Not through GDAL, which is too forgiving here: it turns a position it cannot read into no geometry,
an unknown `crs` into WGS-84, and a 17-digit code into a rounded number. GeoJSON is what people send
most, so that what is wrong with it is said exactly.
"""

from pathlib import Path
from typing import Any

import orjson
import shapely

from data.files.feature import FeatureFile, FileFeature
from data.files.text import decode
from gis.errors import UnreadableFile


def read_geojson(path: Path, *, most_vertices: int | None = None) -> FeatureFile:
    """Read a FeatureCollection or one Feature, in the coordinates of the file.

    Raises UnreadableFile naming the line or the feature that is wrong, and for a file that surely has
    more than `most_vertices`, before it takes a hundred times its size in memory.
    """
    document = _parse(path, most_vertices)
    kind = document.get("type") if isinstance(document, dict) else None
    features = [document] if kind == "Feature" else None
    if kind == "FeatureCollection":
        features = document.get("features")
    if not isinstance(features, list):
        raise UnreadableFile(
            f"{path} is JSON, but not a GeoJSON FeatureCollection"
            f"{f' (its type is {kind!r})' if isinstance(kind, str) else ''}. Export it as GeoJSON."
        )
    notes: list[str] = []
    read = tuple(_feature(path, number, raw, notes) for number, raw in enumerate(features, start=1))
    return FeatureFile(
        path=path,
        crs=_crs(document),
        fields=tuple(dict.fromkeys(field for each in read for field in each.properties)),
        features=read,
        notes=tuple(notes),
    )


def _parse(path: Path, most_vertices: int | None) -> Any:
    content = path.read_bytes()
    # A ring has four positions, and with it come three brackets at most that are none.
    if most_vertices is not None and (sure := content.count(b"[") * 4 // 7) > most_vertices:
        raise UnreadableFile(
            f"{path} has more than {sure:,} vertices; an edition may have {most_vertices:,}. Simplify "
            "the borders (to a metre, say) or send a smaller area.",
            code="too_many_vertices",
        )
    text = decode(content, str(path))
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UnreadableFile(
            f"{path} is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno}). "
            "It may have been cut short; export it again."
        ) from error


def _crs(document: dict[str, Any]) -> str | None:
    if "crs" not in document:
        return "wgs84"  # RFC 7946, section 4
    match document["crs"]:
        case {"properties": {"name": str(name)}}:
            return name
        case {}:
            return "a link"  # which GeoJSON 2008 allowed, and nobody follows
        case _:
            return None  # GeoJSON 2008, section 3: no coordinate system can be assumed


def _feature(path: Path, number: int, raw: Any, notes: list[str]) -> FileFeature:
    if not isinstance(raw, dict) or raw.get("type") != "Feature":
        raise UnreadableFile(f"{path}, feature {number}: this is not a GeoJSON Feature.")
    properties = raw.get("properties") or {}
    if not isinstance(properties, dict):
        raise UnreadableFile(f"{path}, feature {number}: its properties are not an object.")
    if raw.get("geometry") is None:
        raise UnreadableFile(
            f"{path}, feature {number} has no geometry. Draw it or remove it.",
            code="no_geometry",
        )
    try:
        if _close_rings(raw["geometry"]):
            notes.append(f"{path}, feature {number}: Closed an open ring.")
        geometry = shapely.from_geojson(orjson.dumps(raw["geometry"]))
    except (shapely.errors.GEOSException, TypeError) as error:
        raise UnreadableFile(
            f"{path}, feature {number}: its geometry cannot be read ({_plain(error)}). "
            "Correct it or export the file again."
        ) from error
    return FileFeature(number=number, geometry=geometry, properties=properties)


def _close_rings(geometry: dict[str, Any]) -> bool:
    """Close open rings in place: they can only mean this. Whether there was one."""
    match geometry:
        case {"type": "Polygon", "coordinates": [*polygon]}:
            polygons = [polygon]
        case {"type": "MultiPolygon", "coordinates": [*polygons]}:
            pass
        case _:
            return False
    open_rings = [ring for polygon in polygons for ring in polygon if ring and ring[0] != ring[-1]]
    for ring in open_rings:
        ring.append(ring[0])
    return bool(open_rings)


def _plain(error: Exception) -> str:
    """GEOS's reason without its exception names: "type must be number, but is string"."""
    reason = str(error).rpartition("] ")[2] or str(error)
    return reason.removeprefix("ParseException: ").strip("'. ")
