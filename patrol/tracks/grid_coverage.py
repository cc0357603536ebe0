"""When each grid was visited last, and how often in a period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, Connection, Text, any_, func, literal, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from data.schema import grids, units, visits
from data.scope import Viewer
from gis.grid import Grid
from patrol.tracking.units import is_seen_by
from patrol.tracks.fixes import check_period
from patrol.tracks.marks import oldest_mark
from patrol.tracks.visits import LONGEST, LONGEST_VISIT


@dataclass(frozen=True, kw_only=True, slots=True)
class LastVisit:
    """Of a unit of this `kind` and `role`, from its first fix to `to_at`, its last one by then."""

    unit: str
    kind: str
    role: str
    from_at: datetime
    to_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class GridCoverage:
    """`visits` lie at least partly in the period; `last` may be before it, and None is never."""

    grid: Grid
    visits: int
    last: LastVisit | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """Fixes of the period that arrived after `as_of` may not be in it yet; None is all are."""

    grids: tuple[GridCoverage, ...]
    as_of: datetime | None

    @property
    def reached(self) -> int:
        """How many were visited in the period."""
        return sum(each.visits > 0 for each in self.grids)


def cover_grids(
    conn: Connection, viewer: Viewer, wanted: Sequence[Grid], since: datetime, at: datetime
) -> Coverage:
    """Of grids of level 2, by the units that `viewer` sees, as it was at `at`; visits are counted from
    `since` on. A grid is known by its code, in whichever edition.

    Raises InvalidInput for a period that is empty or longer than LONGEST.
    """
    check_period(since, at, longest=LONGEST)
    codes = [grid.code for grid in wanted]
    last, counted = _last_visits(conn, viewer, codes, at), _counts(conn, viewer, codes, since, at)
    return Coverage(
        grids=tuple(
            GridCoverage(grid=grid, visits=counted.get(grid.code, 0), last=last.get(grid.code))
            for grid in wanted
        ),
        as_of=oldest_mark(conn, viewer, since, at),
    )


def _last_visits(
    conn: Connection, viewer: Viewer, codes: Sequence[str], at: datetime
) -> dict[str, LastVisit]:
    """Whoever came last need not have stayed longest: all count that begin no longer before the last
    beginning than a visit can last. One look into an index for a grid."""
    v = visits.c
    begun_last = (
        select(v.from_at)
        .select_from(visits.join(units, units.c.id == v.unit_id))
        .where(v.grid_id == grids.c.id, v.from_at <= at, is_seen_by(viewer))
        .order_by(v.from_at.desc())
        .limit(1)
        .lateral("begun_last")
    )
    seen_until = func.least(v.to_at, at)
    rows = conn.execute(
        select(
            grids.c.code.label("grid"),
            units.c.code.label("unit"),
            units.c.kind,
            units.c.role,
            v.from_at,
            seen_until.label("to_at"),
        )
        .select_from(
            grids.join(begun_last, true())
            .join(visits, v.grid_id == grids.c.id)
            .join(units, units.c.id == v.unit_id)
        )
        .where(
            grids.c.code == any_(literal([*codes], ARRAY(Text))),
            v.from_at >= begun_last.c.from_at - LONGEST_VISIT,
            v.from_at <= at,
            is_seen_by(viewer),
        )
        .ext(distinct_on(grids.c.code))
        .order_by(grids.c.code, seen_until.desc(), v.from_at.desc(), units.c.code)
    )
    return {
        row.grid: LastVisit(
            unit=row.unit, kind=row.kind, role=row.role, from_at=row.from_at, to_at=row.to_at
        )
        for row in rows
    }


def _counts(
    conn: Connection, viewer: Viewer, codes: Sequence[str], since: datetime, at: datetime
) -> dict[str, int]:
    v = visits.c
    rows = conn.execute(
        select(grids.c.code, func.count().label("visits"))
        .select_from(
            grids.join(visits, v.grid_id == grids.c.id).join(units, units.c.id == v.unit_id)
        )
        .where(
            grids.c.code == any_(literal([*codes], ARRAY(Text))),
            v.from_at >= since - LONGEST_VISIT,
            v.from_at < at,
            v.to_at >= since,
            is_seen_by(viewer),
        )
        .group_by(grids.c.code)
    )
    return {row.code: row.visits for row in rows}
