from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InvalidInput
from gis.local_time import LOCAL, Window
from patrol.clocks.calendar import SpecialDay, WorkCalendar

PLAIN = WorkCalendar()
FIRST, LAST = (datetime.fromisoformat(f"{year}-01-01") for year in (2001, 2099))
SATURDAY, MONDAY = date(2026, 6, 6), date(2026, 6, 8)


def day(day: date, *, works: bool = False) -> SpecialDay:
    return SpecialDay(day=day, is_working=works, name="某日")


@pytest.mark.parametrize(("year", "working_days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_the_law_gives_each_year_its_working_days(year: int, working_days: int) -> None:
    assert PLAIN.count_working_days(date(year, 1, 1), date(year, 12, 31)) == working_days


@pytest.mark.parametrize("year", range(2018, 2027))
def test_the_library_knows_the_years(year: int) -> None:
    assert PLAIN.is_published(year)
    assert not PLAIN.is_working(date(year, 10, 1))
    assert any(each.is_working for each in PLAIN.special_days(year))


def test_special_days_are_named_in_both_languages() -> None:
    by_day = {each.day: each for each in PLAIN.special_days(2026)}
    rest, made_up = by_day[date(2026, 2, 17)], by_day[date(2026, 2, 14)]
    assert (rest.is_working, rest.name, rest.name_en) == (False, "春节", "Spring Festival")
    assert (made_up.is_working, made_up.name) == (True, "春节调休")


def test_the_administrators_days_win_over_the_law() -> None:
    calendar = WorkCalendar(
        own_days=[day(MONDAY), day(SATURDAY, works=True), day(date(2026, 10, 1), works=True)]
    )
    assert not calendar.is_working(MONDAY)
    assert calendar.is_working(SATURDAY)
    assert calendar.is_working(date(2026, 10, 1))
    assert calendar.count_working_days(date(2026, 1, 1), date(2026, 12, 31)) == 249


def test_a_year_that_nobody_knows_is_provisional_and_so_is_the_week_before_it() -> None:
    assert not PLAIN.is_provisional(date(2026, 12, 1), date(2026, 12, 24))
    assert PLAIN.is_provisional(date(2026, 12, 1), date(2026, 12, 25))
    assert PLAIN.is_provisional(date(2027, 6, 1), date(2027, 6, 1))
    assert PLAIN.is_working(date(2027, 10, 1))  # a Friday like any other, until it is announced


def test_the_administrators_list_of_a_year_makes_it_certain() -> None:
    listed = [day(date(2027, 1, 1)), day(date(2027, 10, 1))]
    calendar = WorkCalendar(own_days=listed)
    assert calendar.is_published(2027)
    assert not calendar.is_provisional(date(2026, 12, 1), date(2027, 12, 24))
    assert calendar.is_provisional(date(2026, 12, 1), date(2027, 12, 25))
    assert not WorkCalendar(own_days=listed[:1]).is_published(2027)


@pytest.mark.parametrize(
    ("hours", "problem"),
    [
        ([], "Give 1 to 6"),
        ([(8, 8)], "do not end after"),
        ([(18, 8)], "do not end after"),
        ([(8, 12), (12, 18)], "put them in order"),
        ([(14, 18), (8, 12)], "put them in order"),
    ],
)
def test_hours_that_cannot_be_are_refused(hours: list[tuple[int, int]], problem: str) -> None:
    windows = [Window(begins=time(begins), ends=time(ends)) for begins, ends in hours]
    with pytest.raises(InvalidInput, match=problem):
        WorkCalendar(hours=windows)


def test_what_is_outside_of_the_calendar_is_refused() -> None:
    for at in (date(1999, 12, 31), date(2101, 1, 1)):
        with pytest.raises(InvalidInput, match="2000 to 2100"):
            PLAIN.is_working(at)
        with pytest.raises(InvalidInput, match="2000 to 2100"):
            WorkCalendar(own_days=[day(at)])
    with pytest.raises(InvalidInput, match="2000 to 2100"):
        PLAIN.instant(10**18)


@given(
    st.datetimes(FIRST, LAST, timezones=st.just(LOCAL)),
    st.integers(1, 30 * 24 * 3_600_000_000),
)
def test_an_instant_found_by_its_working_time_is_the_first_with_it(
    start: datetime, more_us: int
) -> None:
    worked_us = PLAIN.moment(start).worked_us + more_us
    at = PLAIN.instant(worked_us)
    assert PLAIN.moment(at).worked_us == worked_us
    assert PLAIN.moment(at - timedelta(microseconds=1)).worked_us == worked_us - 1
