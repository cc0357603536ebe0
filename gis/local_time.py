"""The clock on the wall: what a day is where Wangge works. Everything stored and answered is in UTC."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")


def local_midnight(at: datetime) -> datetime:
    """When the local day of `at` began, in UTC."""
    return at.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
