"""Working days and working hours: the legal calendar of China, and what the administrator says of it.

The only importer of chinese_calendar, which knows what the State Council announced for each year from
2004 on, make-up days included.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import accumulate, pairwise
from types import MappingProxyType

import chinese_calendar
import numpy as np

from gis.errors import InvalidInput
from gis.local_time import LOCAL, Window

FIRST_YEAR, LAST_YEAR = 2000, 2100
USUAL_HOURS = (
    Window(begins=time(8), ends=time(12)),
    Window(begins=time(14), ends=time(18)),
)
MOST_WINDOWS = 6
_FIRST, _END = date(FIRST_YEAR, 1, 1), date(LAST_YEAR + 1, 1, 1)
_FIRST_ORDINAL = _FIRST.toordinal()
_LIBRARY_YEARS = range(min(chinese_calendar.holidays).year, max(chinese_calendar.holidays).year + 1)
# The announcement for a year has moved days of the December before: 2006, 2007 and 2018.
_OPEN_DECEMBER = 25
_MICROSECOND = timedelta(microseconds=1)


class Source(StrEnum):
    """Where a day that is not plain comes from."""

    LAW = "law"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, kw_only=True, slots=True)
class SpecialDay:
    """A day that is not plain: weekdays work and weekends rest. `name_en` is only known of the law's."""

    day: date
    is_working: bool
    name: str
    name_en: str | None = None
    source: Source = Source.ADMINISTRATOR


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """Where an instant is in working time: `worked_us` is what was worked before it, in microseconds
    since the calendar begins, `day` the index of its local day."""

    day: int
    worked_us: int


class WorkCalendar:
    """Which time is working time, from 2000 to 2100; never changed.

    The administrator's days win over the law's. A year is published if the library knows it, or if the
    administrator's days have 1 January and 1 October of it at rest, as each announcement has. Everything
    else is provisional, and so is the week before it: there weekdays work and weekends rest.
    """

    def __init__(
        self, *, hours: Sequence[Window] = USUAL_HOURS, own_days: Sequence[SpecialDay] = ()
    ) -> None:
        self.hours = tuple(check_hours(hours))
        self._opens_us = [_since_midnight_us(window.begins) for window in self.hours]
        lengths_us = [
            _since_midnight_us(window.ends) - opens_us
            for window, opens_us in zip(self.hours, self._opens_us, strict=True)
        ]
        self._worked_us = [0, *accumulate(lengths_us)]  # of a day, before each window and after all
        self.day_us = self._worked_us[-1]
        self._closes_us = _since_midnight_us(self.hours[-1].ends)
        own = {each.day: each for each in own_days}
        for day in own:
            _require_inside(day)
        self._special: Mapping[date, SpecialDay] = MappingProxyType(_DAYS_OF_LAW | own)
        self._published = frozenset(_LIBRARY_YEARS) | {
            year
            for year in range(FIRST_YEAR, LAST_YEAR + 1)
            if all(_rests(own.get(date(year, *day))) for day in ((1, 1), (10, 1)))
        }
        self._index_days()

    def _index_days(self) -> None:
        """Each question about a span of days is then two look-ups; lists, for one number at a time is
        read, and NumPy is slow at that."""
        days = np.arange(np.datetime64(_FIRST), np.datetime64(_END))
        works = np.is_busday(days)
        provisional = np.zeros(len(days), bool)
        for each in self._special.values():
            works[each.day.toordinal() - _FIRST_ORDINAL] = each.is_working
        for year in range(FIRST_YEAR, LAST_YEAR + 1):
            if year not in self._published:
                begins = date(year - 1, 12, _OPEN_DECEMBER).toordinal() - _FIRST_ORDINAL
                ends = date(year + 1, 1, 1).toordinal() - _FIRST_ORDINAL
                provisional[max(begins, 0) : ends] = True
        self._works: list[bool] = works.tolist()
        self._works_before: list[int] = [0, *np.cumsum(works).tolist()]
        self._working_days: list[int] = np.flatnonzero(works).tolist()
        self._provisional_before: list[int] = [0, *np.cumsum(provisional).tolist()]

    @property
    def day_length(self) -> timedelta:
        """Of a working day."""
        return self.day_us * _MICROSECOND

    def is_working(self, day: date) -> bool:
        return self._works[_index(day)]

    def is_published(self, year: int) -> bool:
        return year in self._published

    def is_provisional(self, first: date, last: date) -> bool:
        """Whether an announcement that is still to come may change a day between them, both included."""
        before = self._provisional_before
        return before[_index(last) + 1] > before[_index(first)]

    def provisional_from(self, year: int) -> date | None:
        """The first day of a year that is provisional; None when all of it is certain."""
        before = self._provisional_before
        first, end = _index(date(year, 1, 1)), _index(date(year, 12, 31)) + 1
        if before[end] == before[first]:
            return None
        return _FIRST + timedelta(days=bisect_right(before, before[first], first) - 1)

    def count_working_days(self, first: date, last: date) -> int:
        """Both included."""
        return self._works_before[_index(last) + 1] - self._works_before[_index(first)]

    def special_days(self, year: int) -> Iterator[SpecialDay]:
        """Those of a year that are not plain, in order."""
        return (each for day, each in sorted(self._special.items()) if day.year == year)

    def moment(self, at: datetime) -> Moment:
        """Where an instant is in working time. Raises InvalidInput outside of the calendar."""
        local = at.astimezone(LOCAL)
        index = _index(local.date())
        worked_us = self._works_before[index] * self.day_us
        if self._works[index]:
            worked_us += self._worked_on_day_us(
                ((local.hour * 60 + local.minute) * 60 + local.second) * 1_000_000
                + local.microsecond
            )
        return Moment(day=index, worked_us=worked_us)

    def _worked_on_day_us(self, since_midnight_us: int) -> int:
        window = bisect_right(self._opens_us, since_midnight_us) - 1
        if window < 0:
            return 0
        worked_us = self._worked_us[window] + since_midnight_us - self._opens_us[window]
        return min(worked_us, self._worked_us[window + 1])

    def instant(self, worked_us: int) -> datetime:
        """The first instant before which so much was worked: a close rather than the next opening.
        Raises InvalidInput after the calendar's end."""
        day, left_us = divmod(worked_us - 1, self.day_us)
        left_us += 1
        if not 0 <= day < len(self._working_days):
            raise _outside()
        window = bisect_right(self._worked_us, left_us - 1) - 1
        since_midnight_us = self._opens_us[window] + left_us - self._worked_us[window]
        return _instant(self._working_days[day], since_midnight_us)

    def close_after(self, day: int, count: int) -> datetime:
        """When work ends on the `count`-th working day after a day, by its index in a Moment."""
        nth = self._works_before[day + 1] + count - 1
        if nth >= len(self._working_days):
            raise _outside()
        return _instant(self._working_days[nth], self._closes_us)


