from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.geodesy import WGS84
from gis.passages import Passage, find_passages

PLACE = (118.6, 34.5)
BEGIN_S = 1_700_000_000.0


def at(east_m: np.ndarray, north_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions so far from the place, on the ellipsoid."""
    azimuth, metres = np.degrees(np.arctan2(east_m, north_m)), np.hypot(east_m, north_m)
    ones = np.ones(len(east_m))
    lon, lat, _ = WGS84.fwd(PLACE[0] * ones, PLACE[1] * ones, azimuth, metres)
    return np.array(lon), np.array(lat)


def passages(
    *fixes: tuple[float, float, float], radius_m: float = 100, **options: float
) -> tuple[Passage, ...]:
    """Fixes of (seconds, metres east, metres north)."""
    t_s, east, north = np.array(fixes, float).reshape(-1, 3).T
    lon, lat = at(east, north)
    return find_passages(
        BEGIN_S + t_s,
        lon,
        lat,
        line=np.cumsum(np.diff(t_s, prepend=t_s[:1]) > 300),
        place=PLACE,
        radius_m=radius_m,
        period_s=(BEGIN_S + options.get("since", -1e6), BEGIN_S + options.get("until", 1e6)),
    )


def test_whoever_goes_by_between_two_fixes_has_passed() -> None:
    [passage] = passages((0, -300, 80), (60, 300, 80))
    assert passage.interpolated
    assert passage.closest_m == pytest.approx(80, abs=0.01)
    assert passage.closest_s - BEGIN_S == pytest.approx(30, abs=0.01)
    assert passage.from_s - BEGIN_S == pytest.approx(24, abs=0.01)  # 60 m before the middle
    assert passage.to_s - BEGIN_S == pytest.approx(36, abs=0.01)


def test_nobody_knows_the_way_through_a_gap() -> None:
    assert passages((0, -300, 0), (301, 300, 0)) == ()


def test_a_stay_is_one_passage_from_coming_in_to_going_out() -> None:
    [passage] = passages((0, -200, 0), (10, 0, 0), (20, 5, 0), (30, 0, 0), (40, 200, 0))
    assert not passage.interpolated
    assert (passage.from_s - BEGIN_S, passage.to_s - BEGIN_S) == pytest.approx((5, 35), abs=0.01)
    assert passage.closest_m == pytest.approx(0, abs=1e-6)


def test_coming_back_is_another_passage() -> None:
    assert len(passages((0, 0, 0), (60, 500, 0), (120, 0, 0))) == 2


def test_a_lone_fix_counts_for_the_moment_that_it_is_of() -> None:
    [passage] = passages((0, 30, 40))
    assert passage.from_s == passage.to_s == passage.closest_s
    assert passage.closest_m == pytest.approx(50, abs=1e-4)
    assert passages((0, 30, 101)) == ()


def test_only_what_lies_in_the_period_counts() -> None:
    walk = [(second, second - 300.0, 0.0) for second in range(0, 600, 10)]
    [passage] = passages(*walk, since=250, until=305)
    assert (passage.from_s - BEGIN_S, passage.to_s - BEGIN_S) == pytest.approx((250, 305))
    assert passages(*walk, since=450) == ()


@given(
    steps=st.lists(
        st.tuples(st.integers(1, 400), st.integers(-300, 300), st.integers(-300, 300)),
        min_size=1,
        max_size=20,
    ),
    radius_m=st.integers(1, 300),
)
def test_it_agrees_with_looking_at_every_second(
    steps: list[tuple[int, int, int]], radius_m: int
) -> None:
    t_s = np.cumsum([step[0] for step in steps]).astype(float)
    east, north = np.array([step[1:] for step in steps], float).T
    found = passages(*zip(t_s, east, north, strict=True), radius_m=radius_m)
    assert all(a.to_s < b.from_s for a, b in pairwise(found))
    seconds = np.arange(t_s[0], t_s[-1] + 1)
    leg = np.clip(np.searchsorted(t_s, seconds, side="right") - 1, 0, max(len(t_s) - 2, 0))
    heard = np.isin(seconds, t_s)
    if len(t_s) > 1:
        heard |= np.diff(t_s)[leg] <= 300
    distance = np.hypot(np.interp(seconds, t_s, east), np.interp(seconds, t_s, north))
    for second, metres, known in zip(seconds, distance, heard, strict=True):
        if abs(metres - radius_m) > 9:  # a hundredth of a second at the greatest speed here
            inside = any(p.from_s - 0.01 <= BEGIN_S + second <= p.to_s + 0.01 for p in found)
            assert inside == (known and metres < radius_m)
