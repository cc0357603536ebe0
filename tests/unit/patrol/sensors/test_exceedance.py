from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from patrol.sensors.exceedance import (
    Direction,
    Exceedance,
    Known,
    Threshold,
    exceedances_of,
    reconcile,
)

START = datetime(2026, 11, 27, tzinfo=UTC)
LEVEL = Threshold(direction=Direction.ABOVE, value=10, clears_at=8, for_s=60)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def found(*readings: tuple[float, float], threshold: Threshold = LEVEL) -> list[tuple]:
    """(begun, ended, peak) in seconds."""
    series = [(at(second), value) for second, value in readings]
    return [
        (
            (each.begun_at - START).total_seconds(),
            None if each.ended_at is None else (each.ended_at - START).total_seconds(),
            each.peak,
        )
        for each in exceedances_of(series, threshold)
    ]


def test_it_lasts_from_the_first_beyond_to_the_first_that_is_clear():
    assert found((0, 5), (10, 11), (80, 15), (90, 7)) == [(10, 90, 15)]


def test_what_does_not_last_is_none():
    assert found((0, 11), (59, 12), (61, 7)) == []
    assert found((0, 11)) == []


def test_what_trembles_between_threshold_and_clear_is_one():
    assert found((0, 11), (30, 9), (70, 11), (100, 9), (130, 8)) == [(0, 130, 11)]


def test_what_never_was_beyond_is_none_however_near():
    assert found((0, 10), (100, 10)) == []


def test_below_is_the_same_upside_down():
    battery = Threshold(direction=Direction.BELOW, value=20, clears_at=30, for_s=0)
    assert found((0, 25), (1, 19), (2, 12), (3, 29), (4, 30), threshold=battery) == [(1, 4, 12)]


def known(number: int, begun: float, ended: float | None, *, withdrawn: bool = False) -> Known:
    return Known(id=number, exceedance=of(begun, ended), is_withdrawn=withdrawn)


def of(begun: float, ended: float | None) -> Exceedance:
    return Exceedance(begun_at=at(begun), ended_at=None if ended is None else at(ended), peak=11)


def test_one_that_grew_is_the_same_one():
    outcome = reconcile([known(7, 10, None)], [of(5, 100)])
    assert (outcome.new, outcome.changed, outcome.withdrawn) == ([], [(7, of(5, 100))], [])


def test_one_that_falls_apart_is_one_more_and_one_that_vanishes_is_withdrawn():
    outcome = reconcile([known(7, 10, 100)], [of(10, 40), of(60, 100)])
    assert (outcome.new, outcome.changed) == ([of(60, 100)], [(7, of(10, 40))])
    assert reconcile([known(7, 10, 100)], []).withdrawn == [7]


def test_one_that_comes_back_gets_no_second_case():
    outcome = reconcile([known(7, 10, 100, withdrawn=True)], [of(20, 50)])
    assert (outcome.new, outcome.changed) == ([], [(7, of(20, 50))])


def test_nothing_is_written_where_nothing_changed():
    outcome = reconcile([known(7, 10, 100)], [of(10, 100)])
    assert (outcome.new, outcome.changed, outcome.withdrawn) == ([], [], [])


@given(st.lists(st.floats(0, 20), min_size=1, max_size=30), st.integers(0, 100))
def test_they_are_apart_in_order_and_beyond(values, for_s):
    threshold = Threshold(direction=Direction.ABOVE, value=10, clears_at=8, for_s=for_s)
    series = [(at(30 * i), value) for i, value in enumerate(values)]
    all_of_them = exceedances_of(series, threshold)
    for one, after in pairwise(all_of_them):
        assert one.ended_at is not None
        assert one.ended_at < after.begun_at
        assert not one.overlaps(after)
    assert all(each.peak > 10 for each in all_of_them)


@given(st.lists(st.floats(0, 20), min_size=1, max_size=30), st.integers(0, 29))
def test_a_clear_reading_separates_before_from_after(values, where):
    series = [(at(30 * i), value) for i, value in enumerate(values)]
    clear = [i for i, value in enumerate(values) if LEVEL.is_cleared_by(value)]
    cut = next((i for i in clear if i >= where), None)
    if cut is None:
        return
    whole = exceedances_of(series, LEVEL)
    assert whole == [
        *exceedances_of(series[: cut + 1], LEVEL),
        *exceedances_of(series[cut:], LEVEL),
    ]
