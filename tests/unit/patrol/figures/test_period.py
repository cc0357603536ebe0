import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InvalidInput
from gis.local_time import LOCAL
from patrol.figures.period import LONGEST, MOST_PARTS, Period


def day(year: int, month: int, day: int = 1, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=LOCAL).astimezone(UTC)


MARCH = Period(since=day(2026, 3), until=day(2026, 4))

periods = st.builds(
    lambda after, length: Period(since=day(2010, 1) + after, until=day(2010, 1) + after + length),
    st.timedeltas(timedelta(0), timedelta(days=9_000)),
    st.timedeltas(timedelta(seconds=1), LONGEST),
)


def test_before_march_was_february_and_a_year_before_march() -> None:
    assert MARCH.before() == Period(since=day(2026, 2), until=day(2026, 3))
    assert MARCH.year_before() == Period(since=day(2025, 3), until=day(2025, 4))


def test_before_a_quarter_was_a_quarter() -> None:
    first = Period(since=day(2026, 1), until=day(2026, 4))
    assert first.before() == Period(since=day(2025, 10), until=day(2026, 1))


def test_before_a_week_was_a_week() -> None:
    week = Period(since=day(2026, 3, 9), until=day(2026, 3, 16))
    assert week.before() == Period(since=day(2026, 3, 2), until=day(2026, 3, 9))


def test_a_year_before_the_last_day_of_february_is_the_last_day_of_february() -> None:
    leap = Period(since=day(2028, 2, 29), until=day(2028, 3, 1))
    assert leap.year_before() == Period(since=day(2027, 2, 28), until=day(2027, 3, 1))


def test_what_is_not_over_is_compared_with_the_same_days() -> None:
    over = MARCH.by(day(2026, 3, 11))
    assert over.compared(MARCH, MARCH.before()) == Period(
        since=day(2026, 2), until=day(2026, 2, 11)
    )
    late = MARCH.by(day(2026, 3, 31))
    assert late.compared(MARCH, MARCH.before()) == MARCH.before()


def test_a_year_is_seen_by_months_and_a_month_by_three_days() -> None:
    year = Period(since=day(2026, 1), until=day(2027, 1)).parts()
    assert year == (*tuple(day(2026, month) for month in range(1, 13)), day(2027, 1))
    assert MARCH.parts()[:3] == (day(2026, 3, 1), day(2026, 3, 4), day(2026, 3, 7))
    assert len(MARCH.parts()) - 1 == 11
    assert Period(since=day(2026, 3, 1), until=day(2026, 3, 2)).parts()[1] == day(2026, 3, 1, 2)


@given(periods)
def test_the_parts_are_few_and_make_up_the_whole(period: Period) -> None:
    edges = period.parts()
    assert (edges[0], edges[-1]) == (period.since, period.until)
    assert all(earlier < later for earlier, later in itertools.pairwise(edges))
    assert 1 <= len(edges) - 1 <= MOST_PARTS


@pytest.mark.parametrize("length", [timedelta(0), timedelta(days=-1), LONGEST + timedelta(days=1)])
def test_a_period_is_neither_empty_nor_endless(length: timedelta) -> None:
    with pytest.raises(InvalidInput):
        Period(since=day(2026, 3), until=day(2026, 3) + length)


def test_what_has_not_begun_has_no_figures() -> None:
    with pytest.raises(InvalidInput):
        MARCH.by(day(2026, 3))
