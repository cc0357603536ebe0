from datetime import UTC, date, datetime, time, timedelta

import chinese_calendar
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gis.local_time import LOCAL, Window
from patrol.clocks.calendar import SpecialDay, WorkCalendar
from patrol.clocks.deadline import (
    Due,
    Hold,
    due,
    due_after,
    extend,
    latest_within,
    remind_at,
    resume,
    time_used,
    working_time,
)
from patrol.clocks.rule import DeadlineRule, RuleKind, read_rule

PLAIN = WorkCalendar()
ODD = WorkCalendar(
    hours=[
        Window(begins=time(0), ends=time(1, 30)),
        Window(begins=time(9, 7), ends=time(9, 8)),
        Window(begins=time(22), ends=time(23, 59)),
    ],
    own_days=[
        SpecialDay(day=date(2026, 6, 8), is_working=False, name="本地节日"),
        SpecialDay(day=date(2026, 6, 13), is_working=True, name="加班"),
    ],
)
CALENDARS = st.sampled_from([PLAIN, ODD])
RULES = st.sampled_from(RuleKind).flatmap(
    lambda kind: st.builds(
        DeadlineRule,
        kind=st.just(kind),
        amount=st.integers(1, 60),
        by_the_hour=st.booleans() if kind is RuleKind.WORK_DAY else st.just(False),
    )
)
INSTANTS = st.datetimes(
    datetime.fromisoformat("2017-01-01"),
    datetime.fromisoformat("2028-01-01"),
    timezones=st.just(LOCAL),
)
# About the edges of the working hours, where a mistake would be.
EDGES = st.builds(
    lambda day, hour, off_us: (
        datetime.combine(day, time(hour), LOCAL) + timedelta(microseconds=off_us)
    ),
    st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    st.sampled_from([0, 8, 12, 14, 18]),
    st.integers(-2, 2),
)
STARTS = INSTANTS | EDGES
SPANS = st.timedeltas(timedelta(0), timedelta(days=40))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def ends(rule: str, start: str) -> str:
    at = due(read_rule(rule), local(start), PLAIN).at
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("start", "rule", "day"),
    [
        ("2025-09-30", "5wd", "2025-10-14"),
        ("2026-02-13", "1wd", "2026-02-14"),  # a make-up Saturday
        ("2026-02-13", "3wd", "2026-02-25"),
        ("2018-12-28", "2wd", "2019-01-02"),
    ],
)
@pytest.mark.parametrize("hour", ["00:00", "08:00", "10:30", "13:00", "18:00", "23:59"])
def test_working_days_end_at_the_close_of_the_last_whenever_today_they_began(
    start: str, rule: str, day: str, hour: str
) -> None:
    assert ends(rule, f"{start}T{hour}") == f"{day} 18:00"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-06-08T07:00", "2026-06-08 10:00"),  # before opening
        ("2026-06-08T08:00", "2026-06-08 10:00"),
        ("2026-06-08T10:00", "2026-06-08 12:00"),  # the close, not the opening after lunch
        ("2026-06-08T11:30", "2026-06-08 15:30"),
        ("2026-06-08T12:00", "2026-06-08 16:00"),
        ("2026-06-08T13:00", "2026-06-08 16:00"),  # in the lunch break
        ("2026-06-08T14:00", "2026-06-08 16:00"),
        ("2026-06-08T17:30", "2026-06-09 09:30"),
        ("2026-06-08T18:00", "2026-06-09 10:00"),
        ("2026-06-08T23:00", "2026-06-09 10:00"),  # at night
        ("2026-06-05T17:00", "2026-06-08 09:00"),  # over a weekend
        ("2026-10-03T10:00", "2026-10-08 10:00"),  # on a holiday
        ("2025-12-31T17:00", "2026-01-04 09:00"),  # over a year's end; the 4th is a make-up Sunday
    ],
)
def test_working_hours_stand_still_outside_of_working_time(start: str, end: str) -> None:
    assert ends("2wh", start) == end


