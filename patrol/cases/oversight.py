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
from patrol.cases.rulebook import Rulebook
from patrol.cases.service import CaseService
from patrol.cases.settings import USUAL, CaseSettings
from patrol.cases.terms import Terms

_OVERDUE = "超期 {} 个工作日未办结"
_UNANSWERED = "回访期满，反映人未评价"

_log = structlog.get_logger(__name__)


class CaseOversight(Routine):
    """`async with CaseOversight(…):` resumes each case whose hold is over, works out again when a case
    is due by a legal calendar that has been announced since, reminds of what is due soon and tells of
    what is overdue, puts under supervision what has been overdue for long, and closes what nobody has
    rated for long, until it is left. `settings` say how long.

    A hold that ends late, for nobody was at work, loses nothing by it: what was left of the time when it
    began is left when it ends. Of several workers one is first.
    """

    def __init__(
        self,
        database: Database,
        grid_indexes: GridIndexes,
        *,
        settings: CaseSettings = USUAL,
        look_s: float = 30.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__("cases", self._look, retry_s=look_s)
        self._database = database
        rulebook = Rulebook()
        self._cases = CaseService(database, grid_indexes, now, rulebook=rulebook, settings=settings)
        self._settings = settings
        self._look_s = look_s
        self._now = now
        self._terms = Terms(rulebook.calendars)

    def _look(self, go_on: GoOn) -> float:
        at = self._now()
        with self._database.begin(SYSTEM.viewer) as conn:
            orders: list[tuple[Action, str | None, int]] = [
                (Action.RESUME, None, case_id) for case_id in store.find_held_until(conn, at)
            ]
            orders += [
                (Action.RECOMPUTE, None, case.id)
                for case in store.find_provisional(conn)
                if case.state in RUNNING and not self._is_provisional(conn, case)
            ]
            overdue = _OVERDUE.format(self._settings.supervise_days)
            orders += [
                (Action.SUPERVISE, overdue, case.id)
                for case in store.find_due_by(conn, at, RUNNING)
                if case.supervised_at is None and self._is_long_overdue(conn, case, at)
            ]
            orders += [
                (Action.CLOSE, _UNANSWERED, case_id)
                for case_id, since in store.find_callbacks(conn)
                if self._terms.after(conn, since, self._settings.callback) <= at
            ]
        for action, note, case_id in orders:
            go_on()
            try:
                self._cases.act(case_id, Order(action=action, note=note), SYSTEM)
            except Conflict:
                _log.info("somebody else was first", case=case_id, action=action)
        go_on()
        self._cases.remind()
        return self._look_s

    def _is_long_overdue(self, conn: Connection, case: Case, at: datetime) -> bool:
        assert case.due_at is not None
        return self._terms.after(conn, case.due_at, self._settings.supervision) <= at

    def _is_provisional(self, conn: Connection, case: Case) -> bool:
        return self._terms.anew(conn, case, store.read_events(conn, case)).is_provisional
