"""Retention of readings by itself."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from data.background import WANGGE, Nightly
from data.background.routine import GoOn
from data.database import Database
from patrol.sensors.retention import drop_expired_readings

_log = structlog.get_logger(__name__)


class NightlyReadings(Nightly):
    """`async with NightlyReadings(…):` drops readings older than `keep` until it is left."""

    def __init__(
        self,
        database: Database,
        keep: timedelta,
        *,
        look_s: float = 600.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__("retention of readings", self._drop, look_s=look_s, now=now)
        self._database = database
        self._keep = keep

    def _drop(self, due: datetime, go_on: GoOn) -> None:
        dropped = drop_expired_readings(
            self._database, due - self._keep, WANGGE, progress=lambda _readings: go_on()
        )
        if dropped:
            _log.info("dropped readings that were kept long enough", readings=dropped)
