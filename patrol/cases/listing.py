"""Cases as they are looked up: with the names of what they refer to, filtered, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    or_,
    select,
    text,
    true,
    tuple_,
)

from data.schema import cases, grids, staff
from data.sql import load_sql
from gis.errors import InvalidInput
from patrol.cases.case import Actor, Case, State
from patrol.cases.rows import CASE_COLUMNS, case_of

_SQL = load_sql("patrol.cases", "cases.sql")

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


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFilter:
    """Which cases are wanted; None leaves a question open.

    `grid_code` means the grid and everything under it. `box` is west, south, east, north in WGS-84
    degrees, its edge included.
    """

    states: frozenset[State] | None = None
    category: str | None = None
    grid_code: str | None = None
    box: tuple[float, float, float, float] | None = None
    owner_staff_id: int | None = None
    is_open: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Bookmark:
    """The last case of a page."""

    reported_at: datetime
    id: int


def read_entry(conn: Connection, case_id: int) -> CaseEntry | None:
    row = conn.execute(_ENTRIES.where(cases.c.id == case_id)).mappings().one_or_none()
    return None if row is None else _entry_of(row)


def list_entries(
    conn: Connection, wanted: CaseFilter, actor: Actor, *, after: Bookmark | None, count: int
) -> list[CaseEntry]:
    """What the actor may see of what is wanted, the newest report first.

    Raises InvalidInput for a grid that never was.
    """
    key = tuple_(cases.c.reported_at, cases.c.id)
    query = (
        _ENTRIES.where(_visible_to(actor), *_conditions(conn, wanted))
        .order_by(cases.c.reported_at.desc(), cases.c.id.desc())
        .limit(count)
    )
    if after is not None:
        query = query.where(key < tuple_(after.reported_at, after.id))
    return [_entry_of(row) for row in conn.execute(query).mappings()]


def _visible_to(actor: Actor) -> ColumnElement[bool]:
    """`Case.is_visible_to` in SQL."""
    codes = actor.scope.sql_codes()
    if codes is None:
        return true()
    reasons: list[ColumnElement[bool]] = [cases.c.grid_code.in_(codes)]
    # Comparing with None would be IS NULL: everything that nobody owns.
    if actor.staff_id is not None:
        reasons.append(cases.c.owner_staff_id == actor.staff_id)
    if actor.account_id is not None:
        reasons.append(cases.c.reported_by_account_id == actor.account_id)
    return or_(*reasons)


def _conditions(conn: Connection, wanted: CaseFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.states is not None:
        conditions.append(cases.c.state.in_(sorted(wanted.states)))
    only_open = wanted.states is not None and all(state.is_open for state in wanted.states)
    if wanted.is_open or only_open:
        conditions.append(cases.c.open)  # of these there is an index of the few
    elif wanted.is_open is not None:
        conditions.append(~cases.c.open)
    if wanted.category is not None:
        conditions.append(cases.c.category == wanted.category)
    if wanted.owner_staff_id is not None:
        conditions.append(cases.c.owner_staff_id == wanted.owner_staff_id)
    if wanted.grid_code is not None:
        conditions.append(cases.c.grid_code.in_(_codes_below(conn, wanted.grid_code)))
    if wanted.box is not None:
        west, south, east, north = wanted.box
        conditions += [cases.c.lon.between(west, east), cases.c.lat.between(south, north)]
    return conditions


def _codes_below(conn: Connection, code: str) -> Sequence[str]:
    codes = conn.scalars(text(_SQL["grid_codes_below"]), {"code": code}).all()
    if not codes:
        raise InvalidInput(f"There is no grid {code!r} in any edition.", field="grid")
    return codes


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
