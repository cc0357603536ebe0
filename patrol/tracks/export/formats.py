"""The formats that tracks are exported in."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import BinaryIO

from data.exports.provenance import PeriodProvenance
from gis.local_time import LOCAL
from patrol.tracks.export.csv_table import write_csv
from patrol.tracks.export.exported import ExportedTrack
from patrol.tracks.export.feature_collection import write_geojson
from patrol.tracks.export.geoparquet import write_geoparquet
from patrol.tracks.export.gpx import write_gpx
from patrol.tracks.export.kml import write_kml
from patrol.tracks.export.workbook import write_xlsx

Write = Callable[[Iterable[ExportedTrack], BinaryIO, PeriodProvenance], None]


class ExportFormat(StrEnum):
    GPX = "gpx"
    KML = "kml"
    GEOJSON = "geojson"
    CSV = "csv"
    XLSX = "xlsx"
    GEOPARQUET = "geoparquet"

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]

    @property
    def suffix(self) -> str:
        """Of a file's name, with its dot."""
        return ".parquet" if self is ExportFormat.GEOPARQUET else f".{self}"


_MEDIA_TYPES: Mapping[ExportFormat, str] = MappingProxyType(
    {
        ExportFormat.GPX: "application/gpx+xml",
        ExportFormat.KML: "application/vnd.google-earth.kml+xml",
        ExportFormat.GEOJSON: "application/geo+json",
        ExportFormat.CSV: "text/csv; charset=utf-8",
        ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ExportFormat.GEOPARQUET: "application/vnd.apache.parquet",
    }
)
_WRITERS: Mapping[ExportFormat, Write] = MappingProxyType(
    {
        ExportFormat.GPX: write_gpx,
        ExportFormat.KML: write_kml,
        ExportFormat.GEOJSON: write_geojson,
        ExportFormat.CSV: write_csv,
        ExportFormat.XLSX: write_xlsx,
        ExportFormat.GEOPARQUET: write_geoparquet,
    }
)


def write_export(
    tracks: Iterable[ExportedTrack],
    out: BinaryIO,
    *,
    to: ExportFormat,
    provenance: PeriodProvenance,
) -> None:
    """Write a file of the tracks, of which one at a time is in memory. `out` can seek.

    Raises InvalidInput for what the format cannot hold.
    """
    _WRITERS[to](tracks, out, provenance)


def filename(of: str, provenance: PeriodProvenance, *, to: ExportFormat) -> str:
    """track-GW-001-20261120T0000-20261121T0000.gpx, by the local clock."""
    begin, end = (
        f"{at.astimezone(LOCAL):%Y%m%dT%H%M}" for at in (provenance.since, provenance.until)
    )
    return f"track-{of}-{begin}-{end}{to.suffix}"