@pytest.mark.parametrize(
    ("rule", "end"),
    [
        ("2h", "2026-02-13 23:00"),
        ("3d", "2026-02-16 21:00"),  # through the Spring Festival, at the same time of the day
        ("1wdh", "2026-02-14 18:00"),
        ("2wdh", "2026-02-24 18:00"),
    ],
)
def test_each_kind_of_term_from_a_friday_night(rule: str, end: str) -> None:
    assert ends(rule, "2026-02-13T21:00") == end


def test_working_days_by_the_hour_end_at_the_time_of_the_day_at_which_they_began() -> None:
    assert ends("5wdh", "2026-06-08T10:15") == "2026-06-15 10:15"
    assert ends("5wd", "2026-06-08T10:15") == "2026-06-15 18:00"


@pytest.mark.parametrize(
    ("rule", "start", "at"),
    [
        ("1h", "2026-11-20T17:30", "2026-11-20 18:15"),
        ("4h", "2026-11-20T17:30", "2026-11-20 20:30"),
        ("1d", "2026-11-20T17:30", "2026-11-21 13:30"),  # four hours, not six
        ("2wh", "2026-11-20T17:30", "2026-11-23 09:00"),  # over the weekend; due at half past nine
        ("4wd", "2026-11-20T17:30", "2026-11-26 12:00"),  # four hours of work before six
        (
            "2wdh",
            "2026-11-20T10:00",
            "2026-11-23 16:00",
        ),  # four hours of work before Tuesday at ten
    ],
)
def test_one_is_reminded_when_a_quarter_is_left_and_four_hours_before_at_most(
    rule: str, start: str, at: str
) -> None:
    term = read_rule(rule)
    ends_at = due(term, local(start), PLAIN).at
    reminded_at = remind_at(term, ends_at, PLAIN, at_most=timedelta(hours=4))
    assert f"{reminded_at.astimezone(LOCAL):%Y-%m-%d %H:%M}" == at


@given(RULES, STARTS, st.timedeltas(timedelta(minutes=1), timedelta(hours=40)), CALENDARS)
def test_one_is_reminded_after_the_beginning_and_of_nothing_that_is_farther_away(
    rule: DeadlineRule, start: datetime, at_most: timedelta, calendar: WorkCalendar
) -> None:
    ends_at = due(rule, start, calendar).at
    reminded_at = remind_at(rule, ends_at, calendar, at_most=at_most)
    assert start < reminded_at < ends_at
    assert ends_at <= latest_within(at_most, reminded_at, calendar)


def test_a_term_that_touches_an_unannounced_year_says_so() -> None:
    start = local("2026-12-14T10:00")
    assert not due(read_rule("8wd"), start, PLAIN).is_provisional
    assert due(read_rule("9wd"), start, PLAIN).is_provisional
    assert not due(read_rule("60d"), start, PLAIN).is_provisional  # asks no calendar
    held = due(read_rule("1wd"), start, PLAIN)
    assert resume(read_rule("1wd"), held, start, local("2026-12-28T10:00"), PLAIN).is_provisional
    assert extend(read_rule("9wd"), held, PLAIN).is_provisional


def test_what_remained_when_a_hold_began_remains_when_it_ends() -> None:
    rule = read_rule("4wh")
    first = due(rule, local("2026-06-08T10:00"), PLAIN)  # 16:00
    later = resume(rule, first, local("2026-06-08T11:00"), local("2026-06-12T20:00"), PLAIN)
    assert later.at == local("2026-06-15T11:00")


def test_a_hold_of_a_night_changes_no_working_term_and_moves_one_that_runs_on() -> None:
    held = local("2026-06-08T19:00"), local("2026-06-09T07:00")
    for text, hours in (("5wd", 0), ("4wh", 0), ("3d", 12)):
        rule = read_rule(text)
        first = due(rule, local("2026-06-08T17:00"), PLAIN)
        moved = resume(rule, first, *held, PLAIN).at - first.at
        assert moved == timedelta(hours=hours)


