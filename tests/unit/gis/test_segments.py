import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.geodesy import leg_lengths_m
from gis.segments import SegmentParameters, Segments, cut_into_segments

BEGIN_S = 1_700_000_400.0  # a full ten minutes
PER_M = 1 / 111_000


def cut(t_s: np.ndarray, metres: np.ndarray, **parameters: float) -> Segments:
    return cut_into_segments(
        BEGIN_S + t_s,
        np.full(len(t_s), 118.6),
        34.5 + metres * PER_M,
        gap_s=300,
        parameters=SegmentParameters(**parameters),  # type: ignore[arg-type]
    )


def ranges(segments: Segments) -> list[tuple[int, int]]:
    return list(zip(segments.first.tolist(), segments.last.tolist(), strict=True))


def test_a_walk_is_cut_at_every_full_ten_minutes_and_the_pieces_share_their_ends() -> None:
    t_s = np.arange(0, 1500, 100.0)
    assert ranges(cut(t_s, t_s * 0.1)) == [(0, 6), (6, 12), (12, 14)]


def test_a_drive_is_cut_by_its_length_and_many_fixes_by_their_number() -> None:
    t_s = np.arange(0, 100, 10.0)
    assert ranges(cut(t_s, t_s * 20.1)) == [(0, 3), (3, 5), (5, 8), (8, 9)]
    assert ranges(cut(t_s, t_s, fixes=4)) == [(0, 4), (4, 8), (8, 9)]


def test_nothing_is_said_of_a_gap_and_a_lone_fix_stands_for_itself() -> None:
    t_s = np.array([0, 10, 400, 800, 810.0])
    segments = cut(t_s, t_s)
    assert ranges(segments) == [(0, 1), (2, 2), (3, 4)]
    assert segments.length_m.tolist() == pytest.approx([10, 0, 10], rel=0.01)
    assert segments.max_speed_mps.tolist() == pytest.approx([1, 0, 1], rel=0.01)


def test_of_nothing_there_are_no_segments() -> None:
    assert len(cut(np.empty(0), np.empty(0))) == 0


@given(steps=st.lists(st.tuples(st.integers(1, 700), st.integers(0, 900)), max_size=60))
def test_every_leg_without_a_gap_is_in_exactly_one_segment_and_every_fix_in_some(
    steps: list[tuple[int, int]],
) -> None:
    t_s, metres = np.cumsum(np.array([(0, 0), *steps], float), axis=0).T
    segments = cut(t_s, metres)
    legs = [leg for first, last in ranges(segments) for leg in range(first, last)]
    assert legs == np.flatnonzero(np.diff(t_s) <= 300).tolist()
    fixes = {fix for first, last in ranges(segments) for fix in range(first, last + 1)}
    assert fixes == set(range(len(t_s)))
    heard_m = leg_lengths_m(np.full(len(t_s), 118.6), 34.5 + metres * PER_M)[legs].sum()
    assert segments.length_m.sum() == pytest.approx(heard_m)
    assert np.all(t_s[segments.last] - t_s[segments.first] < 600 + 300)
