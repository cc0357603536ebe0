"""Tracks as files to hand on: what each format holds, and who made the file, when and why."""

from patrol.tracks.export.exporting import export_tracks
from patrol.tracks.export.formats import ExportFormat, filename

__all__ = ["ExportFormat", "export_tracks", "filename"]
