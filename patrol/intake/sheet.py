"""A list of another system's tickets, from a table: what can be used of it, and what cannot and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from data.files.rows import Row
from gis.errors import InvalidInput, UnreadableFile
from patrol.intake.columns import Field, columns_found, columns_of, fields_missing
from patrol.intake.ticket import Reading, Ticket, read_ticket


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """A row that cannot be used. `row` is as a spreadsheet numbers it: the first has the headings.
    `code` is the reason for programs."""

    row: int
    number: str | None
    reason: str
    code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """`columns` is what was taken for what, `ignored` what was taken for nothing. `rows` is the whole
    table as it was, its `header` too. What is `missing` has no column, and then nothing was read."""

    columns: Mapping[Field, str]
    ignored: Sequence[str]
    tickets: Sequence[Ticket]
    refused: Sequence[Refused]
    header: Sequence[str]
    rows: Sequence[Row]
    missing: Sequence[Field] = ()

    def part(self, after_row: int, most: int) -> "tuple[Sheet, int | None]":
        """The first `most` tickets and refused rows below a row, and the last of their rows; None for
        that when they are the end of the list."""
        rows = [each.row for each in self.tickets] + [each.row for each in self.refused]
        below = sorted(row for row in rows if row > after_row)
        last = below[most - 1] if len(below) > most else None
        end = len(self.rows) + 1 if last is None else last
        return (
            replace(
                self,
                tickets=[each for each in self.tickets if after_row < each.row <= end],
                refused=[each for each in self.refused if after_row < each.row <= end],
            ),
            last,
        )


def read_tickets(
    label: str,
    rows: Sequence[Row],
    reading: Reading,
    *,
    mapping: Mapping[str, str],
    whatever_is_missing: bool = False,
) -> Sheet:
    """Raises UnreadableFile for what is no such list at all, and InvalidInput for a `mapping` (columns
    to fields) that cannot be. With `whatever_is_missing` a table without the columns that are needed is
    answered as one."""
    header = [_plain(cell) for cell in rows[0]] if rows else []
    if not any(header):
        raise UnreadableFile(f"{label} is empty: its first row must be the names of the columns.")
    columns = columns_found(label, header, mapping)
    missing = fields_missing(columns)
    if not missing or not whatever_is_missing:
        columns = columns_of(label, header, mapping)
    places = {field: header.index(name) for field, name in columns.items()}
    tickets: dict[str, Ticket] = {}
    refused: list[Refused] = []
    for number, row in enumerate(() if missing else rows[1:], start=2):
        cells = {
            field: _plain(row[at]) for field, at in places.items() if at < len(row) and row[at]
        }
        if not any(cells.values()):
            continue
        try:
            ticket = read_ticket(number, cells, reading)
            if ticket.number in tickets:
                first = tickets[ticket.number].row
                raise InvalidInput(f"Its number is in row {first} already.", code="twice")
        except InvalidInput as error:
            its_number = cells.get(Field.NUMBER) or None
            refused.append(
                Refused(row=number, number=its_number, reason=error.message, code=error.code)
            )
        else:
            tickets[ticket.number] = ticket
    taken = {*columns.values()}
    return Sheet(
        columns=columns,
        ignored=[name for name in header if name and name not in taken],
        tickets=[*tickets.values()],
        refused=refused,
        header=header,
        rows=rows,
        missing=missing,
    )


def _plain(cell: str | None) -> str:
    # An apostrophe at the beginning is how a spreadsheet says that something is text.
    return (cell or "").strip().removeprefix("'").strip()
