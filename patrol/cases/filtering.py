"""What somebody wants of all cases, and the same in SQL."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, or_, text

from data.schema import cases
from data.sql import load_sql
from gis.errors import InvalidInput
from patrol.cases.case import Source, State

_SQL = load_sql("patrol.cases", "cases.sql")

# Above whatever a number can go on with.
_LAST = "\U0010ffff"


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFilter:
    """Which cases are wanted; None leaves a question open.

    `grid_code` means the grid and everything under it. `box` is west, south, east, north in WGS-84
    degrees, its edge included. `since` and `until` are of the report, `until` itself excluded. `text`
    with a digit in it is the beginning of a number, the case's or its ticket's; without one, a part of
    the name of a category.
    """

    states: frozenset[State] | None = None
    category: str | None = None
    grid_code: str | None = None
    box: tuple[float, float, float, float] | None = None
    owner_staff_id: int | None = None
    is_open: bool | None = None
    external_number: str | None = None
    text: str | None = None
    source: Source | None = None
    since: datetime | None = None
    until: datetime | None = None
    is_overdue: bool | None = None
    is_urgent: bool | None = None
    is_supervised: bool | None = None
    department: str | None = None

    @property
    def number(self) -> str | None:
        """The beginning of one."""
        return self.text if any(each.isdigit() for each in self.text or "") else None

    @property
    def category_name(self) -> str | None:
        """A part of it."""
        return None if self.number is not None else self.text


def conditions_of(
    wanted: CaseFilter,
    grid_codes: Collection[str] | None,
    categories: Collection[str] | None,
    at: datetime,
) -> list[ColumnElement[bool]]:
    """`grid_codes` and `categories` are those that a case may be in and of; None is all. `at` is now,
    for what is overdue."""
    return [
        *_of_its_way(wanted),
        *_of_its_time(wanted, at),
        *_of_its_origin(wanted),
        *_of_its_matter(wanted, categories),
        *_of_its_place(wanted, grid_codes),
    ]


def grid_codes_of(conn: Connection, wanted: CaseFilter) -> frozenset[str] | None:
    """The grids that a case may be in; None is all, and outside of them.

    Raises InvalidInput for a grid that never was.
    """
    if wanted.grid_code is None:
        return None
    codes = conn.scalars(text(_SQL["grid_codes_below"]), {"code": wanted.grid_code}).all()
    if not codes:
        raise InvalidInput(f"There is no grid {wanted.grid_code!r} in any edition.", field="grid")
    return frozenset(codes)


def _of_its_way(wanted: CaseFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.states is not None:
        yield cases.c.state.in_(sorted(wanted.states))
    only_open = wanted.states is not None and all(state.is_open for state in wanted.states)
    if wanted.is_open or only_open:
        yield cases.c.open  # of these there is an index of the few
    elif wanted.is_open is not None:
        yield ~cases.c.open
    if wanted.owner_staff_id is not None:
        yield cases.c.owner_staff_id == wanted.owner_staff_id
    if wanted.is_supervised is not None:
        never = cases.c.supervised_at.is_(None)
        yield ~never if wanted.is_supervised else never


def _of_its_time(wanted: CaseFilter, at: datetime) -> Iterator[ColumnElement[bool]]:
    if wanted.since is not None:
        yield cases.c.reported_at >= wanted.since
    if wanted.until is not None:
        yield cases.c.reported_at < wanted.until
    if wanted.is_overdue is not None:
        late = _is_overdue(at)
        yield late if wanted.is_overdue else late.is_not(True)


def _of_its_origin(wanted: CaseFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.source is not None:
        yield cases.c.source == wanted.source
    if wanted.external_number is not None:
        yield cases.c.external_number == wanted.external_number
    if wanted.number is not None:
        yield _has_number(wanted.number)


def _of_its_matter(
    wanted: CaseFilter, categories: Collection[str] | None
) -> Iterator[ColumnElement[bool]]:
    if categories is not None:
        yield cases.c.category.in_(categories)
    if wanted.department is not None:
        yield cases.c.department == wanted.department
    if wanted.is_urgent is not None:
        yield cases.c.urgent if wanted.is_urgent else ~cases.c.urgent


def _of_its_place(
    wanted: CaseFilter, grid_codes: Collection[str] | None
) -> Iterator[ColumnElement[bool]]:
    if grid_codes is not None:
        yield cases.c.grid_code.in_(sorted(grid_codes))
    if wanted.box is not None:
        west, south, east, north = wanted.box
        yield cases.c.lon.between(west, east)
        yield cases.c.lat.between(south, north)


def _has_number(beginning: str) -> ColumnElement[bool]:
    """Of the case, or of its ticket. By comparing alone: under row-level security LIKE uses no index."""
    return or_(
        *(
            and_(column.op("~>=~")(first), column.op("~<~")(first + _LAST))
            for column, first in (
                (cases.c.number, beginning.upper()),
                (cases.c.external_number, beginning),
            )
        )
    )


def _is_overdue(at: datetime) -> ColumnElement[bool]:
    """`Case.is_overdue` in SQL; what was voided or merged before anybody handled it is not."""
    not_handled = and_(cases.c.open, cases.c.handled_at.is_(None), cases.c.due_at < at)
    late = cases.c.handled_at > cases.c.due_at
    return and_(cases.c.state != State.ON_HOLD, or_(late, not_handled))
