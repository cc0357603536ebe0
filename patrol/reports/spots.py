"""Where there were more cases than by chance, and how that went on over periods."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

import numpy as np
import shapely
from sqlalchemy import Connection, text

from data.sql import load_sql
from gis.cells import cell_centre, cell_name, cells_meeting, finest_resolution, lonlat_to_cells
from gis.hot_spots import Course, find_courses, find_hot_spots
from gis.tree import GridTree
from patrol.figures.counting import Subject
from patrol.figures.period import Period
from patrol.reports.report import HotSpot

_SQL = load_sql("patrol.reports", "reports.sql")
WINDOWS = 4
"""The period, and as many before as make four: four weeks, or a year of quarters."""
_RESOLUTION = 9  # 350 m across
_MOST_CELLS = 5_000
_MOST_LISTED = 20


def hot_spots(
    conn: Connection, period: Period, grid: str | None, subject: Subject, tree: GridTree | None
) -> tuple[Sequence[HotSpot], Sequence[Period]]:
    """The hottest cells first, and after them those that were hot before; with the windows that trends
    are over. Windows from before the first case are none: everything would be new."""
    if tree is None:
        return [], []
    areas = tree.roots if grid is None else (tree[grid],)
    area = shapely.union_all([each.geometry for each in areas])
    resolution = min(_RESOLUTION, finest_resolution(area, _MOST_CELLS))
    cells = cells_meeting(area, resolution)
    edges = _edges(period)
    asked = {
        "edges": edges,
        "since": edges[0],
        "until": edges[-1],
        "codes": None if subject.codes is None else sorted(subject.codes),
    }
    rows = conn.execute(text(_SQL["cases_reported"]), asked).all()
    if not rows:
        return [], []
    found = lonlat_to_cells([row.lon for row in rows], [row.lat for row in rows], resolution)
    known = np.isin(found, cells)
    place = np.searchsorted(cells, found[known])
    window = np.array([row.part - 1 for row in rows])[known]
    first = min(row.part - 1 for row in rows)
    windows = [Period(since=since, until=until) for since, until in pairwise(edges[first:])]
    last = len(windows) - 1
    counts = np.bincount(place[window - first == last], minlength=len(cells))
    spots = find_hot_spots(cells, counts)
    is_hot = spots.hot()
    courses = (
        find_courses(cells, place, window - first, len(windows)) if last else [None] * len(cells)
    )

    def hottest(places: Iterable[int]) -> list[int]:
        ordered = sorted(places, key=lambda each: (-spots.z[each], int(cells[each])))
        return ordered[:_MOST_LISTED]

    cooled = [each for each, course in enumerate(courses) if course and not is_hot[each]]
    listed = [*hottest(np.flatnonzero(is_hot).tolist()), *hottest(cooled)]
    return [
        _spot(int(cells[each]), int(counts[each]), float(spots.z[each]), courses[each], windows)
        for each in listed
    ], windows if last else []


def _spot(
    cell: int, cases: int, z: float, course: Course | None, windows: Sequence[Period]
) -> HotSpot:
    lon, lat = cell_centre(cell)
    found = HotSpot(
        cell=cell_name(cell), lon=round(lon, 6), lat=round(lat, 6), cases=cases, z=round(z, 2)
    )
    if course is None:
        return found
    return replace(
        found,
        trend=course.trend,
        since=windows[course.since].since,
        until=windows[course.until].since if course.until < len(windows) else None,
    )


def _edges(period: Period) -> list[datetime]:
    edges = [period.until, period.since]
    while len(edges) <= WINDOWS:
        period = period.before()
        edges.append(period.since)
    return edges[::-1]
