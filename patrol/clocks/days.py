"""The administrator's days as people write them down: checked one by one, and as a table.

日期,类型,名称
2027-01-01,休,元旦
2027-01-03,班,元旦调休
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from gis.errors import InvalidInput, UnreadableFile, WanggeError
from patrol.clocks.calendar import FIRST_YEAR, LAST_YEAR, SpecialDay

MOST_NAME_CHARACTERS = 50
MOST_DAYS = 2000
_MOST_TOLD = 20
HEADER = ("日期 date", "类型 kind", "名称 name")
WORKING, REST = "班", "休"

_HEADINGS: Mapping[str, str] = MappingProxyType({"日期": "date", "类型": "kind", "名称": "name"})
_KINDS: Mapping[str, bool] = MappingProxyType(
    dict.fromkeys(("班", "上班", "补班", "调休上班", "工作日", "work", "working"), True)
    | dict.fromkeys(("休", "休息", "放假", "休假", "节假日", "休息日", "rest", "holiday"), False)
)
_DATE = re.compile(
    r"([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))"
    r"(?:[ T]00:00(?::00(?:\.0+)?)?)?"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RowProblem:
    """`number` is the row as a spreadsheet numbers it; the first has the headings."""

    number: int
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DaysTable:
    days: Sequence[SpecialDay]
    problems: Sequence[RowProblem]

    def whole(self) -> Sequence[SpecialDay]:
        """All of its days. Raises InvalidInput naming the rows of which any cannot be used."""
        if self.problems:
            told = [f"Row {each.number}: {each.message}" for each in self.problems[:_MOST_TOLD]]
            if len(self.problems) > _MOST_TOLD:
                told.append(f"And {len(self.problems) - _MOST_TOLD:,} more rows.")
            raise InvalidInput(
                f"Nothing was changed. {' '.join(told)}", code="bad_rows", field="files"
            )
        if not self.days:
            raise InvalidInput("The table has no days below its headings.", field="files")
        return check_days(self.days)


def read_day(day: date, *, is_working: bool, name: str | None) -> SpecialDay:
    """Raises InvalidInput."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidInput(
            f"{day} is outside of the calendar, which has the years {FIRST_YEAR} to {LAST_YEAR}.",
            field="date",
        )
    text = " ".join((name or "").split())
    if len(text) > MOST_NAME_CHARACTERS or not text.isprintable():
        raise InvalidInput(
            f"The name of {day} has {len(text)} characters or one that cannot be printed; at most "
            f"{MOST_NAME_CHARACTERS} are allowed.",
            field="name",
        )
    if not text:
        raise InvalidInput(f"Say why {day} is no plain day: give it a name.", field="name")
    return SpecialDay(day=day, is_working=is_working, name=text)


def check_days(days: Sequence[SpecialDay]) -> Sequence[SpecialDay]:
    """Raises InvalidInput when a day is there twice, or there are too many."""
    if len(days) > MOST_DAYS:
        raise InvalidInput(f"At most {MOST_DAYS:,} days at a time; send fewer.", field="days")
    seen: set[date] = set()
    for each in days:
        if each.day in seen:
            raise InvalidInput(f"{each.day} is there twice; leave it once.", field="days")
        seen.add(each.day)
    return days


def read_days(label: str, rows: Iterable[Sequence[str | None]]) -> DaysTable:
    """The days of a table, whose first row has the headings; what cannot be used is among the problems.
    Raises UnreadableFile for what is no such table at all."""
    # An apostrophe at the beginning is how a spreadsheet says that something is text.
    texts = ([(cell or "").strip().removeprefix("'") for cell in row] for row in rows)
    numbered = enumerate(texts, start=1)
    columns = _columns(label, next(numbered, (1, []))[1])
    days: dict[date, tuple[int, SpecialDay]] = {}
    problems: list[RowProblem] = []
    for number, row in numbered:
        if not any(row):
            continue
        cells = {name: row[at] if at < len(row) else "" for name, at in columns.items()}
        try:
            day = read_day(
                _date(cells["date"]), is_working=_is_working(cells["kind"]), name=cells["name"]
            )
            if day.day in days:
                raise InvalidInput(
                    f"{day.day} is in row {days[day.day][0]} already; leave it once.", field="date"
                )
        except WanggeError as error:
            problems.append(RowProblem(number=number, message=error.message))
        else:
            days[day.day] = (number, day)
    return DaysTable(days=[day for _, day in days.values()], problems=problems)


def table_rows(days: Iterable[SpecialDay]) -> Iterable[Sequence[str]]:
    """What `read_days` takes."""
    yield HEADER
    for each in days:
        yield (each.day.isoformat(), WORKING if each.is_working else REST, each.name)


def _columns(label: str, headings: Sequence[str]) -> Mapping[str, int]:
    columns: dict[str, int] = {}
    for at, heading in enumerate(headings):
        words = [_HEADINGS.get(word, word) for word in heading.lower().split()]
        for name in _HEADINGS.values():
            if name in words:
                if name in columns:
                    raise UnreadableFile(f"{label} has two columns for {heading}; leave one.")
                columns[name] = at
    missing = [each for each, name in _HEADINGS.items() if name not in columns]
    if missing:
        raise UnreadableFile(
            f"The first row of {label} has no heading {', '.join(missing)}; it needs 日期, 类型 (休, 班)"
            " and 名称, or date, kind (rest, work) and name."
        )
    return columns


def _date(cell: str) -> date:
    read = _DATE.fullmatch(cell)
    try:
        if read is not None:
            return date(int(read[1]), int(read[2] or read[4]), int(read[3] or read[5]))
    except ValueError:
        pass
    raise InvalidInput(f"{cell[:30]!r} is no date; write it like 2027-01-01.", field="date")


def _is_working(cell: str) -> bool:
    is_working = _KINDS.get(cell.lower())
    if is_working is None:
        raise InvalidInput(
            f"{cell[:30]!r} is neither a day of rest (write 休 or rest) nor a working day (班 or work).",
            field="kind",
        )
    return is_working
