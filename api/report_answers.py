"""What is answered about reports."""

from datetime import datetime

from pydantic import BaseModel

from api.answers import GridName
from api.figure_answers import FigureAnswer, PeriodAnswer, RankingAnswer, TitleAnswer
from api.names import Names
from gis.hot_spots import Trend
from patrol.figures.ranking import Of
from patrol.reports.kind import ReportKind
from patrol.reports.report import Content, HotSpot, OverdueCase, Report
from patrol.reports.service import WholeReport


class ReportAnswer(BaseModel):
    """`grid` is a code, and everything under it; null is the whole installation. From `version` 2 on
    there is a `reason`. `made_by` is null for what nobody asked for. `sha256` is of the content as it
    is stored, and on the audit."""

    id: int
    kind: ReportKind
    period: PeriodAnswer
    grid: str | None
    version: int
    made_at: datetime
    made_by: str | None
    reason: str | None
    sha256: str

    @classmethod
    def of(cls, report: Report, names: Names) -> "ReportAnswer":
        by, account_id = report.made_by, report.made_by_account_id
        return cls(
            id=report.id,
            kind=report.about.kind,
            period=PeriodAnswer.of(report.about.period),
            grid=report.about.grid,
            version=report.version,
            made_at=report.made_at,
            made_by=None if account_id is None else names.of_actor(by, account_id),
            reason=report.reason,
            sha256=report.sha256,
        )


class ReportList(BaseModel):
    items: list[ReportAnswer]


class HotSpotAnswer(BaseModel):
    """An H3 cell and its middle; `z` is Gi* in standard deviations. `trend` is over `spot_windows`: the
    cell is hot from `since` without a break, or was until `until`."""

    cell: str
    lon: float
    lat: float
    cases: int
    z: float
    trend: Trend | None
    since: datetime | None
    until: datetime | None

    @classmethod
    def of(cls, spot: HotSpot) -> "HotSpotAnswer":
        return cls(
            cell=spot.cell,
            lon=spot.lon,
            lat=spot.lat,
            cases=spot.cases,
            z=spot.z,
            trend=spot.trend,
            since=spot.since,
            until=spot.until,
        )


class OverdueAnswer(BaseModel):
    """As it stood at the end of the period."""

    id: int
    number: str
    category: str
    category_title: TitleAnswer
    state: str
    grid: GridName | None
    owner: str | None
    due_at: datetime
    overdue_s: float

    @classmethod
    def of(cls, case: OverdueCase, names: Names) -> "OverdueAnswer":
        grid = None
        if case.grid_code is not None:
            grid = GridName(code=case.grid_code, name=case.grid_name or case.grid_code)
        owner = None
        if case.owner_staff_id is not None:
            owner = names.of_staff(case.owner_name or "", case.owner_staff_id)
        return cls(
            id=case.id,
            number=case.number,
            category=case.category,
            category_title=TitleAnswer(zh=case.category_title.zh, en=case.category_title.en),
            state=case.state,
            grid=grid,
            owner=owner,
            due_at=case.due_at,
            overdue_s=case.overdue_s,
        )


class ReportContent(BaseModel):
    """The ranking of staff is for whoever may read who holds which post."""

    grid_name: str | None
    figures: list[FigureAnswer]
    rankings: list[RankingAnswer]
    hot_spots: list[HotSpotAnswer]
    spot_windows: list[PeriodAnswer]
    overdue: list[OverdueAnswer]

    @classmethod
    def of(cls, content: Content, names: Names, *, with_staff: bool) -> "ReportContent":
        return cls(
            grid_name=content.grid_name,
            figures=[FigureAnswer.of_item(item) for item in content.panel.items],
            rankings=[
                RankingAnswer.of_places(each, content.panel.period, names)
                for each in content.rankings
                if with_staff or each.of is not Of.STAFF
            ],
            hot_spots=[HotSpotAnswer.of(spot) for spot in content.hot_spots],
            spot_windows=[PeriodAnswer.of(each) for each in content.spot_windows],
            overdue=[OverdueAnswer.of(case, names) for case in content.overdue],
        )


class WholeReportAnswer(ReportAnswer):
    """`intact`: the content is byte for byte what `sha256` was made of."""

    intact: bool
    content: ReportContent

    @classmethod
    def whole(cls, found: WholeReport, names: Names, *, with_staff: bool) -> "WholeReportAnswer":
        return cls(
            **dict(ReportAnswer.of(found.report, names)),
            intact=found.intact,
            content=ReportContent.of(found.content, names, with_staff=with_staff),
        )
