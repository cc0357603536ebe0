"""Tracks out of files: read, located and stored, twice as well as once."""

from data.tracks.gpx import read_gpx
from data.tracks.plt import read_plt
from data.tracks.points import PointColumns, parse_columns, read_points
from data.tracks.store import StoredTrack, cover_with_duty, store_track
from data.tracks.track import RefusedPart, Track, find_track_files, unit_of_folder
from data.tracks.units import unit_ids
from data.tracks.untrusted import read_untrusted_track

__all__ = [
    "PointColumns",
    "RefusedPart",
    "StoredTrack",
    "Track",
    "cover_with_duty",
    "find_track_files",
    "parse_columns",
    "read_gpx",
    "read_plt",
    "read_points",
    "read_untrusted_track",
    "store_track",
    "unit_ids",
    "unit_of_folder",
]
