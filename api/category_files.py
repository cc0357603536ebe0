"""Categories written as files, which the import takes again."""

import csv
import io
from collections.abc import Iterable
from typing import BinaryIO

from data.exports.sheets import Sheet, open_workbook
from data.exports.table import as_text
from patrol.categories.category import Category
from patrol.categories.table import table_rows


def write_categories(out: BinaryIO, file_format: str, categories: Iterable[Category]) -> None:
    """`file_format` is csv or xlsx."""
    rows = table_rows(categories)
    if file_format == "xlsx":
        header, *others = rows
        with open_workbook(out) as book:
            sheet = Sheet(book, "categories", header)
            for row in others:
                sheet.append(row)
        return
    # The mark at the beginning is for Excel, which reads Chinese as something else without it.
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
    csv.writer(text).writerows([as_text(cell) for cell in row] for row in rows)
    text.detach()
