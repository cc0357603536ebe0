"""What becomes of cases by itself, as time passes."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from sqlalchemy import Connection

from data.background import Routine
from data.background.routine import GoOn
from data.database import Database
from data.editions import GridIndexes
from gis.errors import Conflict
from patrol.cases import store
from patrol.cases.actions import Action
from patrol.cases.case import SYSTEM, Case, State
from patrol.cases.order import Order
from patrol.cases.service import CaseService
from patrol.cases.terms import Terms

_RUNNING = (State.DISPATCHED, State.IN_PROGRESS)

_log = structlog.get_logger(__name__)


class CaseOversight(Routine):
    """`async with CaseOversight(…):` resumes each case whose hold is over, and works out again when a
    case is due by a legal calendar that has been announced since, until it is left.

    A hold that ends late, for nobody was at work, loses nothing by it: what was left of the time when it
    began is left when it ends. Of several workers one is first.
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
        self._terms = Terms()

    def _look(self, go_on: GoOn) -> float:
        with self._database.begin(SYSTEM.viewer) as conn:
            over = store.find_held_until(conn, self._now())
            announced = [
                case.id
                for case in store.find_provisional(conn)
                if case.state in _RUNNING and not self._is_provisional(conn, case)
            ]
        for action, ids in ((Action.RESUME, over), (Action.RECOMPUTE, announced)):
            for case_id in ids:
                go_on()
                try:
                    self._cases.act(case_id, Order(action=action), SYSTEM)
                except Conflict:
                    _log.info("somebody else was first", case=case_id, action=action)
        return self._look_s

    def _is_provisional(self, conn: Connection, case: Case) -> bool:
        return self._terms.anew(conn, case, store.read_events(conn, case)).is_provisional
