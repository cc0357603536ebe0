"""A unit's track as CSV, one row for each fix, for spreadsheets."""

import csv
import io
import math
from datetime import UTC, datetime

from gis.geojson import DIGITS
from gis.local_time import LOCAL
from patrol.tracks.provenance import Provenance
from patrol.tracks.track import UnitTrack

COLUMNS = (
    "unit",
    "name",
    "at",
    "local_time",
    "lon",
    "lat",
    "accuracy_m",
    "believed",
    "exported_by",
    "exported_at",
    "reason",
)
# What a spreadsheet may take for the beginning of a formula.
_FORMULA = tuple("=+-@\t\r＝＋－＠")


def track_to_csv(track: UnitTrack, provenance: Provenance) -> bytes:
    """UTF-8 with a mark at its beginning, without which Excel reads Chinese as something else.

    Where the file comes from stands in the last columns of every row. Comment lines above the header
    would be shorter, but a spreadsheet takes them for the header, and they are lost as soon as
    somebody sorts, filters or copies.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    unit = (as_text(track.unit.code), as_text(provenance.name))
    origin = (
        as_text(provenance.exported_by),
        provenance.exported_at.isoformat(),
        as_text(provenance.reason),
    )
    fixes = track.track
    for t_s, lon, lat, accuracy_m, flags in zip(
        fixes.t_s.tolist(),
        fixes.lon.round(DIGITS).tolist(),
        fixes.lat.round(DIGITS).tolist(),
        fixes.accuracy_m.round(1).tolist(),
        track.analysis.flags.tolist(),
        strict=True,
    ):
        at = datetime.fromtimestamp(t_s, UTC)
        measured = "" if math.isnan(accuracy_m) else accuracy_m
        local = f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}"
        believed = "false" if flags else "true"
        writer.writerow((*unit, at.isoformat(), local, lon, lat, measured, believed, *origin))
    return text.getvalue().encode("utf-8-sig")


def as_text(cell: str) -> str:
    """The cell, so that no spreadsheet works it out: an apostrophe before what begins like a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
