"""A unit's track as a file to hand on, which says who made it, when and why."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

import orjson

from gis.local_time import LOCAL
from patrol.tracks.geojson import track_to_geojson
from patrol.tracks.gpx import track_to_gpx
from patrol.tracks.provenance import Provenance
from patrol.tracks.table import track_to_csv
from patrol.tracks.track import UnitTrack


class ExportFormat(StrEnum):
    GPX = "gpx"
    GEOJSON = "geojson"
    CSV = "csv"

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]


_MEDIA_TYPES: Mapping[ExportFormat, str] = MappingProxyType(
    {
        ExportFormat.GPX: "application/gpx+xml",
        ExportFormat.GEOJSON: "application/geo+json",
        ExportFormat.CSV: "text/csv; charset=utf-8",
    }
)


def export_track(
    track: UnitTrack,
    since: datetime,
    until: datetime,
    *,
    to: ExportFormat,
    provenance: Provenance,
) -> bytes:
    """The track of `since` to before `until` as a file."""
    match to:
        case ExportFormat.GPX:
            return track_to_gpx(track, provenance)
        case ExportFormat.CSV:
            return track_to_csv(track, provenance)
        case ExportFormat.GEOJSON:
            geojson = track_to_geojson(track, since, until) | {
                "name": provenance.name,
                "exported_by": provenance.exported_by,
                "exported_at": provenance.exported_at,
                "reason": provenance.reason,
            }
            return orjson.dumps(geojson, option=orjson.OPT_SERIALIZE_NUMPY)


def filename(track: UnitTrack, since: datetime, until: datetime, *, to: ExportFormat) -> str:
    """track-GW-001-20261120T0000-20261121T0000.gpx, by the local clock."""
    begin, end = (f"{at.astimezone(LOCAL):%Y%m%dT%H%M}" for at in (since, until))
    return f"track-{track.unit.code}-{begin}-{end}.{to}"
