"""Excel workbooks: a summary with who, when and why, and sheets that grow row by row.

The only importer of xlsxwriter. Rows go to disk as they are written (`constant_memory`). Every text is
written as a text: xlsxwriter's `write` would make a formula of one that begins with "=".
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from data.exports.provenance import Provenance
from gis.errors import InvalidInput
from gis.local_time import LOCAL

MOST_ROWS = 1_048_576
"""Of a sheet, its header included: a limit of the format."""


@dataclass(frozen=True, slots=True)
class Formatted:
    """A number, and how a spreadsheet is to show it, such as 0.00 %."""

    value: float
    number_format: str


Cell = str | float | datetime | bool | Formatted | None


def open_workbook(out: BinaryIO) -> Workbook:
    """One that is written to `out` when it is left."""
    return Workbook(out, {"constant_memory": True})


def summary_sheet(book: Workbook, provenance: Provenance) -> "Sheet":
    """Where the file comes from, and room for what it sums up."""
    zone = zone_of(provenance.exported_at)
    sheet = Sheet(book, "summary", ("exported by", provenance.exported_by))
    sheet.append((f"exported at, {zone}", provenance.exported_at))
    sheet.append(("reason", provenance.reason))
    sheet.append(("about", provenance.subject))
    for name, at in provenance.instants.items():
        sheet.append((f"{'before' if name == 'to' else name}, {zone}", at))
    sheet.append(())
    return sheet


def zone_of(at: datetime) -> str:
    """The zone that times of a workbook are of: local time (Asia/Shanghai, UTC+08:00)."""
    offset = at.astimezone(LOCAL).utcoffset() or timedelta()
    minutes = offset // timedelta(minutes=1)
    hours = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    return f"local time ({LOCAL.key}, UTC{hours})"


class Sheet:
    """A sheet that grows row by row."""

    def __init__(self, book: Workbook, name: str, header: Sequence[str]) -> None:
        self._sheet: Worksheet = book.add_worksheet(name)
        self._instant: Format = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
        self._format = cache(lambda text: book.add_format({"num_format": text}))
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
                f"A sheet of Excel holds {MOST_ROWS - 1:,} rows and this is more: ask for less, or for "
                "csv or geoparquet.",
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
                case Formatted():
                    sheet.write_number(row, column, cell.value, self._format(cell.number_format))
                case float() | int() if not math.isnan(cell):
                    sheet.write_number(row, column, cell)
        self._rows += 1
