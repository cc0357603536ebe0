"""Retention by itself: once a day at a quiet hour, and at the start when that hour was missed."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from data.audit import Who
from data.background import Routine
from data.background.routine import GoOn
from data.database import Database
from gis.errors import Conflict
from patrol.tracks.expiry import KeepSettings, last_quiet_hour
from patrol.tracks.retention import drop_expired

_log = structlog.get_logger(__name__)

_WANGGE = Who(account_id=None, name="wangge", role=None, address=None)


class NightlyRetention(Routine):
    """`async with NightlyRetention(…):` drops what expires until it is left.

    It looks at the clock every `look_s`, so that a change of the clock or a night asleep does no harm.
    What fails is tried again at the next look.
    """

    def __init__(
        self,
        database: Database,
        keep: KeepSettings,
        *,
        look_s: float = 600.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__("retention", self._look, retry_s=look_s)
        self._database = database
        self._keep = keep
        self._look_s = look_s
        self._now = now
        self._done: datetime | None = None

    def _look(self, go_on: GoOn) -> float:
        due = last_quiet_hour(self._now())
        if due != self._done:
            try:
                self._drop(due, go_on)
                self._done = due
            except Conflict as error:
                _log.warning("retention is put off", reason=error.message)
        return self._look_s

    def _drop(self, due: datetime, go_on: GoOn) -> None:
        """What had been kept long enough at `due`."""
        dropped = drop_expired(
            self._database, self._keep, due, _WANGGE, progress=lambda _fixes: go_on()
        )
        if dropped.days or dropped.quarantined:
            _log.info(
                "dropped what was kept long enough",
                days=len(dropped.days),
                fixes=dropped.fixes,
                quarantined=dropped.quarantined,
            )
