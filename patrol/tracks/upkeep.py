"""The facts of tracks kept true by themselves."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import structlog

from data.background import Routine
from data.background.routine import GoOn
from data.database import Database
from data.editions import GridIndexes
from patrol.tracks.analysis import FactsInUse, analyse_changes
from patrol.tracks.grids import VisitedGrids

_log = structlog.get_logger(__name__)


class _Enough(Exception):
    """It is time for a rest."""


class FactsUpkeep(Routine):
    """`async with FactsUpkeep(…):` works out what changed until it is left.

    A mark is left alone for `settle`, for more fixes of the day follow. After a round of about `work_s`
    at most it rests `rest` times as long as it worked: however large the town, it takes only a part of
    one processor, and the facts are so much later. With nothing left to do it looks again after
    `look_s`. Several processes share the work.
    """

    def __init__(
        self,
        database: Database,
        grid_indexes: GridIndexes,
        *,
        settle: timedelta = timedelta(seconds=60),
        work_s: float = 2.0,
        rest: float = 3.0,
        look_s: float = 10.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__("facts of tracks", self._round, retry_s=look_s)
        self._database = database
        self._grids = VisitedGrids(grid_indexes)
        self._settle = settle
        self._work_s = work_s
        self._rest = rest
        self._look_s = look_s
        self._now = now

    def _round(self, go_on: GoOn) -> float:
        """Returns how long to rest after it."""
        began_s = time.monotonic()

        def go_on_unless_tired(_days: int) -> None:
            go_on()
            if time.monotonic() > began_s + self._work_s:
                raise _Enough

        look_s = self._look_s
        try:
            analyse_changes(
                self._database,
                self._grids,
                before=self._now() - self._settle,
                progress=go_on_unless_tired,
                failed=_put_off,
            )
        except _Enough:
            look_s = 0.0
        except FactsInUse:
            pass
        return max(look_s, self._rest * (time.monotonic() - began_s))


def _put_off(unit_id: int, day: date, error: Exception) -> None:
    _log.error("a day of a unit is put off", unit_id=unit_id, day=f"{day}", exc_info=error)
