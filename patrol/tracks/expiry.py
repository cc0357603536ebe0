"""When stored positions have been kept long enough."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from data.environment import EnvironmentSettings
from gis.local_time import LOCAL

_DAY = timedelta(days=1)
_QUIET = time(3, 20, tzinfo=LOCAL)
_UNDER_WAY = timedelta(hours=1)
"""A fix that was just young enough to be taken is stored by then."""


class KeepSettings(EnvironmentSettings):
    """`WANGGE_KEEP_FIXES_DAYS` and `WANGGE_KEEP_QUARANTINE_DAYS`: how long positions are kept."""

    model_config = SettingsConfigDict(env_prefix="WANGGE_KEEP_")

    fixes_days: int = Field(default=90, ge=7, le=36_500)
    quarantine_days: int = Field(default=30, ge=1, le=36_500)

    @property
    def fixes(self) -> timedelta:
        return timedelta(days=self.fixes_days)

    @property
    def quarantine(self) -> timedelta:
        return timedelta(days=self.quarantine_days)


def expired_days(days: Iterable[date], now: datetime, keep: timedelta) -> list[date]:
    """Those of the `days` (UTC) that ended longer than `keep` ago, oldest first."""
    latest = now.astimezone(UTC) - keep - _UNDER_WAY
    return sorted(day for day in days if period_of(day)[1] <= latest)


def last_quiet_hour(now: datetime) -> datetime:
    """The last 03:20 in China that `now` has come to."""
    today = datetime.combine(now.astimezone(LOCAL).date(), _QUIET)
    return today if today <= now else today - _DAY


def period_of(day: date) -> tuple[datetime, datetime]:
    """When the day (UTC) begins and ends."""
    begin = datetime.combine(day, time(), UTC)
    return begin, begin + _DAY
