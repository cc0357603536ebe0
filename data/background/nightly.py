"""A routine of the night: once a day at a quiet hour, and at the start when that hour was missed."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import structlog

from data.audit import Who
from data.background.routine import GoOn, Routine
from gis.errors import Conflict
from gis.local_time import LOCAL

_log = structlog.get_logger(__name__)

WANGGE = Who(account_id=None, name="wangge", role=None, address=None)
"""Who does what nobody has asked for, on the audit."""

_QUIET = time(3, 20, tzinfo=LOCAL)


class Nightly(Routine):
    """`async with Nightly(name, work):` calls `work(due, go_on)` for each night's quiet hour `due` until
    it is left.

    It looks at the clock every `look_s`, so that a change of the clock or a night asleep does no harm.
    What fails, or raises Conflict because somebody else is at it, is tried again at the next look.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[datetime, GoOn], None],
        *,
        look_s: float = 600.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(name, self._look, retry_s=look_s)
        self._called = name
        self._nightly = work
        self._look_s = look_s
        self._now = now
        self._done: datetime | None = None

    def _look(self, go_on: GoOn) -> float:
        due = last_quiet_hour(self._now())
        if due != self._done:
            try:
                self._nightly(due, go_on)
                self._done = due
            except Conflict as error:
                _log.warning(f"{self._called} is put off", reason=error.message)
        return self._look_s


def last_quiet_hour(now: datetime) -> datetime:
    """The last 03:20 in China that `now` has come to."""
    today = datetime.combine(now.astimezone(LOCAL).date(), _QUIET)
    return today if today <= now else today - timedelta(days=1)
