"""Which cells were reached by patrols, how often and when last."""

from datetime import UTC, datetime

from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from gis.cells import cells_within
from gis.coverage import visits_between
from layers.cells.area import MOST_CELLS_OF_TRACKS, resolution_for
from layers.cells.density import vertices_in
from layers.cells.question import Question
from layers.cells.rows import CellRows

USUAL_RESOLUTION = 10


def cell_coverage(
    conn: Connection,
    question: Question,
    *,
    area: BaseGeometry,
    now: datetime,
    as_of: datetime,
) -> CellRows:
    """Every cell whose centre lies in the area, and the visits of the units that the transaction's
    viewer sees; nobody is named. The rule, `gis.coverage.visits_between`, is that of GET
    /coverage/cells."""
    since, until = question.period(now)
    resolution = resolution_for(
        area, question.resolution, usual=USUAL_RESOLUTION, most=MOST_CELLS_OF_TRACKS
    )
    cells = cells_within(area, resolution)
    fixes = vertices_in(conn, area, since, until)
    found = visits_between(
        fixes.t_s,
        fixes.lon,
        fixes.lat,
        line=fixes.line,
        who=fixes.unit_id,
        cells=cells,
        since_s=since.timestamp(),
        until_s=until.timestamp(),
        resolution=resolution,
    )
    visits = dict(zip(found.cell.tolist(), found.visits.tolist(), strict=True))
    last_at = {
        cell: datetime.fromtimestamp(round(last_s, 3), UTC)
        for cell, last_s in zip(found.cell.tolist(), found.last_s.tolist(), strict=True)
    }
    return CellRows.of(
        cells,
        {
            "reached": [cell in visits for cell in cells.tolist()],
            "visits": [visits.get(cell, 0) for cell in cells.tolist()],
            "last_at": [last_at.get(cell) for cell in cells.tolist()],
        },
        resolution=resolution,
        as_of=as_of,
    )
