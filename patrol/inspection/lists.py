"""The lists of an inspection: who may be sent out, what may be inspected, and who must not meet."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from data.schema import facilities, posts, staff
from gis.errors import InvalidInput
from gis.tree import GridTree
from patrol.duty.appointments import current
from patrol.duty.staff_roles import StaffRole


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """`grid_code` is the smallest grid around it, None outside all of them."""

    id: str
    name: str
    grid_code: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspector:
    """`id` is the number on the staff; `grid_codes` are the grids of their posts."""

    id: str
    name: str
    grid_codes: frozenset[str]


def facilities_in(
    conn: Connection,
    kinds: Collection[str],
    tree: GridTree | None,
    within: frozenset[str] | None = None,
) -> list[Target]:
    """The facilities of these kinds in the grids `within`, None for all. Raises InvalidInput for a kind
    of which there is none anywhere."""
    rows = conn.execute(
        select(
            facilities.c.code,
            facilities.c.name,
            facilities.c.kind,
            func.ST_X(facilities.c.geom).label("lon"),
            func.ST_Y(facilities.c.geom).label("lat"),
        ).where(facilities.c.kind.in_(kinds))
    ).all()
    missing = sorted({*kinds} - {row.kind for row in rows})
    if missing:
        raise InvalidInput(
            f"There are no facilities of the kind {missing[0]!r}; name the targets instead.",
            field="facility_kinds",
        )
    codes: list[str | None] = [None] * len(rows)
    if tree is not None:
        places = tree.place_many([row.lon for row in rows], [row.lat for row in rows]).tolist()
        codes = [None if place < 0 else tree.grids[place].code for place in places]
    return [
        Target(id=row.code, name=row.name, grid_code=code)
        for row, code in zip(rows, codes, strict=True)
        if within is None or code in within
    ]


def inspectors_in(
    conn: Connection,
    roles: Collection[StaffRole],
    at: datetime,
    within: frozenset[str] | None = None,
) -> list[Inspector]:
    """The staff who hold a post of one of these roles at `at`, in the grids `within` (None for all) or
    for the whole town."""
    rows = conn.execute(
        select(staff.c.id, staff.c.name, posts.c.grid_code)
        .join(posts, posts.c.staff_id == staff.c.id)
        .where(posts.c.role.in_([role.value for role in roles]))
        .where(posts.c.valid_from <= at, current(at))
        .order_by(staff.c.id)
    )
    names: dict[int, str] = {}
    grids: defaultdict[int, set[str]] = defaultdict(set)
    for row in rows:
        if row.grid_code is None or within is None or row.grid_code in within:
            names[row.id] = row.name
        if row.grid_code is not None:
            grids[row.id].add(row.grid_code)
    return [
        Inspector(id=str(staff_id), name=name, grid_codes=frozenset(grids[staff_id]))
        for staff_id, name in names.items()
    ]


def at_home(
    inspectors: Sequence[Inspector], targets: Sequence[Target], tree: GridTree | None
) -> Iterator[tuple[str, str]]:
    """Who would inspect what lies in a grid that they answer for: (inspector, target)."""
    if tree is None:
        return
    at_work = defaultdict(set)
    for inspector in inspectors:
        for code in inspector.grid_codes:
            at_work[code].add(inspector.id)
    for target in targets:
        chain = () if target.grid_code is None else tree.chain(target.grid_code)
        for inspector_id in {one for grid in chain for one in at_work.get(grid.code, ())}:
            yield (inspector_id, target.id)
