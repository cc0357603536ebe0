"""Tracks as files to hand on: what each format holds, and who made the file, when and why."""

from patrol.tracks.export.exporting import export_tracks
from patrol.tracks.export.formats import ExportFormat, filename
from patrol.tracks.export.provenance import Provenance

__all__ = ["ExportFormat", "Provenance", "export_tracks", "filename"]
