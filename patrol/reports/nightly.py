"""Reports by themselves: in the night after a period ended."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from data.background import WANGGE, Nightly
from data.background.routine import GoOn
from data.database import Database
from data.editions import GridIndexes
from patrol.reports.kind import ReportKind
from patrol.reports.service import ReportService

_log = structlog.get_logger(__name__)


class NightlyReports(Nightly):
    """`async with NightlyReports(…):` makes what is due until it is left. `database` is as the role that
    answers requests."""

    def __init__(
        self,
        database: Database,
        grid_indexes: GridIndexes,
        *,
        look_s: float = 600.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__("reports", self._make, look_s=look_s, now=now)
        self._service = ReportService(database, grid_indexes, now)

    def _make(self, _due: datetime, go_on: GoOn) -> None:
        for kind in ReportKind:
            made = self._service.make_last(kind, WANGGE, progress=go_on)
            if made:
                _log.info("made reports", kind=kind.value, count=made)