def test_a_term_that_is_over_is_not_brought_back_by_a_hold() -> None:
    rule = read_rule("1wd")
    over = due(rule, local("2026-06-08T10:00"), PLAIN)
    assert resume(rule, over, over.at, local("2026-07-01T10:00"), PLAIN) == over


def test_an_extension_is_the_term_once_more() -> None:
    for text in ("2h", "3d", "4wh", "5wd", "5wdh"):
        rule = read_rule(text)
        twice = DeadlineRule(kind=rule.kind, amount=2 * rule.amount, by_the_hour=rule.by_the_hour)
        start = local("2025-09-28T13:00")
        assert extend(rule, due(rule, start, PLAIN), PLAIN) == due(twice, start, PLAIN)


def test_time_used_leaves_out_what_was_held() -> None:
    since, until = local("2026-06-05T10:00"), local("2026-06-09T10:00")
    hold = Hold(held_from=local("2026-06-05T17:00"), held_until=local("2026-06-08T09:00"))
    assert working_time(since, until, PLAIN) == timedelta(hours=16)
    assert time_used(read_rule("1wh"), since, until, PLAIN, holds=[hold]) == timedelta(hours=14)
    assert time_used(read_rule("1d"), since, until, PLAIN, holds=[hold]) == timedelta(hours=32)


def minutes_worked(start: datetime, hours: int) -> datetime:
    """The slow way: minute by minute, with the library's own word on each day."""
    at, left = start, hours * 60
    while left:
        opens = 8 <= at.hour < 12 or 14 <= at.hour < 18
        left -= opens and chinese_calendar.is_workday(at.date())
        at += timedelta(minutes=1)
    return at


@settings(max_examples=25, deadline=None)
@given(
    st.datetimes(
        datetime.fromisoformat("2018-01-01"),
        datetime.fromisoformat("2026-11-01"),
        timezones=st.just(LOCAL),
    ),
    st.integers(1, 30),
)
def test_working_hours_are_those_counted_minute_by_minute(start: datetime, hours: int) -> None:
    start = start.replace(second=0, microsecond=0)
    rule = DeadlineRule(kind=RuleKind.WORK_HOUR, amount=hours)
    assert due(rule, start, PLAIN).at == minutes_worked(start, hours)


@given(st.dates(date(2018, 1, 1), date(2026, 9, 1)), st.integers(1, 30))
def test_working_days_are_those_of_the_library(start: date, days: int) -> None:
    last, left = start, days
    while left:
        last += timedelta(days=1)
        left -= chinese_calendar.is_workday(last)
    rule = DeadlineRule(kind=RuleKind.WORK_DAY, amount=days)
    ends_at = due(rule, datetime.combine(start, time(9), LOCAL), PLAIN).at
    assert ends_at == datetime.combine(last, time(18), LOCAL)


@given(RULES, STARTS, CALENDARS)
def test_a_term_ends_after_it_begins(
    rule: DeadlineRule, start: datetime, calendar: WorkCalendar
) -> None:
    assert due(rule, start, calendar).at > start
    assert due(rule, start, calendar) == due(rule, start.astimezone(UTC), calendar)


@given(RULES, STARTS, SPANS, CALENDARS)
def test_what_begins_later_ends_no_earlier(
    rule: DeadlineRule, start: datetime, later: timedelta, calendar: WorkCalendar
) -> None:
    assert due(rule, start, calendar).at <= due(rule, start + later, calendar).at


@given(RULES, STARTS, st.integers(1, 30), CALENDARS)
def test_a_longer_term_ends_later(
    rule: DeadlineRule, start: datetime, more: int, calendar: WorkCalendar
) -> None:
    longer = DeadlineRule(kind=rule.kind, amount=rule.amount + more, by_the_hour=rule.by_the_hour)
    assert due(rule, start, calendar).at < due(longer, start, calendar).at


