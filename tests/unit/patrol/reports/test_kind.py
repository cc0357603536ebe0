from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.local_time import LOCAL
from patrol.figures.period import Period, of_days
from patrol.reports.kind import ReportKind

KINDS = st.sampled_from(ReportKind)
DAYS = st.dates(date(2000, 1, 1), date(2090, 1, 1))


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        (ReportKind.WEEK, date(2026, 11, 23), date(2026, 11, 29)),
        (ReportKind.MONTH, date(2026, 11, 1), date(2026, 11, 30)),
        (ReportKind.QUARTER, date(2026, 10, 1), date(2026, 12, 31)),
        (ReportKind.YEAR, date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_day_lies_in_one_period_of_each_kind(kind: ReportKind, first: date, last: date) -> None:
    assert kind.period_of(date(2026, 11, 27)) == of_days(first, last)


def test_in_the_first_night_of_december_november_is_over() -> None:
    night = datetime(2026, 12, 1, 3, 20, tzinfo=LOCAL)
    assert ReportKind.MONTH.last_over(night) == of_days(date(2026, 11, 1), date(2026, 11, 30))
    assert ReportKind.QUARTER.last_over(night) == of_days(date(2026, 7, 1), date(2026, 9, 30))


@given(KINDS, DAYS)
def test_periods_follow_each_other_and_each_is_compared_with_the_one_before(
    kind: ReportKind, day: date
) -> None:
    period = kind.period_of(day)
    midnight = datetime(day.year, day.month, day.day, tzinfo=LOCAL).astimezone(UTC)
    assert period.since <= midnight < period.until
    next_day = period.until.astimezone(LOCAL).date()
    following: Period = kind.period_of(next_day)
    assert following.since == period.until
    assert following.before() == period
    assert kind.last_over(following.since) == period
