"""What becomes of cases by itself, as time passes."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from data.background import Routine
from data.background.routine import GoOn
from data.database import Database
from data.editions import GridIndexes
from gis.errors import Conflict
from patrol.cases import store
from patrol.cases.actions import Action
from patrol.cases.case import SYSTEM
from patrol.cases.order import Order
from patrol.cases.service import CaseService

_log = structlog.get_logger(__name__)


class CaseOversight(Routine):
    """`async with CaseOversight(…):` resumes each case whose hold is over, until it is left.

    One that is late, for nobody was at work, resumes late, and loses nothing by it: what was left of its
    time when the hold began is left when it resumes. Of several workers one is first.
    """

    def __init__(
        self,
        database: Database,
        grid_indexes: GridIndexes,
        *,
        look_s: float = 30.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__("cases", self._look, retry_s=look_s)
        self._database = database
        self._cases = CaseService(database, grid_indexes, now)
        self._look_s = look_s
        self._now = now

    def _look(self, go_on: GoOn) -> float:
        with self._database.begin(SYSTEM.viewer) as conn:
            due = store.find_held_until(conn, self._now())
        for case_id in due:
            go_on()
            try:
                self._cases.act(case_id, Order(action=Action.RESUME), SYSTEM)
            except Conflict:
                _log.info("a hold was ended by somebody else", case=case_id)
        return self._look_s