@given(RULES, STARTS, CALENDARS)
def test_a_term_is_so_many_times_a_term_of_one(
    rule: DeadlineRule, start: datetime, calendar: WorkCalendar
) -> None:
    one = DeadlineRule(kind=rule.kind, amount=1, by_the_hour=rule.by_the_hour)
    at = start
    for _ in range(rule.amount):
        at = due(one, at, calendar).at
    assert at == due(rule, start, calendar).at


def test_terms_of_different_kinds_do_not_change_places() -> None:
    # The close of a day and the time of the day are two things: which comes first matters.
    start = local("2026-06-08T17:30")
    days, hours = read_rule("1wd"), read_rule("2wh")
    days_first = due(hours, due(days, start, PLAIN).at, PLAIN)
    hours_first = due(days, due(hours, start, PLAIN).at, PLAIN)
    assert (days_first.at, hours_first.at) == (local("2026-06-10T10:00"), local("2026-06-10T18:00"))


@given(RULES, STARTS, SPANS, SPANS, CALENDARS)
def test_a_hold_of_no_length_changes_nothing_and_any_other_brings_nothing_forward(
    rule: DeadlineRule,
    start: datetime,
    after: timedelta,
    length: timedelta,
    calendar: WorkCalendar,
) -> None:
    first = due(rule, start, calendar)
    held = start + after
    assert resume(rule, first, held, held, calendar) == first
    assert resume(rule, first, held, held + length, calendar).at >= first.at


@given(RULES, STARTS, SPANS, SPANS, CALENDARS)
def test_a_hold_keeps_what_remained(
    rule: DeadlineRule,
    start: datetime,
    after: timedelta,
    length: timedelta,
    calendar: WorkCalendar,
) -> None:
    first = due(rule, start, calendar)
    held = Hold(held_from=start + after, held_until=start + after + length)
    assume(held.held_from < first.at)
    ends_at = resume(rule, first, held.held_from, held.held_until, calendar).at
    remained = time_used(rule, held.held_from, first.at, calendar)
    assert time_used(rule, held.held_until, ends_at, calendar) == remained
    without = time_used(rule, start, first.at, calendar)
    assert time_used(rule, start, ends_at, calendar, holds=[held]) == without


@given(RULES, STARTS, SPANS, SPANS, CALENDARS)
def test_one_hold_is_as_good_as_its_two_halves(
    rule: DeadlineRule,
    start: datetime,
    after: timedelta,
    length: timedelta,
    calendar: WorkCalendar,
) -> None:
    first, begins = due(rule, start, calendar), start + after
    middle, until = begins + length / 2, begins + length
    halves = resume(rule, resume(rule, first, begins, middle, calendar), middle, until, calendar)
    assert halves.at == resume(rule, first, begins, until, calendar).at


@given(RULES, STARTS, SPANS, CALENDARS)
def test_an_extension_before_or_after_a_hold_is_the_same(
    rule: DeadlineRule, start: datetime, after: timedelta, calendar: WorkCalendar
) -> None:
    first, begins = due(rule, start, calendar), start + after
    assume(begins < first.at)
    until = begins + timedelta(days=3)
    held_first = extend(rule, resume(rule, first, begins, until, calendar), calendar)
    hold = Hold(held_from=begins, held_until=until)
    anew = due_after(rule, start, calendar, extensions=1, holds=[hold])
    assert isinstance(anew, Due)
    assert anew.at == held_first.at


@given(STARTS, SPANS, SPANS, CALENDARS)
def test_working_time_adds_up(
    start: datetime, one: timedelta, other: timedelta, calendar: WorkCalendar
) -> None:
    middle, end = start + one, start + one + other
    parts = working_time(start, middle, calendar) + working_time(middle, end, calendar)
    assert parts == working_time(start, end, calendar)
    assert timedelta(0) <= working_time(start, middle, calendar) <= one
