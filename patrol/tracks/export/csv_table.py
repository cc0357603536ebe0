"""Tracks as CSV, one row for each fix, for spreadsheets and programs."""

import csv
import io
import math
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from gis.local_time import LOCAL
from patrol.tracks.export.exported import ExportedTrack
from patrol.tracks.export.provenance import Provenance
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
    "exported_by",
    "exported_at",
    "reason",
)
# What a spreadsheet may take for the beginning of a formula.
_FORMULA = tuple("=+-@\t\r＝＋－＠")


def write_csv(tracks: Iterable[ExportedTrack], out: BinaryIO, provenance: Provenance) -> None:
    """UTF-8 with a mark at its beginning, without which Excel reads Chinese as something else.

    Where the file comes from stands in the last columns of every row. Comment lines above the header
    would be shorter, but a spreadsheet takes them for the header, and they are lost as soon as
    somebody sorts, filters or copies.
    """
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    origin = (
        as_text(provenance.exported_by),
        provenance.exported_at.isoformat(),
        as_text(provenance.reason),
    )
    for each in tracks:
        unit = (as_text(each.code), as_text(each.name))
        writer.writerows((*unit, *row, *origin) for row in _rows(each))
    text.detach()  # flushed, and `out` stays open


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


def as_text(cell: str) -> str:
    """The cell, so that no spreadsheet works it out: an apostrophe before what begins like a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
