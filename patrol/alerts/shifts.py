"""Shifts: the times whose fixes are watched together. Pure.

A shift is a duty session. A unit that is always on duty has none; of those a shift is the local day.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gis.local_time import local_midnight

FOR_EVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift:
    """From `began_at` to before `until`, FOR_EVER where no end is known. It is `over` by the clock."""

    began_at: datetime
    until: datetime
    over: bool

    def covers(self, at: datetime) -> bool:
        return self.began_at <= at < self.until

    @property
    def ended_at(self) -> datetime | None:
        return self.until if self.over else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Shifts:
    """Those of one unit. `sessions` are (began_at, ended_at) in their order and do not overlap; None:
    always on duty."""

    sessions: Sequence[tuple[datetime, datetime | None]] | None
    now: datetime

    def at(self, at: datetime) -> Shift | None:
        """The shift of a fix; None when its session is not known any more."""
        if self.sessions is None:
            began_at = local_midnight(at)
            until = local_midnight(began_at + timedelta(hours=36))
        else:
            index = bisect_right(self.sessions, at, key=lambda session: session[0]) - 1
            if index < 0:
                return None
            began_at, ended_at = self.sessions[index]
            until = ended_at or FOR_EVER
        shift = Shift(began_at=began_at, until=until, over=until <= self.now)
        return shift if shift.covers(at) else None