def check_hours(hours: Sequence[Window]) -> Sequence[Window]:
    """Raises InvalidInput unless these are hours of one day, one after the other."""
    if not 1 <= len(hours) <= MOST_WINDOWS:
        raise InvalidInput(f"Give 1 to {MOST_WINDOWS} periods of working hours.", field="hours")
    for window in hours:
        if window.ends <= window.begins:
            raise InvalidInput(
                f"Working hours from {window.begins:%H:%M} to {window.ends:%H:%M} do not end after they "
                "begin; they are within one day.",
                field="hours",
            )
    for earlier, later in pairwise(hours):
        if later.begins <= earlier.ends:
            raise InvalidInput(
                f"Working hours that begin at {later.begins:%H:%M} do not come after those that end at "
                f"{earlier.ends:%H:%M}; put them in order, with a break between them.",
                field="hours",
            )
    return hours


def _days_of_law() -> dict[date, SpecialDay]:
    days: dict[date, SpecialDay] = {}
    for known, is_working in (
        (chinese_calendar.holidays, False),
        (chinese_calendar.workdays, True),
    ):
        for day, name in known.items():
            days[day] = SpecialDay(
                day=day,
                is_working=is_working,
                name=chinese_calendar.Holiday(name).chinese + ("调休" if is_working else ""),
                name_en=name + (", made up for" if is_working else ""),
                source=Source.LAW,
            )
    return days


def _rests(day: SpecialDay | None) -> bool:
    return day is not None and not day.is_working


def _since_midnight_us(at: time) -> int:
    since = timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
    return since // _MICROSECOND


def _index(day: date) -> int:
    index = day.toordinal() - _FIRST_ORDINAL
    if not 0 <= index < _DAYS:
        raise _outside()
    return index


def _instant(index: int, since_midnight_us: int) -> datetime:
    # China has had one offset since 1992, so a day has 24 hours.
    return _MIDNIGHT + timedelta(days=index, microseconds=since_midnight_us)


def _require_inside(day: date) -> None:
    _index(day)


def _outside() -> InvalidInput:
    return InvalidInput(
        f"The calendar has the years {FIRST_YEAR} to {LAST_YEAR}; choose a time well inside.",
        code="outside_calendar",
    )


_DAYS = (_END - _FIRST).days
_MIDNIGHT = datetime.combine(_FIRST, time(), LOCAL)
_DAYS_OF_LAW = MappingProxyType(_days_of_law())
