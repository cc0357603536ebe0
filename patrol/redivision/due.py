"""Editions that take effect by themselves, at the instant that somebody has set."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from sqlalchemy import Connection

from data.audit import Who, record
from data.background import Routine
from data.background.routine import GoOn
from data.database import Database
from data.editions import Edition, require_edition
from data.editions.store import lock_editions, next_due, set_due
from data.scope import Viewer
from gis.errors import Conflict
from patrol.redivision.activation import put_in_force

_log = structlog.get_logger(__name__)


class DueEditions(Routine):
    """`async with DueEditions(…):` puts each in force when it is due, until it is left.

    One that is late, for nobody was at work, is in force from when it was due. What stops it (findings
    that nobody accepted, another edition since then) is kept with it, and it stays a draft. `database`
    is the application's: see `put_in_force`.
    """

    def __init__(
        self,
        database: Database,
        *,
        look_s: float = 10.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__("editions", self._look, retry_s=look_s)
        self._database = database
        self._look_s = look_s
        self._now = now

    def _look(self, go_on: GoOn) -> float:
        while True:
            go_on()
            with self._database.begin() as conn:
                due = next_due(conn)
            if due is None:
                return self._look_s
            edition_id, at = due
            left_s = (at - self._now()).total_seconds()
            if left_s > 0:
                return min(self._look_s, left_s)
            self._carry_out(edition_id, at)

    def _carry_out(self, edition_id: int, at: datetime) -> None:
        try:
            with self._database.begin(Viewer.everything()) as conn:
                edition = self._still_due(conn, edition_id, at)
                if edition is not None:
                    put_in_force(
                        conn,
                        edition_id,
                        _who(edition),
                        at=at,
                        accept_reason=edition.accepted_reason,
                        replaces=edition.due_replaces,
                    )
        except Conflict as error:
            _log.warning("an edition did not take effect", edition=edition_id, reason=error.message)
            with self._database.begin() as conn:
                edition = self._still_due(conn, edition_id, at)
                if edition is not None:
                    set_due(conn, edition_id, at=None, failure=error.message)
                    record(
                        conn,
                        _who(edition),
                        "edition.stop",
                        f"edition {edition.name}",
                        reason=error.message,
                        details={"id": edition_id, "at": at.isoformat()},
                    )

    @staticmethod
    def _still_due(conn: Connection, edition_id: int, at: datetime) -> Edition | None:
        """Of several workers one is first; and it may have been cancelled."""
        lock_editions(conn)
        return require_edition(conn, edition_id) if (edition_id, at) == next_due(conn) else None


def _who(edition: Edition) -> Who:
    name = edition.due_by or "wangge"
    return Who(account_id=edition.due_by_account_id, name=name, role=None, address=None)
