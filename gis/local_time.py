"""The clock on the wall: what a day is where Wangge works. Everything stored and answered is in UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Times of the clock. One that does not end later than it begins ends the next day."""

    begins: time
    ends: time

    def on(self, day: date) -> tuple[datetime, datetime]:
        """From when to before when it is, where it begins on a local day; in UTC."""
        last_day = day if self.ends > self.begins else day + timedelta(days=1)
        return (
            datetime.combine(day, self.begins, LOCAL).astimezone(UTC),
            datetime.combine(last_day, self.ends, LOCAL).astimezone(UTC),
        )

    def to_json(self) -> dict[str, str]:
        return {"from": f"{self.begins:%H:%M}", "to": f"{self.ends:%H:%M}"}

    @classmethod
    def from_json(cls, stored: dict[str, str]) -> "Window":
        return cls(begins=time.fromisoformat(stored["from"]), ends=time.fromisoformat(stored["to"]))


def local_midnight(at: datetime) -> datetime:
    """When the local day of `at` began, in UTC."""
    return at.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
