"""A report: what it says, and who made it when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gis.hot_spots import Trend
from patrol.figures.period import Period
from patrol.figures.places import Ranking
from patrol.figures.service import Panel
from patrol.figures.title import Title
from patrol.reports.kind import ReportKind


@dataclass(frozen=True, kw_only=True, slots=True)
class HotSpot:
    """An H3 cell with more cases than by chance, in the period or, where its `trend` is `diminishing`,
    in one before; `lon`, `lat` are its middle (EPSG:4326), `cases` those of the period, `z` is Gi* in
    standard deviations. It is hot from `since` without a break, or was until `until`. Of a report that
    knows nothing of the periods before there is no trend."""

    cell: str
    lon: float
    lat: float
    cases: int
    z: float
    trend: Trend | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OverdueCase:
    """One that stood open and was overdue at the end of the period."""

    id: int
    number: str
    category: str
    category_title: Title
    state: str
    grid_code: str | None
    grid_name: str | None
    owner_staff_id: int | None
    owner_name: str | None
    due_at: datetime
    overdue_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """What a report says. It is kept as JSON with everything that it needs to be read, the definitions
    of its figures too. `grid_name` is None for the whole installation. Trends of hot spots are over
    `spot_windows`, the last of which is the period; none where nothing was before."""

    grid_name: str | None
    panel: Panel
    rankings: Sequence[Ranking]
    hot_spots: Sequence[HotSpot]
    overdue: Sequence[OverdueCase]
    spot_windows: Sequence[Period] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What a report is of. `grid` is a code, with everything under it; None is the whole
    installation."""

    kind: ReportKind
    period: Period
    grid: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What is known of one without reading it. `version` counts from 1, and from 2 on there is a
    `reason`. `sha256` is of the stored content."""

    id: int
    about: About
    version: int
    made_at: datetime
    made_by_account_id: int | None
    made_by: str
    reason: str | None
    sha256: str
