"""A town's list of its staff, as a CSV file with English or Chinese headings.

    姓名,电话,岗位,网格,副岗,单元,账号
    王小明,13812345678,网格员,32072210120300502,,GW-017,wang.xm

One line is one post. Somebody with several posts has several lines.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from api.accounts.role_names import read_staff_role
from gis.codes import clean
from gis.errors import InvalidInput, UnreadableFile, WanggeError
from patrol.duty.contact import check_name, check_phone
from patrol.duty.staff_roles import StaffRole

_HEADINGS: Mapping[str, str] = MappingProxyType(
    {
        "姓名": "name",
        "电话": "phone",
        "岗位": "role",
        "网格": "grid",
        "副岗": "deputy",
        "部门": "department",
        "单元": "unit",
        "账号": "username",
    }
)
_REQUIRED = ("name", "role")
_YES = frozenset({"是", "副", "副岗", "yes", "y", "true", "1"})
_NO = frozenset({"", "否", "主", "主岗", "no", "n", "false", "0"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One post of one person. `unit` is the code of what they carry, `username` of their account.
    `department` is the code of a handler's."""

    number: int
    name: str
    phone: str | None
    role: StaffRole
    grid_code: str | None
    is_deputy: bool
    unit: str | None
    username: str | None
    department: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class LineProblem:
    number: int
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """`ignored` are the headings of columns that mean nothing here."""

    lines: Sequence[Line]
    problems: Sequence[LineProblem]
    ignored: Sequence[str]


def read_sheet(path: Path) -> Sheet:
    """Raises UnreadableFile for what is no such list at all. A line that cannot be used is among the
    problems; its number is that of a text editor."""
    text = _read_text(path)
    delimiter = "\t" if "\t" in text.partition("\n")[0] else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        headings = [heading.strip() for heading in next(rows, [])]
        columns = _columns(path, headings)
        lines, problems = _read_lines(rows, columns)
    except csv.Error as error:
        raise UnreadableFile(
            f"{path}, line {rows.line_num}: {error}. Save the list as CSV again."
        ) from error
    ignored = [each for index, each in enumerate(headings) if index not in columns and each]
    return Sheet(lines=lines, problems=problems, ignored=ignored)


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}.") from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(f"{path} is neither UTF-8 nor GB 18030; save the list as CSV in UTF-8.")


def _columns(path: Path, headings: Sequence[str]) -> Mapping[int, str]:
    """What the column of each index holds."""
    columns: dict[int, str] = {}
    for index, heading in enumerate(headings):
        column = _HEADINGS.get(heading, heading.lower())
        if column not in _HEADINGS.values():
            continue
        if column in columns.values():
            raise UnreadableFile(f"{path} has two columns for {heading}; leave one.")
        columns[index] = column
    for column in _REQUIRED:
        if column not in columns.values():
            raise UnreadableFile(
                f"The first line of {path} has no heading {column}; the headings are "
                f"{', '.join(_HEADINGS.values())}, or {', '.join(_HEADINGS)}."
            )
    return columns


def _read_lines(
    rows: Iterator[list[str]], columns: Mapping[int, str]
) -> tuple[list[Line], list[LineProblem]]:
    lines: list[Line] = []
    problems: list[LineProblem] = []
    number = rows.line_num  # type: ignore[attr-defined]
    for row in rows:
        begins, number = number + 1, rows.line_num  # type: ignore[attr-defined]
        cells = dict.fromkeys(columns.values(), "")
        cells |= {
            columns[index]: cell.strip() for index, cell in enumerate(row) if index in columns
        }
        if not any(cells.values()):
            continue
        try:
            lines.append(_line(begins, cells))
        except WanggeError as error:
            problems.append(LineProblem(number=begins, message=error.message))
    return lines, problems


def _line(number: int, cells: Mapping[str, str]) -> Line:
    phone, grid = cells.get("phone"), cells.get("grid")
    return Line(
        number=number,
        name=check_name(cells["name"]),
        phone=check_phone(phone) if phone else None,
        role=read_staff_role(cells["role"]),
        grid_code=_grid_code(grid) if grid else None,
        is_deputy=_is_deputy(cells.get("deputy", "")),
        unit=cells.get("unit") or None,
        username=cells.get("username") or None,
        department=cells.get("department") or None,
    )


def _grid_code(cell: str) -> str:
    code = clean(cell)
    if "E+" in code.upper():
        raise InvalidInput(
            f"{cell} is a grid's code after a spreadsheet shortened it; make the column text.",
            field="grid",
        )
    return code


def _is_deputy(cell: str) -> bool:
    word = cell.lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise InvalidInput(f"{cell!r} says neither yes (是) nor no (否) for deputy.", field="deputy")
