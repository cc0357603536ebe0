"""Tracks as CSV, one row for each fix, for spreadsheets and programs."""

import math
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from data.exports.provenance import PeriodProvenance
from data.exports.table import as_text, write_table
from gis.local_time import LOCAL
from patrol.tracks.export.exported import ExportedTrack
from patrol.tracks.fixes import MEASURED

COLUMNS = (
    "unit",
    "name",
    "at",
    "local_time",
    "lon",
    "lat",
    *MEASURED,
    "believed",
    "flag",
)


def write_csv(tracks: Iterable[ExportedTrack], out: BinaryIO, provenance: PeriodProvenance) -> None:
    """A table whose times are those of the fixes, in UTC and by the local clock."""
    rows = (
        (as_text(each.code), as_text(each.name), *row) for each in tracks for row in _rows(each)
    )
    write_table(COLUMNS, rows, out, provenance)


def _rows(each: ExportedTrack) -> Iterator[tuple[object, ...]]:
    for at, at_text, lon, lat, measured, flag in zip(
        each.at,
        each.at_text,
        each.lon.tolist(),
        each.lat.tolist(),
        each.measured.rows(),
        each.flag_words,
        strict=True,
    ):
        local = at.astimezone(LOCAL).isoformat(" ")[:19]
        known = ("" if math.isnan(value) else value for value in measured)
        yield at_text, local, lon, lat, *known, "false" if flag else "true", flag
