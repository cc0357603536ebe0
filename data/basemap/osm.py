"""Reading OpenStreetMap's files: .osm, .osm.gz, .osm.bz2 and .pbf.

The only importer of osmium. It reads all of these, puts areas of several ways together and drops what
has none of the keys before Python sees it; GDAL's driver reads no .bz2 and hides most tags in a text.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import osmium
import shapely

from data.basemap.feature import BasemapFeature
from data.basemap.tags import KEYS, area_drawn, line_drawn, name_of, point_drawn
from gis.errors import UnreadableFile

_SUFFIXES = (".osm", ".osm.gz", ".osm.bz2", ".pbf")


def is_osm(path: Path) -> bool:
    return path.name.lower().endswith(_SUFFIXES)


def read_osm(path: Path) -> Iterator[BasemapFeature]:
    """What is drawn of the file, in WGS-84. Ways whose points the extract has not are left out. Raises
    UnreadableFile."""
    if not path.is_file():
        raise UnreadableFile(f"{path} does not exist. Check the name.")
    wkb = osmium.geom.WKBFactory()
    # Two filters: a relation that is no area is not even looked at.
    wanted = osmium.filter.KeyFilter(*KEYS)
    objects = osmium.FileProcessor(path).with_areas(wanted).with_filter(wanted)
    try:
        for each in objects:
            feature = _feature(each, wkb)
            if feature is not None:
                yield feature
    except (RuntimeError, OSError) as error:
        reason = str(error).strip(" .")
        raise UnreadableFile(f"{path} cannot be read: {reason}. Fetch it again.") from error


def _feature(each: Any, wkb: Any) -> BasemapFeature | None:
    tags = dict(each.tags)
    try:
        if each.is_area():
            drawn, make = area_drawn(tags), wkb.create_multipolygon
        elif each.is_way():
            drawn, make = line_drawn(tags), wkb.create_linestring
        elif each.is_node():
            drawn, make = point_drawn(tags), wkb.create_point
        else:
            return None
        if drawn is None:
            return None
        geometry = shapely.from_wkb(make(each))
    except (osmium.InvalidLocationError, RuntimeError, shapely.errors.GEOSException):
        return None  # cut through by whoever made the extract, or never right
    kind, category = drawn
    return BasemapFeature(kind=kind, category=category, name=name_of(tags), geometry=geometry)
