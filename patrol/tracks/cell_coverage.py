"""Which cells of a grid were reached in a period, and which were left out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Connection

from data.scope import Viewer
from data.tracks.segments import read_vertices
from gis.cells import Cells, cells_within, finest_resolution
from gis.coverage import CellVisits, visits_between
from gis.errors import InvalidInput
from gis.grid import Grid
from patrol.tracking.units import units_with_ids
from patrol.tracks.fixes import check_period
from patrol.tracks.marks import oldest_mark

LONGEST = timedelta(days=31)
MOST_CELLS = 5_000
_MOST_SEGMENTS = 20_000


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CellCoverage:
    """`cells` are all whose centres lie in the grid, `visits` those of them that were reached. Fixes
    that arrived after `as_of` may not be in it yet; None is all are."""

    cells: Cells
    visits: CellVisits
    as_of: datetime | None


def cover_cells(
    conn: Connection,
    viewer: Viewer,
    grid: Grid,
    since: datetime,
    until: datetime,
    *,
    resolution: int,
) -> CellCoverage:
    """By the units that `viewer` sees, wherever they are at home.

    Raises InvalidInput for a period that is empty or longer than LONGEST, a resolution that gives more
    than MOST_CELLS, and for so much that happened there that it would take long.
    """
    check_period(since, until, longest=LONGEST)
    cells = cells_of(grid, resolution)
    vertices = read_vertices(
        conn, grid.geometry.bounds, since, until, most=_MOST_SEGMENTS, field="to"
    )
    seen = [unit.id for unit in units_with_ids(conn, {*vertices.unit_id.tolist()}, viewer)]
    vertices = vertices.where(np.isin(vertices.unit_id, seen))
    visits = visits_between(
        vertices.t_s,
        vertices.lon,
        vertices.lat,
        line=vertices.line,
        who=vertices.unit_id,
        cells=cells,
        since_s=since.timestamp(),
        until_s=until.timestamp(),
        resolution=resolution,
    )
    return CellCoverage(
        cells=cells,
        visits=visits,
        as_of=oldest_mark(conn, viewer, since, until),
    )


def cells_of(grid: Grid, resolution: int) -> Cells:
    """The cells of a grid. Raises InvalidInput for more than MOST_CELLS."""
    fitting = finest_resolution(grid.geometry, MOST_CELLS)
    if resolution > fitting:
        raise InvalidInput(
            f"Grid {grid.code} has more than {MOST_CELLS:,} cells of resolution {resolution}; ask for "
            f"a resolution of {fitting} or less.",
            field="resolution",
            code="too_many_cells",
        )
    return cells_within(grid.geometry, resolution)
