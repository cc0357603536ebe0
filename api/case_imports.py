"""Lists of tickets from a request or a command, and what became of them in an answer."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from sqlalchemy import Connection

from api.coordinates import read_position
from data.exports.table import as_text
from data.files.rows import Row
from gis.crs import Crs
from gis.errors import InvalidInput
from patrol.cases.case import Source
from patrol.categories.built_in import OTHER
from patrol.categories.store import read_categories
from patrol.intake.columns import Field, read_mapping
from patrol.intake.importing import DueOutcome, Outcome
from patrol.intake.sheet import Refused, Sheet, read_tickets
from patrol.intake.store import Known
from patrol.intake.ticket import Reading

MOST_TOLD = 200
E = TypeVar("E", Source, Crs)


class RefusedTicket(BaseModel):
    """`row` is as a spreadsheet numbers it: the first has the headings. `code` is the reason for
    programs."""

    row: int
    number: str | None
    reason: str
    code: str


class UnknownCategory(BaseModel):
    """What the list calls it, how many new cases have that, and which category they are here."""

    said: str
    count: int
    category: str


class CaseOfTicket(BaseModel):
    """What a ticket is here, and whether it became that now. `due` is what became of the deadline of one
    that was a case already: `moved`, it is that of the case now; `unchanged`, as it was; `closed` or
    `reopened`, it is another one, which the case does not follow any more. Null where it names none."""

    row: int
    ticket: str
    id: int
    number: str
    became: Literal["new", "changed", "unchanged"]
    due: DueOutcome | None


class CaseImportAnswer(BaseModel):
    """`columns` is what each field was read from, `ignored` are the columns that mean nothing here.
    `new` became cases, `kept` of them old ones as they were, `outside` of them in no grid; `changed`
    said something new of a case there was (`due_moved` of them another deadline, which is the case's
    now), `unchanged` nothing. Of `problems` and of `cases`, which an import answers, the first 200.
    `header` are all columns; a preview names in `missing` what no ticket can do without and has no
    column: then nothing else was read. `next_row` is the row after which there is more, when a part was
    asked for."""

    preview: bool
    source: Source
    history: bool
    columns: dict[str, str]
    ignored: list[str]
    rows: int
    new: int
    kept: int
    changed: int
    due_moved: int
    unchanged: int
    outside: int
    refused: int
    unknown_categories: list[UnknownCategory]
    problems: list[RefusedTicket]
    header: list[str]
    missing: list[Field]
    cases: list[CaseOfTicket] = []
    next_row: int | None = None

    @classmethod
    def of(
        cls, sheet: Sheet, outcome: Outcome, reading: Reading, *, preview: bool
    ) -> "CaseImportAnswer":
        refused = all_refused(sheet, outcome)
        return cls(
            preview=preview,
            source=reading.source,
            history=reading.history,
            columns={field.value: name for field, name in sheet.columns.items()},
            ignored=[*sheet.ignored],
            rows=len(sheet.tickets) + len(sheet.refused),
            new=outcome.new,
            kept=outcome.kept,
            changed=outcome.changed,
            due_moved=[*outcome.due.values()].count(DueOutcome.MOVED),
            unchanged=outcome.unchanged,
            outside=outcome.outside,
            refused=len(refused),
            unknown_categories=[
                UnknownCategory(said=said, count=count, category=OTHER)
                for said, count in outcome.unknown.most_common(MOST_TOLD)
            ],
            problems=[
                RefusedTicket(row=each.row, number=each.number, reason=each.reason, code=each.code)
                for each in refused[:MOST_TOLD]
            ],
            header=[name for name in sheet.header if name],
            missing=[*sheet.missing],
        )


def cases_of(sheet: Sheet, outcome: Outcome, known: Mapping[str, Known]) -> list[CaseOfTicket]:
    """The first of the tickets that are cases, in the order of the rows."""
    there = [(each, known[each.number]) for each in sheet.tickets if each.number in known]
    return [
        CaseOfTicket(
            row=ticket.row,
            ticket=ticket.number,
            id=case.id,
            number=case.number,
            became=(
                "new"
                if ticket.number in outcome.made
                else "changed"
                if ticket.number in outcome.said_more
                else "unchanged"
            ),
            due=outcome.due.get(ticket.number),
        )
        for ticket, case in there[:MOST_TOLD]
    ]


def read_list(
    conn: Connection,
    label: str,
    rows: Sequence[Row],
    *,
    source: str | None,
    crs: str | None,
    zone: str | None,
    mapping: Sequence[str],
    history: bool,
    whatever_is_missing: bool = False,
) -> tuple[Sheet, Reading]:
    """As `read_tickets`. Raises UnreadableFile, and InvalidInput naming what was asked for wrongly."""
    reading = Reading(
        source=_one_of(Source, source or Source.HOTLINE, "source"),
        crs=_one_of(Crs, (crs or Crs.WGS84).lower(), "crs"),
        zone=_zone(zone),
        history=history,
        categories=read_categories(conn),
        read_position=read_position,
        now=datetime.now(UTC),
    )
    sheet = read_tickets(
        label,
        rows,
        reading,
        mapping=read_mapping(mapping),
        whatever_is_missing=whatever_is_missing,
    )
    return sheet, reading


def all_refused(sheet: Sheet, outcome: Outcome) -> list[Refused]:
    """By the list itself, or when its tickets were to become cases; in the order of the rows."""
    return sorted([*sheet.refused, *outcome.refused], key=lambda each: each.row)


def refused_table(sheet: Sheet, outcome: Outcome) -> bytes:
    """The refused rows as they were, with the number of each and the reason: corrected, the same table
    can be imported. UTF-8 with a mark."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*map(as_text, sheet.header), "row", "reason"])
    width = len(sheet.header)
    for each in all_refused(sheet, outcome):
        cells = [as_text(cell or "") for cell in sheet.rows[each.row - 1]][:width]
        cells += [""] * (width - len(cells))
        writer.writerow([*cells, each.row, as_text(each.reason)])
    return out.getvalue().encode("utf-8-sig")


def for_the_audit(answer: CaseImportAnswer, label: str) -> Mapping[str, object]:
    return {
        "file": label,
        "source": answer.source,
        "history": answer.history,
        "rows": answer.rows,
        "refused": answer.refused,
    }


def _one_of(kind: type[E], word: str, field: str) -> E:
    try:
        return kind(word)
    except ValueError:
        raise InvalidInput(
            f"{field} cannot be {word[:40]!r}; choose one of {', '.join(kind)}.", field=field
        ) from None


def _zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(name or "Asia/Shanghai")
    except (KeyError, ValueError, OSError):
        raise InvalidInput(
            f"There is no time zone {(name or '')[:40]!r}; write it like Asia/Shanghai.",
            field="zone",
        ) from None
