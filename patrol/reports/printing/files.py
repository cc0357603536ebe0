"""A printed report as a file."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import BinaryIO

from data.exports.provenance import PeriodProvenance
from data.exports.sheets import Cell as SheetCell
from data.exports.sheets import Formatted, Sheet, open_workbook, summary_sheet
from gis.local_time import LOCAL
from patrol.figures.definitions import Unit
from patrol.figures.shares import CHANGE_SHEET_FORMAT, SHEET_FORMAT
from patrol.reports.press import print_page
from patrol.reports.printing.page import page_of
from patrol.reports.printing.printed import Amount, Cell, Judged, Printed, Score, Trend

_SHEET_NAME = 31


class ReportFormat(StrEnum):
    HTML = "html"
    XLSX = "xlsx"
    PDF = "pdf"

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]


_MEDIA_TYPES: Mapping[ReportFormat, str] = MappingProxyType(
    {
        ReportFormat.HTML: "text/html; charset=utf-8",
        ReportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ReportFormat.PDF: "application/pdf",
    }
)


def filename(printed: Printed, to: ReportFormat) -> str:
    """Such as report-month-2026-03-01-320722101-v1.pdf."""
    report = printed.report
    since = report.about.period.since.astimezone(LOCAL)
    grid = "" if report.about.grid is None else f"-{report.about.grid}"
    return f"report-{report.about.kind}-{since:%Y-%m-%d}{grid}-v{report.version}.{to}"


def write_report(
    printed: Printed, out: BinaryIO, *, to: ReportFormat, exported_by: str, exported_at: datetime
) -> None:
    """A workbook says who took it along; a page and its print are of the report alone."""
    match to:
        case ReportFormat.HTML:
            out.write(page_of(printed).encode())
        case ReportFormat.PDF:
            out.write(print_page(page_of(printed)))
        case ReportFormat.XLSX:
            _write_workbook(printed, out, exported_by, exported_at)


def _write_workbook(
    printed: Printed, out: BinaryIO, exported_by: str, exported_at: datetime
) -> None:
    report = printed.report
    provenance = PeriodProvenance(
        subject=f"{printed.title} {printed.place}",
        since=report.about.period.since,
        until=report.about.period.until,
        exported_by=exported_by,
        exported_at=exported_at,
        reason=report.reason or printed.title,
    )
    with open_workbook(out) as book:
        summary = summary_sheet(book, provenance)
        for fact in printed.facts:
            summary.append(fact)
        for table in printed.tables():
            sheet = Sheet(book, table.title[:_SHEET_NAME], table.header)
            for row in table.rows:
                sheet.append([_plain(cell) for cell in row])


def _plain(cell: Cell) -> SheetCell:
    """As a number to go on with: shares from 0 to 1, shown in percent, durations in hours."""
    match cell:
        case Amount(value=None) | Trend():
            return None
        case Amount(value=float(value), unit=Unit.SHARE, signed=signed):
            return Formatted(value, CHANGE_SHEET_FORMAT if signed else SHEET_FORMAT)
        case Amount(value=float(value), unit=Unit.DURATION):
            return round(value / 3600, 2)
        case Judged():
            return cell.word
        case Amount() | Score():
            return cell.value
        case _:
            return cell
