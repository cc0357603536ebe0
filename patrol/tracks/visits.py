"""Visits as they are stored: which grids a unit was in, and who was in a grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, Select, select

from data.schema import grids, units, visits
from data.scope import Viewer
from gis.errors import NotFound
from patrol.tracking.units import Unit, is_seen_by, units_with_ids
from patrol.tracks.fixes import GridName, check_period

LONGEST = timedelta(days=31)
LONGEST_VISIT = timedelta(hours=31)
"""No visit is longer than a working day and its end."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Visit:
    """From the first to the last fix in the grid, of which there were so many. `grid` is of the edition
    that was in force then."""

    unit_id: int
    grid: GridName
    from_at: datetime
    to_at: datetime
    fixes: int


def visits_of_unit(conn: Connection, unit: Unit, since: datetime, until: datetime) -> list[Visit]:
    """The visits that lie at least partly in the period, in the order of time.

    Raises InvalidInput for a period that is empty or longer than LONGEST.
    """
    statement = _between(since, until).where(visits.c.unit_id == unit.id)
    return [_visit(row) for row in conn.execute(statement.order_by(visits.c.from_at))]


def visits_to_grid(
    conn: Connection, code: str, viewer: Viewer, since: datetime, until: datetime
) -> tuple[Sequence[Visit], dict[int, Unit]]:
    """The same of a grid, in whichever edition, by the units that `viewer` sees; and these by id.

    Raises NotFound too, for a code that no edition has.
    """
    ids = conn.scalars(select(grids.c.id).where(grids.c.code == code)).all()
    if not ids:
        raise NotFound(f"There is no grid {code}; GET /api/v1/grids lists them.", field="code")
    statement = (
        _between(since, until)
        .join(units, units.c.id == visits.c.unit_id)
        .where(visits.c.grid_id.in_(ids), is_seen_by(viewer))
        .order_by(visits.c.from_at, visits.c.unit_id)
    )
    found = [_visit(row) for row in conn.execute(statement)]
    by_id = {unit.id: unit for unit in units_with_ids(conn, {v.unit_id for v in found}, viewer)}
    return found, by_id


def _between(since: datetime, until: datetime) -> Select[tuple[object, ...]]:
    check_period(since, until, longest=LONGEST)
    v = visits.c
    return (
        select(v.unit_id, grids.c.code, grids.c.name, v.from_at, v.to_at, v.fixes)
        .select_from(visits.join(grids, grids.c.id == v.grid_id))
        .where(v.from_at >= since - LONGEST_VISIT, v.from_at < until, v.to_at >= since)
    )


def _visit(row: Row[tuple[object, ...]]) -> Visit:
    return Visit(
        unit_id=row.unit_id,
        grid=GridName(code=row.code, name=row.name),
        from_at=row.from_at,
        to_at=row.to_at,
        fixes=row.fixes,
    )
