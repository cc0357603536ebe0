"""What was told goes after a year: who was told what is about people."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete

from data.background import Routine
from data.background.routine import GoOn
from data.database import Database
from data.schema import notices
from data.scope import Viewer

_KEEP = timedelta(days=365)
_EVERY_S = 3600.0


class OldNotices(Routine):
    """`async with OldNotices(database):` drops them until it is left. `database` is as the role that
    answers requests."""

    def __init__(
        self, database: Database, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        super().__init__("old notices", self._drop)
        self._database = database
        self._now = now

    def _drop(self, _go_on: GoOn) -> float:
        drop_old_notices(self._database, self._now())
        return _EVERY_S


def drop_old_notices(database: Database, now: datetime) -> None:
    with database.begin(Viewer.everything()) as conn:
        conn.execute(delete(notices).where(notices.c.created_at < now - _KEEP))
