"""Categories as a table, for people with a spreadsheet.

代码,上级,编号,类别,名称,英文名称,时限,紧急,处置部门,照片,派遣,启用,字段,别名
environment.garbage,environment,020101,事件,垃圾堆放,Dumped garbage,1d,否,,处置前,网格,是,,乱倒垃圾;乱堆
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

import msgspec

from gis.errors import InvalidInput, UnreadableFile, WanggeError
from patrol.categories.category import Category, CategoryKind, DispatchRule, PhotoNeed
from patrol.categories.entry import read_category
from patrol.categories.field import CategoryField, FieldKind, read_field
from patrol.categories.tree import Categories

Word = TypeVar("Word", bound=str)
MOST_CATEGORIES = 1000
_MOST_TOLD = 20
_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "code": "代码",
        "parent": "上级",
        "number": "编号",
        "kind": "类别",
        "title_zh": "名称",
        "title_en": "英文名称",
        "term": "时限",
        "urgent": "紧急",
        "department": "处置部门",
        "photos": "照片",
        "dispatch": "派遣",
        "active": "启用",
        "fields": "字段",
        "aliases": "别名",
    }
)
HEADER = tuple(f"{zh} {name}" for name, zh in _COLUMNS.items())
_NEEDED = ("code", "title_zh", "term")
_KINDS = {CategoryKind.EVENT: "事件", CategoryKind.PART: "部件"}
_PHOTOS = {
    PhotoNeed.REPORT: "上报",
    PhotoNeed.BEFORE: "处置前",
    PhotoNeed.AFTER: "处置后",
    PhotoNeed.HANDLING: "处置反馈",
}
_NO_PHOTOS = "无"
_RULES = {
    DispatchRule.GRID: "网格",
    DispatchRule.DEPARTMENT: "部门",
    DispatchRule.ENFORCEMENT: "执法",
}
_YES, _NO = "是", "否"
_ANSWERS = dict.fromkeys((_YES, "yes", "true", "1"), True) | dict.fromkeys(
    (_NO, "no", "false", "0"), False
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RowProblem:
    """`row` is numbered as a spreadsheet does; the first has the headings. `code` and `field` are those
    of the error, `field` None where it is not about one column."""

    row: int
    message: str
    code: str
    field: str | None

    @classmethod
    def of(cls, row: int, error: WanggeError) -> "RowProblem":
        return cls(row=row, message=error.message, code=error.code, field=error.field)


@dataclass(frozen=True, kw_only=True, slots=True)
class CategoryTable:
    """`categories` are those of the rows that can be used."""

    categories: Sequence[Category]
    problems: Sequence[RowProblem]

    def whole(self) -> Sequence[Category]:
        """All of its categories. Raises InvalidInput naming the rows of which any cannot be used."""
        if self.problems:
            told = [f"Row {each.row}: {each.message}" for each in self.problems[:_MOST_TOLD]]
            if len(self.problems) > _MOST_TOLD:
                told.append(f"And {len(self.problems) - _MOST_TOLD:,} more rows.")
            raise InvalidInput(
                f"Nothing was changed. {' '.join(told)}", code="bad_rows", field="files"
            )
        return self.categories


def read_table(
    label: str, rows: Iterable[Sequence[str | None]], categories: Categories
) -> CategoryTable:
    """The categories of a table, whose first row has the headings, as they would be among `categories`.
    A column that is not there leaves what is; an empty cell is what a new category has. What cannot be
    used is among the problems. Raises UnreadableFile for what is no such table at all."""
    # An apostrophe at the beginning is how a spreadsheet says that something is text.
    texts = ([(cell or "").strip().removeprefix("'").strip() for cell in row] for row in rows)
    numbered = enumerate(texts, start=1)
    columns = _columns(label, next(numbered, (1, []))[1])
    cells = [
        (number, {name: row[at] if at < len(row) else "" for name, at in columns.items()})
        for number, row in numbered
        if any(row)
    ]
    if not cells:
        raise InvalidInput(f"{label} has no categories below its headings.", field="files")
    if len(cells) > MOST_CATEGORIES:
        raise InvalidInput(f"At most {MOST_CATEGORIES:,} categories; send fewer.", field="files")
    problems: list[RowProblem] = []
    read: dict[str, tuple[int, Category]] = {}
    tree = categories
    # Main categories first: the kind and the number of what is below follow from them.
    for number, row in sorted(cells, key=lambda each: bool(each[1].get("parent"))):
        try:
            category = _read(row, tree)
            if category.code in read:
                raise InvalidInput(
                    f"{category.code} is in row {read[category.code][0]} already; leave it once.",
                    field="code",
                    code="repeated",
                )
        except WanggeError as error:
            problems.append(RowProblem.of(number, error))
        else:
            read[category.code] = (number, category)
            tree = tree.with_changed([category])
    for number, category in read.values():
        try:
            tree.check(category)
        except WanggeError as error:
            problems.append(RowProblem.of(number, error))
    return CategoryTable(
        categories=[category for _, category in sorted(read.values(), key=lambda each: each[0])],
        problems=sorted(problems, key=lambda each: each.row),
    )


def table_rows(categories: Iterable[Category]) -> Iterable[Sequence[str]]:
    """What `read_table` takes."""
    yield HEADER
    for each in categories:
        photos = [word for need, word in _PHOTOS.items() if need in each.photos]
        yield (
            *(each.code, each.parent or "", each.number, _KINDS[each.kind]),
            *(each.title_zh, each.title_en, each.term, _YES if each.urgent else _NO),
            *(each.department or "", " ".join(photos) or _NO_PHOTOS),
            *(_RULES[each.dispatch], _YES if each.active else _NO),
            *(_fields_as_cell(each.fields), _aliases_as_cell(each.aliases)),
        )


def _read(row: Mapping[str, str], categories: Categories) -> Category:
    code = row["code"]
    before = categories.of(code) if code in categories else None

    def cell(name: str) -> str | None:
        """None is what a new category has; a column that is not there is what the category has."""
        if name in row:
            return row[name] or None
        return None if before is None else (_as_cell(before, name) or None)

    kind, photos, dispatch = cell("kind"), cell("photos"), cell("dispatch")
    urgent, active, number = cell("urgent"), cell("active"), cell("number")
    given: dict[str, object] = {}
    if photos is not None:
        words = [word for word in re.split(r"[\s,;、，；]+", photos) if word != _NO_PHOTOS]
        given["photos"] = [_one_of(_PHOTOS, word, "photos") for word in words]
    if dispatch is not None:
        given["dispatch"] = _one_of(_RULES, dispatch, "dispatch")
    if urgent is not None:
        given["urgent"] = _yes(urgent, "urgent")
    if active is not None:
        given["active"] = _yes(active, "active")
    if (fields := cell("fields")) is not None:
        given["fields"] = _fields(fields)
    if (aliases := cell("aliases")) is not None:
        given["aliases"] = _aliases(aliases)
    return read_category(
        categories,
        code=code,
        title_zh=row["title_zh"],
        title_en=cell("title_en"),
        term=row["term"],
        parent=cell("parent"),
        # A spreadsheet takes 020101 for a number, and drops its first zero.
        number=number.zfill(len(number) + len(number) % 2) if number else None,
        kind=None if kind is None else _one_of(_KINDS, kind, "kind"),
        department=cell("department"),
        **given,  # type: ignore[arg-type]
    )


def _fields_as_cell(fields: Sequence[CategoryField]) -> str:
    """JSON, without what is as usual; "" for none."""
    return msgspec.json.encode(fields).decode() if fields else ""


def _fields(cell: str) -> list[CategoryField]:
    try:
        said = msgspec.json.decode(cell, type=list[_FieldCell])
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise InvalidInput(
            f"The fields cannot be read ({error}); write them as an export has them, such as "
            '[{"code":"plate","title_zh":"车牌号","required":true}].',
            field="fields",
        ) from None
    return [read_field(**msgspec.structs.asdict(each)) for each in said]


class _FieldCell(msgspec.Struct, forbid_unknown_fields=True):
    code: str
    title_zh: str
    title_en: str | None = None
    kind: FieldKind = FieldKind.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()


def _aliases_as_cell(aliases: Sequence[str]) -> str:
    """With semicolons between them; one that has a semicolon itself is in quotes."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", lineterminator="").writerow(aliases)
    return out.getvalue()


