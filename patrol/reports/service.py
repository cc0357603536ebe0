"""What can be done with reports. A method is one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

from data.audit import Who, record
from data.database import Database
from data.editions import GridIndexes
from data.scope import Viewer
from data.sql import load_sql
from gis.errors import Conflict, InvalidInput, NotFound, NotPermitted
from gis.local_time import LOCAL
from patrol.reports import store
from patrol.reports.kind import ReportKind
from patrol.reports.making import content_of
from patrol.reports.report import About, Content, Report

_SQL = load_sql("patrol.reports", "reports.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class WholeReport:
    """`intact`: the content is byte for byte what its checksum was made of."""

    report: Report
    content: Content
    intact: bool


class ReportService:
    """`clock` gives the time with a zone."""

    def __init__(
        self, database: Database, grid_indexes: GridIndexes, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._grid_indexes = grid_indexes
        self._clock = clock

    def make(
        self,
        kind: ReportKind,
        day: date,
        grid: str | None,
        who: Who,
        viewer: Viewer,
        *,
        reason: str | None = None,
    ) -> Report:
        """The report of the period that the day lies in, for a grid and everything under it, or for
        the whole installation: the same whoever asks.

        Raises InvalidInput for a period that is not over, Conflict where there is one and no `reason`
        for another, NotFound for a grid that is not in force, and NotPermitted for one that is not the
        viewer's.
        """
        if not viewer.scope.is_everything and (grid is None or not viewer.scope.covers(grid)):
            raise NotPermitted("A report is of one of your grids; name it in `grid`.", field="grid")
        period = kind.period_of(day)
        if self._clock() < period.until:
            over_at = period.until.astimezone(LOCAL)
            raise InvalidInput(
                f"This {kind} is not over before {over_at:%Y-%m-%d %H:%M} (China); a report is of what "
                "is.",
                field="date",
            )
        with self._database.begin(Viewer.everything()) as conn:
            about = About(kind=kind, period=period, grid=grid)
            return self._make(conn, about, who, reason)

    def make_last(
        self, kind: ReportKind, who: Who, *, progress: Callable[[], None] = lambda: None
    ) -> int:
        """Those of the last period that is over: of the whole installation and of each grid of level
        1, where there are none yet. Each is a transaction of its own; `progress` is called before it
        and may raise to end it all. Returns how many were made; none where no case is that old."""
        period = kind.last_over(self._clock())
        with self._database.begin(Viewer.everything()) as conn:
            if not conn.scalar(text(_SQL["any_case_before"]), {"until": period.until}):
                return 0
            index = self._grid_indexes.active(conn)
        grids = [] if index is None else [each for each in index.tree.grids if each.level == 1]
        made = 0
        for grid in (None, *(each.code for each in grids)):
            progress()
            with self._database.begin(Viewer.everything()) as conn:
                about = About(kind=kind, period=period, grid=grid)
                if store.last_version(conn, about) == 0:
                    self._make(conn, about, who, None)
                    made += 1
        return made

    def list(
        self, viewer: Viewer, *, kind: ReportKind | None = None, grid: str | None = None
    ) -> Sequence[Report]:
        """The newest period first."""
        with self._database.begin(viewer) as conn:
            return store.list_reports(conn, kind=kind, grid=grid)

    def read(self, report_id: int, viewer: Viewer) -> WholeReport:
        """Raises NotFound, also for one that is not the viewer's."""
        with self._database.begin(viewer) as conn:
            return read_within(conn, report_id)

    def _make(self, conn: Connection, about: About, who: Who, reason: str | None) -> Report:
        store.lock_reports(conn)
        version = store.last_version(conn, about) + 1
        if version > 1 and not reason:
            raise Conflict(
                "There is a report of it, which stays as it is; say in `reason` why there is to be "
                "another version beside it.",
                field="reason",
                code="report_exists",
            )
        index = self._grid_indexes.active(conn)
        tree = None if index is None else index.tree
        now = self._clock()
        made = store.add_report(
            conn,
            about,
            version=version,
            made_at=now,
            made_by=who.name,
            made_by_account_id=who.account_id,
            reason=reason if version > 1 else None,
            content=content_of(conn, about, tree, now),
        )
        details = {
            "kind": about.kind.value,
            "from": about.period.since.isoformat(),
            "grid": about.grid,
            "version": version,
            "sha256": made.sha256,
        }
        record(conn, who, "report.make", f"report {made.id}", reason=made.reason, details=details)
        return made


def read_within(conn: Connection, report_id: int) -> WholeReport:
    """In a transaction of the viewer's. Raises NotFound."""
    found = store.read_report(conn, report_id)
    if found is None:
        raise NotFound(f"There is no report {report_id} of your grids; GET /reports lists them.")
    report, kept = found
    return WholeReport(
        report=report, content=store.decode(kept), intact=store.is_intact(report, kept)
    )
