"""The basemap in the database: from OpenStreetMap's files or the town's own, kept apart by source."""

from data.basemap.feature import KINDS, BasemapFeature
from data.basemap.frame import Frame, clipped, frame_of_grids
from data.basemap.osm import is_osm, read_osm
from data.basemap.own import OwnFields, features_of_file
from data.basemap.store import Stored, read_sources, remove_source, replace_source

__all__ = [
    "KINDS",
    "BasemapFeature",
    "Frame",
    "OwnFields",
    "Stored",
    "clipped",
    "features_of_file",
    "frame_of_grids",
    "is_osm",
    "read_osm",
    "read_sources",
    "remove_source",
    "replace_source",
]
