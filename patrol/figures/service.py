"""The panel: every figure of a period, what it was before, and how it went."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from data.database import Database
from data.editions import GridIndexes
from data.scope import Viewer
from data.sql import load_sql
from gis.errors import InvalidInput, NotPermitted
from patrol.categories.store import read_categories
from patrol.duty.departments import require_known
from patrol.figures.choices import check_weights, read_thresholds
from patrol.figures.counting import Counted, Subject, count_together
from patrol.figures.definitions import FIGURES, Cohort, Figure
from patrol.figures.figure import (
    Comparison,
    Item,
    Threshold,
    TrendPoint,
    value_of,
)
from patrol.figures.period import Period
from patrol.figures.places import GRID_LEVEL, Ranking, ranking_of
from patrol.figures.ranking import Of

_CASES_SQL = load_sql("patrol.cases", "cases.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """`grid` and everything under it; None leaves a question open."""

    grid: str | None = None
    source: str | None = None
    category: str | None = None
    department: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """`period` is as it was asked for, and the figures are of it as far as it was over at `as_of`."""

    period: Period
    as_of: datetime
    items: Sequence[Item]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Counts:
    now: Counted
    previous: Counted
    last_year: Counted


class FigureService:
    """`clock` gives the time with a zone."""

    def __init__(
        self, database: Database, grid_indexes: GridIndexes, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._grid_indexes = grid_indexes
        self._clock = clock

    def panel(self, period: Period, asked: Asked, viewer: Viewer) -> Panel:
        """Raises InvalidInput for a period that has not begun and a grid, category or department that
        never was, NotPermitted for a grid that is not the viewer's."""
        now = self._clock()
        over = period.by(now)
        with self._database.begin(viewer) as conn:
            subject = subject_of(conn, asked, viewer)
            return panel_of(conn, period, over, subject, now)

    def ranking(
        self,
        of: Of,
        period: Period,
        asked: Asked,
        viewer: Viewer,
        *,
        level: int = GRID_LEVEL,
        weights: Mapping[str, float] | None = None,
    ) -> Ranking:
        """`level` is that of the grids that are ranked, and `weights` are as if they were chosen. Raises
        what `panel` raises, and InvalidInput for weights that cannot be."""
        if weights is not None:
            check_weights(weights)
        now = self._clock()
        over = period.by(now)
        with self._database.begin(viewer) as conn:
            subject = subject_of(conn, asked, viewer)
            index = self._grid_indexes.active(conn)
            tree = None if index is None else index.tree
            return ranking_of(conn, of, over, subject, now, tree=tree, level=level, weights=weights)


def panel_of(
    conn: Connection, period: Period, over: Period, subject: Subject, now: datetime
) -> Panel:
    """Of the period as far as it is `over`, in a transaction of the viewer's."""
    edges = over.parts()
    earlier = [over.compared(period, each) for each in (period.before(), period.year_before())]
    now_counts, previous, last_year = count_together(
        conn, [edges, *((each.since, each.until) for each in earlier)], subject, now
    )
    counts = _Counts(now=now_counts, previous=previous, last_year=last_year)
    thresholds = read_thresholds(conn)
    return Panel(
        period=period,
        as_of=over.until,
        items=[
            _item(figure, counts, edges, thresholds.get(figure.code))
            for figure in FIGURES.values()
            if not subject.is_of_cases or figure.cohort not in (Cohort.DUTY, Cohort.ROUNDS)
        ],
    )


def subject_of(conn: Connection, asked: Asked, viewer: Viewer) -> Subject:
    """Whose figures they are: of the grids that were asked for, of all grids that are the viewer's, or,
    where none is, of the cases that are. Raises NotPermitted, and InvalidInput for a grid, category or
    department that never was; retired ones have their cases."""
    codes = viewer.scope.codes or None
    if asked.grid is not None:
        if not viewer.scope.covers(asked.grid):
            raise NotPermitted(f"Grid {asked.grid} is not one of yours.", field="grid")
        below = frozenset(conn.scalars(text(_CASES_SQL["grid_codes_below"]), {"code": asked.grid}))
        if not below:
            raise InvalidInput(f"There is no grid {asked.grid!r} in any edition.", field="grid")
        codes = below if codes is None else below & codes
    if asked.category is not None:
        read_categories(conn).of(asked.category)
    if asked.department is not None:
        require_known(conn, asked.department)
    return Subject(
        codes=codes,
        staff_id=(viewer.staff_id or 0) if viewer.only_self else None,
        source=asked.source,
        category=asked.category,
        department=asked.department,
    )


def _item(
    figure: Figure,
    counts: _Counts,
    edges: Sequence[datetime],
    threshold: Threshold | None,
) -> Item:
    now = value_of(figure, counts.now.whole)
    trend = [
        TrendPoint(since=since, until=until, value=value_of(figure, part).value)
        for since, until, part in zip(edges, edges[1:], counts.now.parts, strict=False)
    ]
    return Item(
        figure=figure,
        now=now,
        previous=Comparison.of(now, value_of(figure, counts.previous.whole)),
        last_year=Comparison.of(now, value_of(figure, counts.last_year.whole)),
        threshold=threshold,
        trend=trend,
    )
