"""Tables as CSV, for spreadsheets and programs, with where they come from."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from data.exports.provenance import Provenance

_ORIGIN = ("exported_by", "exported_at", "reason")
# What a spreadsheet may take for the beginning of a formula.
_FORMULA = tuple("=+-@\t\r＝＋－＠")


def write_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    out: BinaryIO,
    provenance: Provenance,
) -> None:
    """UTF-8 with a mark at its beginning, without which Excel reads Chinese as something else.

    Where the file comes from stands in the last columns of every row. Comment lines above the header
    would be shorter, but a spreadsheet takes them for the header, and they are lost as soon as
    somebody sorts, filters or copies.
    """
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow((*columns, *_ORIGIN))
    origin = (
        as_text(provenance.exported_by),
        provenance.exported_at.isoformat(),
        as_text(provenance.reason),
    )
    writer.writerows((*row, *origin) for row in rows)
    text.detach()  # flushed, and `out` stays open


def as_text(cell: str) -> str:
    """The cell, so that no spreadsheet works it out: an apostrophe before what begins like a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
