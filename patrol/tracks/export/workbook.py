"""Tracks as an Excel workbook: a summary with who, when and why, then fixes, stops and gaps.

The only importer of xlsxwriter. Rows go to disk as they are written (`constant_memory`). Every text is
written as a text: xlsxwriter's `write` would make a formula of one that begins with "=".
"""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from gis.errors import InvalidInput
from gis.geojson import DIGITS
from gis.local_time import LOCAL
from patrol.tracks.export.exported import ExportedTrack
from patrol.tracks.export.provenance import Provenance
from patrol.tracks.fixes import MEASURED
from patrol.tracks.geojson import track_summary
from patrol.tracks.track import instant_of

MOST_ROWS = 1_048_576
"""Of a sheet, its header included: a limit of the format."""

Cell = str | float | datetime | bool | None


def write_xlsx(tracks: Iterable[ExportedTrack], out: BinaryIO, provenance: Provenance) -> None:
    """Times are real ones, of the zone that their header names.

    Raises InvalidInput for more fixes than a sheet has rows.
    """
    with Workbook(out, {"constant_memory": True}) as book:
        zone = _zone(provenance.since)
        summary = _summary_sheet(book, provenance, zone)
        fixes = _Sheet(
            book, "fixes", ("unit", "name", zone, "lon", "lat", *MEASURED, "believed", "flag")
        )
        spans = ("unit", "name", f"from, {zone}", f"to, {zone}", "duration_s")
        stops = _Sheet(book, "stops", (*spans, "lon", "lat", "grid", "grid name"))
        gaps = _Sheet(book, "gaps", spans)
        for each in tracks:
            whose = (each.code, each.name)
            numbers = track_summary(each.track)
            summary.append((*whose, *numbers.values()))
            for at, lon, lat, measured, flag in zip(
                each.at,
                each.lon.tolist(),
                each.lat.tolist(),
                each.measured.rows(),
                each.flag_words,
                strict=True,
            ):
                fixes.append((*whose, at, lon, lat, *measured, not flag, flag))
            for index, stop in enumerate(each.track.analysis.stops):
                grid = each.track.stop_grids.get(index)
                place = (round(stop.lon, DIGITS), round(stop.lat, DIGITS))
                inside = (None, None) if grid is None else (grid.code, grid.name)
                stops.append((*whose, *_span(stop.from_s, stop.to_s), *place, *inside))
            for gap in each.track.analysis.gaps:
                gaps.append((*whose, *_span(gap.from_s, gap.to_s)))


def _summary_sheet(book: Workbook, provenance: Provenance, zone: str) -> "_Sheet":
    sheet = _Sheet(book, "summary", ("exported by", provenance.exported_by))
    sheet.append((f"exported at, {zone}", provenance.exported_at))
    sheet.append(("reason", provenance.reason))
    sheet.append(("about", provenance.subject))
    sheet.append((f"from, {zone}", provenance.since))
    sheet.append((f"before, {zone}", provenance.until))
    sheet.append(())
    numbers = ("fixes", "flagged", "length_m", "moving_s", "stopped_s", "gap_s")
    sheet.append(("unit", "name", *numbers, f"first, {zone}", f"last, {zone}"))
    return sheet


def _span(from_s: float, to_s: float) -> tuple[datetime, datetime, float]:
    return instant_of(from_s), instant_of(to_s), to_s - from_s


def _zone(at: datetime) -> str:
    """local time (Asia/Shanghai, UTC+08:00)"""
    offset = at.astimezone(LOCAL).utcoffset() or timedelta()
    minutes = offset // timedelta(minutes=1)
    hours = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    return f"local time ({LOCAL.key}, UTC{hours})"


class _Sheet:
    """A sheet that grows row by row."""

    def __init__(self, book: Workbook, name: str, header: Sequence[str]) -> None:
        self._sheet: Worksheet = book.add_worksheet(name)
        self._instant: Format = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
        self._rows = 0
        self._sheet.set_column(0, len(header) + 8, 16)
        for column, title in enumerate(header):
            if title.endswith(")"):
                self._sheet.set_column(column, column, 24)
        if name != "summary":
            self._sheet.freeze_panes(1, 0)
        self.append(header)

    def append(self, cells: Sequence[Cell]) -> None:
        if self._rows == MOST_ROWS:
            raise InvalidInput(
                f"A sheet of Excel holds {MOST_ROWS - 1:,} fixes and this is more: ask for fewer units "
                "or days, or for csv or geoparquet.",
                field="format",
                code="too_many_rows",
            )
        sheet, row = self._sheet, self._rows
        for column, cell in enumerate(cells):
            match cell:
                case bool():
                    sheet.write_boolean(row, column, cell)
                case str():
                    sheet.write_string(row, column, cell)
                case datetime():
                    local = cell.astimezone(LOCAL).replace(tzinfo=None)
                    sheet.write_datetime(row, column, local, self._instant)
                case float() | int() if not math.isnan(cell):
                    sheet.write_number(row, column, cell)
        self._rows += 1
