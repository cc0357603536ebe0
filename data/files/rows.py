"""Tables that are no maps, as rows of text: CSV, TSV and XLSX."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from data.files.ogr import read_sheet
from data.files.table import separator_of
from data.files.text import read_text
from gis.errors import UnreadableFile

ROW_SUFFIXES = frozenset({".csv", ".tsv", ".xlsx"})
Row = Sequence[str | None]


def read_rows(path: Path) -> Sequence[Row]:
    """The rows of a table, its headings and empty rows too; of a workbook, of its first sheet. Raises
    UnreadableFile."""
    if path.suffix.lower() not in ROW_SUFFIXES:
        raise UnreadableFile(f"{path} is no table; save it as {', '.join(sorted(ROW_SUFFIXES))}.")
    try:
        if path.suffix.lower() == ".xlsx":
            return read_sheet(path)
        text = read_text(path)
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}.") from error
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(text))
    try:
        return list(reader)
    except csv.Error as error:
        raise UnreadableFile(
            f"{path}, line {reader.line_num}: {error}. Save the table as CSV again."
        ) from error
