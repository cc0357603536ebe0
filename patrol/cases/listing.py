"""Cases as they are looked up: with the names of what they refer to, filtered, page by page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    or_,
    select,
    text,
    true,
    tuple_,
)

from data.schema import cases, grids, staff
from gis.errors import NotFound
from patrol.cases.case import SYSTEM, Actor, Case
from patrol.cases.filtering import CaseFilter, conditions_of, grid_codes_of
from patrol.cases.rows import CASE_COLUMNS, case_of

# A plan that is good for any box and any grid is a bad one for most: it walks through all cases.
_PLAN_FOR_THE_VALUES = text("SET LOCAL plan_cache_mode = force_custom_plan")

_grid, _parent = grids.alias("grid"), grids.alias("parent")
_ENTRIES = select(
    *CASE_COLUMNS,
    _grid.c.name.label("grid_name"),
    _grid.c.level.label("grid_level"),
    _parent.c.code.label("parent_code"),
    _parent.c.name.label("parent_name"),
    _parent.c.level.label("parent_level"),
    staff.c.name.label("owner_name"),
).select_from(
    cases.outerjoin(
        _grid, and_(_grid.c.edition_id == cases.c.edition_id, _grid.c.code == cases.c.grid_code)
    )
    .outerjoin(
        _parent,
        and_(_parent.c.edition_id == cases.c.edition_id, _parent.c.code == _grid.c.parent_code),
    )
    .outerjoin(staff, staff.c.id == cases.c.owner_staff_id)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedGrid:
    """A grid as the case's own edition names it."""

    code: str
    name: str
    level: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseEntry:
    """A case with the names of what it refers to."""

    case: Case
    grid: NamedGrid | None
    parent: NamedGrid | None
    owner_name: str | None


class Sorting(StrEnum):
    """What stands first: the newest report, or the nearest deadline, what has none last."""

    NEWEST = "newest"
    DUE = "due"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bookmark:
    """The last case of a page: when it was reported or, by deadline, is due (None: never)."""

    at: datetime | None
    id: int

    @classmethod
    def of(cls, case: Case, sorting: Sorting) -> "Bookmark":
        return cls(at=case.due_at if sorting is Sorting.DUE else case.reported_at, id=case.id)


def read_entry(conn: Connection, case_id: int) -> CaseEntry | None:
    row = conn.execute(_ENTRIES.where(cases.c.id == case_id)).mappings().one_or_none()
    return None if row is None else _entry_of(row)


def read_entries(conn: Connection, case_ids: Collection[int]) -> list[CaseEntry]:
    """Those that there are, by id."""
    rows = conn.execute(_ENTRIES.where(cases.c.id.in_(case_ids)).order_by(cases.c.id)).mappings()
    return [_entry_of(row) for row in rows]


def require_entry(conn: Connection, case_id: int, actor: Actor = SYSTEM) -> CaseEntry:
    """Raises NotFound when the actor may not see it either: its number is nobody's business."""
    entry = read_entry(conn, case_id)
    if entry is None or not entry.case.is_visible_to(actor):
        raise no_such_case(case_id)
    return entry


def no_such_case(case_id: int) -> NotFound:
    return NotFound(f"There is no case {case_id} in your grids.", field="id")


def list_entries(
    conn: Connection,
    wanted: CaseFilter,
    actor: Actor,
    *,
    at: datetime,
    categories: Collection[str] | None = None,
    sorting: Sorting = Sorting.NEWEST,
    after: Bookmark | None,
    count: int,
) -> list[CaseEntry]:
    """What the actor may see of what is wanted. `categories` are those that it may be of; None is all.
    `at` is now, for what is overdue.

    Raises InvalidInput for a grid that never was.
    """
    grid_codes = grid_codes_of(conn, wanted)
    conditions = conditions_of(wanted, grid_codes, categories, at)
    query = _ENTRIES.where(_visible_to(actor, grid_codes), *conditions)
    conn.execute(_PLAN_FOR_THE_VALUES)
    if sorting is Sorting.DUE:
        return _by_due(conn, query, after, count)
    query = query.order_by(cases.c.reported_at.desc(), cases.c.id.desc())
    if after is not None:
        key = tuple_(cases.c.reported_at, cases.c.id)
        query = query.where(key < tuple_(after.at, after.id))
    return _read(conn, query.limit(count))


def _by_due(
    conn: Connection, query: Select[Any], after: Bookmark | None, count: int
) -> list[CaseEntry]:
    """NULL comes last. No row is above it, so what is never due is read by itself."""
    if after is None:
        return _read(conn, query.order_by(cases.c.due_at, cases.c.id).limit(count))
    found, last_id = [], after.id
    if after.at is not None:
        key, last_id = tuple_(cases.c.due_at, cases.c.id), 0
        rest = query.where(key > tuple_(after.at, after.id))
        found = _read(conn, rest.order_by(cases.c.due_at, cases.c.id).limit(count))
    if len(found) < count:
        never = query.where(cases.c.due_at.is_(None), cases.c.id > last_id)
        found += _read(conn, never.order_by(cases.c.id).limit(count - len(found)))
    return found


def _read(conn: Connection, query: Select[Any]) -> list[CaseEntry]:
    return [_entry_of(row) for row in conn.execute(query).mappings()]


def _visible_to(actor: Actor, grid_codes: Collection[str] | None) -> ColumnElement[bool]:
    """`Case.is_visible_to` in SQL, of cases in these grids; None is everywhere. Nothing is asked where
    the actor sees all of them: what is asked twice, PostgreSQL takes for twice as rare."""
    codes = actor.scope.sql_codes()
    if codes is None or (grid_codes is not None and all(map(actor.scope.covers, grid_codes))):
        return true()
    reasons: list[ColumnElement[bool]] = [cases.c.grid_code.in_(codes)]
    # Comparing with None would be IS NULL: everything that nobody owns.
    if actor.staff_id is not None:
        reasons.append(cases.c.owner_staff_id == actor.staff_id)
    if actor.account_id is not None:
        reasons.append(cases.c.reported_by_account_id == actor.account_id)
    return or_(*reasons)


def _entry_of(row: RowMapping) -> CaseEntry:
    return CaseEntry(
        case=case_of(row),
        grid=_named_grid(row["grid_code"], row["grid_name"], row["grid_level"]),
        parent=_named_grid(row["parent_code"], row["parent_name"], row["parent_level"]),
        owner_name=row["owner_name"],
    )


def _named_grid(code: str | None, name: str | None, level: int | None) -> NamedGrid | None:
    if code is None or name is None or level is None:
        return None
    return NamedGrid(code=code, name=name, level=level)
