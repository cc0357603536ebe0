from datetime import UTC, date, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gis.work_day import fixes_of_day, reading_period, touched_days

DAY = date(2026, 11, 22)
MIDNIGHT = datetime(2026, 11, 21, 16, tzinfo=UTC)  # in China the 22nd begins


def seconds(*minutes: float) -> np.ndarray:
    """Minutes after midnight."""
    return MIDNIGHT.timestamp() + np.array(minutes, float) * 60


def minutes_of(day: date, *minutes: float) -> list[float]:
    t_s = seconds(*minutes)
    return [minutes[index] for index in range(len(minutes))[fixes_of_day(t_s, day)]]


def test_a_day_begins_at_midnight_in_china_for_whoever_is_silent_then() -> None:
    assert minutes_of(DAY, -60, 1, 600) == [1, 600]


def test_who_is_on_the_way_at_midnight_is_in_the_day_before_until_the_first_silence() -> None:
    walk = (-8, -4, 0, 4, 8)
    assert minutes_of(DAY, *walk, 14, 18) == [14, 18]
    assert minutes_of(DAY - timedelta(days=1), *walk, 14, 18) == list(walk)


def test_who_is_never_silent_begins_the_day_at_six() -> None:
    vehicle = range(-60, 600, 2)
    assert minutes_of(DAY, *vehicle)[0] == 360
    assert minutes_of(DAY - timedelta(days=1), *vehicle)[-1] == 358


AROUND = st.lists(st.integers(-3 * 24 * 60, 3 * 24 * 60), min_size=1, max_size=60, unique=True)


def on_day(day: date, minutes: list[int]) -> set[int]:
    """Of fixes that lie in the day's reading period, as they are read."""
    since, until = reading_period(day)
    read = [m for m in sorted(minutes) if since <= MIDNIGHT + timedelta(minutes=m) < until]
    return set(minutes_of(day, *read))


@given(minutes=AROUND)
def test_each_fix_is_in_exactly_one_day(minutes: list[int]) -> None:
    days = [DAY + timedelta(days=n) for n in range(-5, 5)]
    assert sorted(m for day in days for m in on_day(day, minutes)) == sorted(minutes)


@given(minutes=AROUND, late=st.integers(-600, 600))
def test_only_the_days_that_a_fix_touches_are_others_with_it(minutes: list[int], late: int) -> None:
    at = np.array([MIDNIGHT.replace(tzinfo=None) + timedelta(minutes=late)], "M8[us]")
    _, touched = touched_days(np.array([1]), at)
    assert 1 <= len(touched) <= 2
    for day in (DAY + timedelta(days=n) for n in range(-5, 5)):
        if day not in touched.tolist():
            assert on_day(day, [*minutes, late]) == on_day(day, minutes) | (
                {late} & set(minutes) & on_day(day, minutes)
            )


def test_each_unit_and_day_is_named_once() -> None:
    at = np.arange("2026-11-22T02", "2026-11-22T03", 10, "M8[s]").astype("M8[us]")
    units = np.repeat([1, 2], len(at))
    unit_id, day = touched_days(units, np.tile(at, 2))
    assert unit_id.tolist() == [1, 2]
    assert day.tolist() == [DAY, DAY]
    assert len(touched_days(units[:0], at[:0])[0]) == 0
