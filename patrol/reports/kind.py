"""The kinds of reports, and the periods they are of. Pure."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from gis.local_time import LOCAL
from patrol.figures.period import Period, of_days

_DAY = timedelta(days=1)


class ReportKind(StrEnum):
    WEEK = "week"
    """From Monday on."""
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    def period_of(self, day: date) -> Period:
        """The one that a day of China lies in."""
        match self:
            case ReportKind.WEEK:
                first = day - day.weekday() * _DAY
                return of_days(first, first + 6 * _DAY)
            case ReportKind.MONTH:
                return _months(day.year, day.month, 1)
            case ReportKind.QUARTER:
                return _months(day.year, (day.month - 1) // 3 * 3 + 1, 3)
            case ReportKind.YEAR:
                return _months(day.year, 1, 12)

    def last_over(self, now: datetime) -> Period:
        """The last one that is over."""
        this = self.period_of(now.astimezone(LOCAL).date())
        return self.period_of((this.since - _DAY / 2).astimezone(LOCAL).date())


def _months(year: int, month: int, count: int) -> Period:
    years, later = divmod(month - 1 + count, 12)
    return of_days(date(year, month, 1), date(year + years, later + 1, 1) - _DAY)
