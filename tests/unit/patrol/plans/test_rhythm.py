"""When rounds are: by the clock in China, and the same however one asks."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import InvalidInput
from gis.local_time import LOCAL, Window
from patrol.plans.rhythm import (
    EveryHours,
    Rhythm,
    Round,
    Weekly,
    json_to_rhythm,
    rhythm_to_json,
    rounds_between,
    rounds_over,
)

instants = st.integers(0, 10 * 366 * 24 * 60).map(
    lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
clocks = st.times().map(lambda at: at.replace(second=0, microsecond=0))
weekly = st.builds(
    Weekly,
    weekdays=st.lists(st.integers(1, 7), min_size=1, unique=True).map(tuple),
    windows=st.lists(
        st.builds(Window, begins=clocks, ends=clocks),
        min_size=1,
        max_size=4,
        unique_by=lambda window: window.begins,
    ).map(tuple),
)
rhythms = st.one_of(st.builds(EveryHours, hours=st.integers(1, 744)), weekly)
spans = st.integers(0, 40 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


def rounds(rhythm: Rhythm, since: str, until: str, **valid: datetime | None) -> list[Round]:
    limits: dict[str, Any] = {"valid_from": at("2026-01-01 00:00"), "valid_to": None, **valid}
    return rounds_between(rhythm, at(since), at(until), **limits)


def at(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=LOCAL).astimezone(UTC)


def test_a_night_round_begins_on_its_day_and_ends_on_the_next() -> None:
    night = Weekly(weekdays=(5,), windows=(Window(begins=time(22), ends=time(6)),))
    assert rounds(night, "2026-11-23 00:00", "2026-11-30 00:00") == [
        Round(begins_at=at("2026-11-27 22:00"), ends_at=at("2026-11-28 06:00"))
    ]


def test_days_are_those_of_the_clock_in_china() -> None:
    early = Weekly(weekdays=(1,), windows=(Window(begins=time(7), ends=time(8)),))
    [monday] = rounds(early, "2026-11-22 12:00", "2026-11-24 00:00")
    assert monday.begins_at == datetime(2026, 11, 22, 23, tzinfo=UTC)  # still Sunday there


def test_hours_are_counted_from_the_beginning_of_the_plan() -> None:
    found = rounds(
        EveryHours(hours=5),
        "2026-11-27 07:00",
        "2026-11-27 18:00",
        valid_from=at("2026-11-27 00:30"),
    )
    assert [each.begins_at for each in found] == [
        at("2026-11-27 10:30"),
        at("2026-11-27 15:30"),
    ]


def test_a_round_that_the_plan_does_not_live_to_see_is_none() -> None:
    hourly = EveryHours(hours=1)
    limits = {"valid_from": at("2026-11-27 08:00"), "valid_to": at("2026-11-27 10:30")}
    found = rounds(hourly, "2026-11-27 00:00", "2026-11-28 00:00", **limits)
    assert [each.begins_at for each in found] == [at("2026-11-27 08:00"), at("2026-11-27 09:00")]


@given(rhythms, instants, instants, spans, st.one_of(st.none(), spans), st.floats(0, 1))
def test_asked_in_parts_they_are_the_same(rhythm, valid_from, since, length, lasts, share) -> None:
    valid_to = None if lasts is None else valid_from + lasts
    limits = {"valid_from": valid_from, "valid_to": valid_to}
    until, middle = since + length, since + length * share
    whole = rounds_between(rhythm, since, until, **limits)
    parts = [
        *rounds_between(rhythm, since, middle, **limits),
        *rounds_between(rhythm, middle, until, **limits),
    ]
    assert parts == whole
    for each in whole:
        assert max(since, valid_from) <= each.begins_at < until
        assert each.begins_at < each.ends_at
        assert valid_to is None or each.ends_at <= valid_to
        assert each.begins_at.tzinfo is UTC


@given(weekly, st.dates(date(2020, 1, 1), date(2029, 1, 1)))
def test_a_week_has_each_window_once_on_each_of_its_days(rhythm: Weekly, monday: date) -> None:
    begin = datetime.combine(monday, time(), LOCAL).astimezone(UTC)
    found = rounds_between(
        rhythm, begin, begin + timedelta(days=7), valid_from=begin, valid_to=None
    )
    assert len(found) == len(rhythm.weekdays) * len(rhythm.windows)
    for each in found:
        local = each.begins_at.astimezone(LOCAL)
        assert local.isoweekday() in rhythm.weekdays
        assert local.time() in {window.begins for window in rhythm.windows}
        assert each.ends_at - each.begins_at <= timedelta(days=1)


@given(rhythms)
def test_a_rhythm_is_stored_as_it_is(rhythm: Rhythm) -> None:
    assert json_to_rhythm(rhythm_to_json(rhythm)) == rhythm


@pytest.mark.parametrize(
    "make",
    [
        lambda: EveryHours(hours=0),
        lambda: EveryHours(hours=745),
        lambda: Weekly(weekdays=(), windows=(Window(begins=time(8), ends=time(9)),)),
        lambda: Weekly(weekdays=(8,), windows=(Window(begins=time(8), ends=time(9)),)),
        lambda: Weekly(weekdays=(1,), windows=()),
        lambda: Weekly(weekdays=(1,), windows=(Window(begins=time(8), ends=time(9)),) * 2),
    ],
)
def test_what_is_no_rhythm_is_refused(make) -> None:
    with pytest.raises(InvalidInput):
        make()


@given(rhythm=rhythms, valid_from=instants, after=spans, length=spans, valid_for=spans)
def test_rounds_by_their_ends_are_those_by_their_beginnings(
    rhythm: Rhythm,
    valid_from: datetime,
    after: timedelta,
    length: timedelta,
    valid_for: timedelta,
) -> None:
    since = valid_from + after
    validity: dict[str, Any] = {"valid_from": valid_from, "valid_to": valid_from + valid_for}
    every = rounds_between(rhythm, valid_from, since + length, **validity)
    over = rounds_over(rhythm, since, since + length, **validity)
    assert [each.ends_at for each in over] == sorted(each.ends_at for each in over)
    assert {*over} == {each for each in every if since < each.ends_at <= since + length}
