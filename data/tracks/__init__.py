"""Tracks out of files: read, located and stored, twice as well as once."""

from data.tracks.plt import read_plt
from data.tracks.points import PointColumns, parse_columns, read_points
from data.tracks.store import StoredTrack, store_track
from data.tracks.track import RefusedLine, Track, find_track_files, unit_of_folder
from data.tracks.units import unit_ids

__all__ = [
    "PointColumns",
    "RefusedLine",
    "StoredTrack",
    "Track",
    "find_track_files",
    "parse_columns",
    "read_plt",
    "read_points",
    "store_track",
    "unit_ids",
    "unit_of_folder",
]
