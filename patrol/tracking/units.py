"""Units: who or what reports positions, and who may look at them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg import AsyncConnection
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Text,
    any_,
    false,
    literal,
    or_,
    select,
)

from data.schema import units
from data.scope import Viewer
from gis.errors import NotFound, NotPermitted

_LONGEST_CODE = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """`code` is the public identifier. `grid_code` is its home; None is the whole installation."""

    id: int
    code: str
    kind: str
    name: str
    role: str
    staff_id: int | None
    grid_code: str | None


def list_units(
    conn: Connection, viewer: Viewer, *, after: str | None = None, limit: int
) -> list[Unit]:
    """The units that `viewer` sees, by code, from the first one after `after`."""
    statement = select(*_COLUMNS).where(is_seen_by(viewer)).order_by(units.c.code).limit(limit)
    if after is not None:
        statement = statement.where(units.c.code > after)
    return [_unit(row) for row in conn.execute(statement)]


def find_unit(conn: Connection, code: str, viewer: Viewer) -> Unit:
    """Raises NotFound, and NotPermitted when `viewer` does not see it."""
    row = conn.execute(select(*_COLUMNS).where(units.c.code == code)).one_or_none()
    if row is None:
        raise NotFound(f"There is no unit {code!r}; GET /api/v1/units lists them.", field="unit")
    unit = _unit(row)
    if not viewer.sees(staff_id=unit.staff_id, grid_code=unit.grid_code):
        raise NotPermitted(f"The unit {code} belongs to a grid outside yours.", field="unit")
    return unit


def units_at_home_in(conn: Connection, grid_codes: Collection[str], viewer: Viewer) -> list[Unit]:
    """The units that `viewer` sees whose home is one of `grid_codes`, by code."""
    at_home = units.c.grid_code == any_(literal(sorted(grid_codes), ARRAY(Text)))
    statement = select(*_COLUMNS).where(at_home, is_seen_by(viewer)).order_by(units.c.code)
    return [_unit(row) for row in conn.execute(statement)]


def units_with_ids(conn: Connection, ids: Collection[int], viewer: Viewer) -> list[Unit]:
    """Those of the units (by `units.id`) that `viewer` sees, by code."""
    wanted = units.c.id == any_(literal(sorted(ids), ARRAY(BigInteger)))
    statement = select(*_COLUMNS).where(wanted, is_seen_by(viewer)).order_by(units.c.code)
    return [_unit(row) for row in conn.execute(statement)]


async def units_of_staff(
    conn: AsyncConnection, staff_ids: Collection[int]
) -> Mapping[int, frozenset[str]]:
    """The codes of what each of these people carries."""
    if not staff_ids:
        return {}
    found = await conn.execute(
        "SELECT staff_id, array_agg(code) FROM units WHERE staff_id = ANY(%s) GROUP BY staff_id",
        [list(staff_ids)],
    )
    carried = {staff_id: frozenset(codes) for staff_id, codes in await found.fetchall()}
    return {staff_id: carried.get(staff_id, frozenset()) for staff_id in staff_ids}


class UnitIds:
    """`units.id` by code, remembered. A code that is not known is asked for every time."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}

    async def look_up(self, conn: AsyncConnection, codes: Sequence[str]) -> NDArray[np.int64]:
        """The id of each code, 0 where there is no such unit."""
        known = self._ids
        missing = [code for code in {*codes} if code not in known and _is_possible(code)]
        if missing:
            found = await conn.execute("SELECT code, id FROM units WHERE code = ANY(%s)", [missing])
            known.update(await found.fetchall())
        return np.array([known.get(code, 0) for code in codes], np.int64)

    def forget(self) -> None:
        self._ids.clear()


def _is_possible(code: str) -> bool:
    """Whether PostgreSQL can be asked for it: no NUL, no half of a surrogate pair."""
    return len(code) <= _LONGEST_CODE and code.isprintable()


_COLUMNS = (
    units.c.id,
    units.c.code,
    units.c.kind,
    units.c.name,
    units.c.role,
    units.c.staff_id,
    units.c.grid_code,
)


def is_seen_by(viewer: Viewer) -> ColumnElement[bool]:
    """`Viewer.sees` as a condition."""
    own = false() if viewer.staff_id is None else units.c.staff_id == viewer.staff_id
    if viewer.only_self:
        return own
    return or_(own, viewer.scope.condition_on(units.c.grid_code))


def _unit(row: Row[*tuple[Any, ...]]) -> Unit:
    return Unit(**row._mapping)