def _aliases(cell: str) -> list[str]:
    [aliases] = csv.reader([re.sub(r"[；\r\n]", ";", cell)], delimiter=";", skipinitialspace=True)
    return aliases


def _as_cell(category: Category, name: str) -> str:
    [_, row] = table_rows([category])
    return row[list(_COLUMNS).index(name)]


def _columns(label: str, headings: Sequence[str]) -> Mapping[str, int]:
    names = {zh: name for name, zh in _COLUMNS.items()}
    columns: dict[str, int] = {}
    for at, heading in enumerate(headings):
        for word in heading.lower().split():
            name = names.get(word, word)
            if name in _COLUMNS and columns.setdefault(name, at) != at:
                raise UnreadableFile(f"{label} has two columns for {name}; leave one.")
    missing = [f"{_COLUMNS[name]} ({name})" for name in _NEEDED if name not in columns]
    if missing:
        raise UnreadableFile(
            f"The first row of {label} has no heading {', '.join(missing)}; 'wangge categories export' "
            "writes a table that has them all."
        )
    return columns


def _one_of(words: Mapping[Word, str], cell: str, name: str) -> Word:
    for word, zh in words.items():
        if cell.lower() in (word, zh):
            return word
    choice = ", ".join(f"{zh} or {word}" for word, zh in words.items())
    raise InvalidInput(f"{name} cannot be {cell[:30]!r}; write {choice}.", field=name)


def _yes(cell: str, name: str) -> bool:
    if cell.lower() not in _ANSWERS:
        raise InvalidInput(
            f"{name} cannot be {cell[:30]!r}; write 是 or 否, yes or no.", field=name
        )
    return _ANSWERS[cell.lower()]
