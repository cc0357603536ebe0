"""When what devices sent has been kept long enough."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from data.environment import EnvironmentSettings

_DAY = timedelta(days=1)
_UNDER_WAY = timedelta(hours=1)
"""A fix that was just young enough to be taken is stored by then."""


class KeepSettings(EnvironmentSettings):
    """`WANGGE_KEEP_FIXES_DAYS` and `WANGGE_KEEP_QUARANTINE_DAYS`: how long positions are kept, and
    `WANGGE_KEEP_READINGS_DAYS`: how long what sensors measured is."""

    model_config = SettingsConfigDict(env_prefix="WANGGE_KEEP_")

    fixes_days: int = Field(default=90, ge=7, le=36_500)
    quarantine_days: int = Field(default=30, ge=1, le=36_500)
    readings_days: int = Field(default=400, ge=30, le=36_500)

    @property
    def fixes(self) -> timedelta:
        return timedelta(days=self.fixes_days)

    @property
    def quarantine(self) -> timedelta:
        return timedelta(days=self.quarantine_days)

    @property
    def readings(self) -> timedelta:
        return timedelta(days=self.readings_days)


def expired_days(days: Iterable[date], now: datetime, keep: timedelta) -> list[date]:
    """Those of the `days` (UTC) that ended longer than `keep` ago, oldest first."""
    latest = now.astimezone(UTC) - keep - _UNDER_WAY
    return sorted(day for day in days if period_of(day)[1] <= latest)


def period_of(day: date) -> tuple[datetime, datetime]:
    """When the day (UTC) begins and ends."""
    begin = datetime.combine(day, time(), UTC)
    return begin, begin + _DAY
