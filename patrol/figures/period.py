"""Periods that figures are of, what they are compared with, and their parts. Pure; days are China's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from gis.errors import InvalidInput
from gis.local_time import LOCAL

LONGEST = timedelta(days=5 * 366)
MOST_PARTS = 14
_EARLIEST = 1980
_DAY = timedelta(days=1)
_HOURS, _DAYS, _MONTHS = (1, 2, 6), (1, 2, 3, 7, 14), (1, 3, 12)
_BY_THE_HOUR = timedelta(days=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """From `since` to before `until`, in UTC. Raises InvalidInput for one that is empty or too long."""

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if self.since.year < _EARLIEST:
            raise InvalidInput(f"Nothing is known of before {_EARLIEST}.", field="from")
        if not self.since < self.until <= self.since + LONGEST:
            raise InvalidInput(
                "A period begins before it ends, at most five years later.", field="to"
            )

    @property
    def length(self) -> timedelta:
        return self.until - self.since

    def by(self, now: datetime) -> "Period":
        """As far as it is over at `now`. Raises InvalidInput where it has not begun."""
        if now <= self.since:
            raise InvalidInput("This period has not begun; ask for an earlier one.", field="from")
        return Period(since=self.since, until=min(self.until, now))

    def before(self) -> "Period":
        """The one before: as many months of the calendar where it is of whole months, else as long."""
        months = self._months()
        if months is None:
            return Period(since=self.since - self.length, until=self.since)
        return Period(since=_months_later(self.since, -months), until=self.since)

    def year_before(self) -> "Period":
        """The same days of the year before."""
        return Period(since=_months_later(self.since, -12), until=_months_later(self.until, -12))

    def compared(self, whole: "Period", other: "Period") -> "Period":
        """The part of `other` that is to it what this one is to the `whole`: of a month that is not
        over, the same days of the month before."""
        if self.until == whole.until:
            return other
        return Period(since=other.since, until=min(other.until, other.since + self.length))

    def parts(self) -> tuple[datetime, ...]:
        """The edges of at most MOST_PARTS parts in their order, its own among them: hours, days, weeks
        or months by its length."""
        if self.length <= _BY_THE_HOUR:
            steps = [timedelta(hours=hours) for hours in _HOURS]
            step = next((each for each in steps if self.length <= each * MOST_PARTS), steps[-1])
            return self._edges(_every(self.since, step, self.until))
        for days in _DAYS:
            if self.length <= MOST_PARTS * days * _DAY:
                return self._edges(_every(self.since, days * _DAY, self.until))
        for months in _MONTHS:
            edges = self._edges(_every_months(self.since, months, self.until))
            if len(edges) <= MOST_PARTS + 1:
                break
        return edges

    def _edges(self, inner: Iterator[datetime]) -> tuple[datetime, ...]:
        return (self.since, *inner, self.until)

    def _months(self) -> int | None:
        """How many months of the calendar it is, or None."""
        first, last = self.since.astimezone(LOCAL), self.until.astimezone(LOCAL)
        if not _begins_month(first) or not _begins_month(last):
            return None
        return (last.year - first.year) * 12 + last.month - first.month


def of_days(first: date, last: date) -> Period:
    """From the beginning of the first day to the end of the last."""
    return Period(since=_midnight(first), until=_midnight(last + _DAY))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL).astimezone(UTC)


def _begins_month(local: datetime) -> bool:
    return local.day == 1 and local.time() == time()


def _months_later(at: datetime, months: int) -> datetime:
    """On the same day of the month, or its last one, at the same time of the clock."""
    local = at.astimezone(LOCAL)
    years, month = divmod(local.month - 1 + months, 12)
    year = local.year + years
    next_first = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    day = min(local.day, (next_first - _DAY).day)
    return local.replace(year=year, month=month + 1, day=day).astimezone(UTC)


def _every(since: datetime, step: timedelta, until: datetime) -> Iterator[datetime]:
    at = since + step
    while at < until:
        yield at
        at += step


def _every_months(since: datetime, months: int, until: datetime) -> Iterator[datetime]:
    count = months
    while (at := _months_later(since, count)) < until:
        yield at
        count += months
