from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from layers.cameras.rounds import RoundStop, VideoRound, schedule
from layers.cameras.seeing import angle_between

START = datetime(2026, 11, 27, tzinfo=UTC)


def round_of(*dwell_s: int) -> VideoRound:
    stops = tuple(RoundStop(camera=f"{i}", dwell_s=s) for i, s in enumerate(dwell_s))
    return VideoRound(id=1, name="", stops=stops, begins_at=START)


def test_it_goes_round():
    one = round_of(10, 20)
    shown = schedule(one, START + timedelta(seconds=30 * 1000 + 12), 3)
    assert [each.camera for each in shown] == ["1", "0", "1"]
    assert shown[0].from_at == START + timedelta(seconds=30 * 1000 + 10)
    assert shown[0].to_at == shown[1].from_at == START + timedelta(seconds=30 * 1001)


@given(
    st.lists(st.integers(5, 100), min_size=1, max_size=6),
    st.integers(-(10**6), 10**6),
    st.integers(0, 999_999),
)
def test_what_plays_covers_the_moment_and_nothing_is_left_out(dwell_s, second, microsecond):
    one = round_of(*dwell_s)
    at = START + timedelta(seconds=second, microseconds=microsecond)
    shown = schedule(one, at, len(dwell_s) + 1)
    assert shown[0].from_at <= at < shown[0].to_at
    assert (shown[0].from_at - START).total_seconds() % one.lasts_s == sum(
        dwell_s[: int(shown[0].camera)]
    )
    for one_shown, next_shown in pairwise(shown):
        assert one_shown.to_at == next_shown.from_at
    assert {each.camera for each in shown} == {stop.camera for stop in one.stops}


@given(st.floats(0, 360), st.floats(0, 360))
def test_an_angle_is_the_same_both_ways_and_never_beyond_half_a_turn(a, b):
    assert 0 <= angle_between(a, b) <= 180
    assert abs(angle_between(a, b) - angle_between(b, a)) < 1e-9
