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
from patrol.cases.case import RUNNING, SYSTEM, Case
from patrol.cases.order import Order
from patrol.cases.service import CaseService
from patrol.cases.terms import SUPERVISION, Terms
from patrol.clocks.store import WorkCalendars

_OVERDUE = f"超期 {SUPERVISION.amount} 个工作日未办结"

_log = structlog.get_logger(__name__)


class CaseOversight(Routine):
    """`async with CaseOversight(…):` resumes each case whose hold is over, works out again when a case
    is due by a legal calendar that has been announced since, reminds of what is due soon and tells of
    what is overdue, and puts under supervision what has been overdue for long, until it is left.

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
        calendars = WorkCalendars()
        self._cases = CaseService(database, grid_indexes, now, calendars=calendars)
        self._look_s = look_s
        self._now = now
        self._terms = Terms(calendars)

    def _look(self, go_on: GoOn) -> float:
        at = self._now()
        with self._database.begin(SYSTEM.viewer) as conn:
            orders = [(Action.RESUME, each) for each in store.find_held_until(conn, at)]
            orders += [
                (Action.RECOMPUTE, case.id)
                for case in store.find_provisional(conn)
                if case.state in RUNNING and not self._is_provisional(conn, case)
            ]
            orders += [
                (Action.SUPERVISE, case.id)
                for case in store.find_due_by(conn, at, RUNNING)
                if case.supervised_at is None and self._terms.supervised_from(conn, case) <= at
            ]
        for action, case_id in orders:
            go_on()
            note = _OVERDUE if action is Action.SUPERVISE else None
            try:
                self._cases.act(case_id, Order(action=action, note=note), SYSTEM)
            except Conflict:
                _log.info("somebody else was first", case=case_id, action=action)
        go_on()
        self._cases.remind()
        return self._look_s

    def _is_provisional(self, conn: Connection, case: Case) -> bool:
        return self._terms.anew(conn, case, store.read_events(conn, case)).is_provisional
