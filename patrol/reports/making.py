"""Working out what a report says."""

from datetime import datetime

from sqlalchemy import Connection, text

from data.scope import Viewer
from data.sql import load_sql
from gis.errors import NotFound
from gis.tree import GridTree
from patrol.figures.counting import Subject
from patrol.figures.period import Period
from patrol.figures.places import category_titles, ranking_of
from patrol.figures.ranking import Of
from patrol.figures.service import Asked, panel_of, subject_of
from patrol.figures.title import Title
from patrol.reports.report import About, Content, OverdueCase
from patrol.reports.spots import hot_spots

_SQL = load_sql("patrol.reports", "reports.sql")
_MOST_LISTED = 20


def content_of(conn: Connection, about: About, tree: GridTree | None, now: datetime) -> Content:
    """Of a period that is over, in a transaction of whoever sees everything. Raises NotFound for a grid
    that is not in force."""
    period, grid = about.period, about.grid
    if grid is not None and (tree is None or grid not in tree):
        raise NotFound(f"There is no grid {grid} in force; GET /grids lists them.", field="grid")
    subject = subject_of(conn, Asked(grid=grid), Viewer.everything())
    spots, windows = hot_spots(conn, period, grid, subject, tree)
    return Content(
        grid_name=tree[grid].name if grid is not None and tree is not None else None,
        panel=panel_of(conn, period, period, subject, now),
        rankings=[ranking_of(conn, of, period, subject, now, tree=tree) for of in Of],
        hot_spots=spots,
        overdue=_overdue(conn, period, subject),
        spot_windows=windows,
    )


def _overdue(conn: Connection, period: Period, subject: Subject) -> list[OverdueCase]:
    codes = None if subject.codes is None else sorted(subject.codes)
    asked = {"until": period.until, "codes": codes, "count": _MOST_LISTED}
    rows = conn.execute(text(_SQL["overdue"]), asked).mappings()
    titles = category_titles(conn)
    return [
        OverdueCase(**row, category_title=titles.get(code) or Title.of_name(code))
        for row in rows
        for code in [row["category"]]
    ]
