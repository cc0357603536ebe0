"""Retention of positions by itself."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from data.background import WANGGE, Nightly
from data.background.routine import GoOn
from data.database import Database
from patrol.tracks.expiry import KeepSettings
from patrol.tracks.retention import drop_expired

_log = structlog.get_logger(__name__)


class NightlyRetention(Nightly):
    """`async with NightlyRetention(…):` drops what expires until it is left."""

    def __init__(
        self,
        database: Database,
        keep: KeepSettings,
        *,
        look_s: float = 600.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__("retention", self._drop, look_s=look_s, now=now)
        self._database = database
        self._keep = keep

    def _drop(self, due: datetime, go_on: GoOn) -> None:
        """What had been kept long enough at `due`."""
        dropped = drop_expired(
            self._database, self._keep, due, WANGGE, progress=lambda _fixes: go_on()
        )
        if dropped.days or dropped.quarantined:
            _log.info(
                "dropped what was kept long enough",
                days=len(dropped.days),
                fixes=dropped.fixes,
                quarantined=dropped.quarantined,
            )
