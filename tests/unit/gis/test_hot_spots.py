import warnings
from itertools import combinations
from math import comb, sqrt

import numpy as np
import pytest
from h3.api import basic_int
from hypothesis import given
from hypothesis import strategies as st

from gis.cells import Cells, lonlat_to_cell, lonlat_to_cells, neighbour_pairs
from gis.errors import InvalidInput
from gis.hot_spots import (
    Course,
    Trend,
    courses,
    false_discovery_rates,
    find_hot_spots,
    sum_probabilities,
)

MIDDLE = int(lonlat_to_cells([118.6], [34.5], 9)[0])


def disk(rings: int) -> Cells:
    """The middle and so many rings of cells around it: 1, 7, 19, 37... of them."""
    return np.unique(np.array(basic_int.grid_disk(MIDDLE, rings), np.uint64))


def place(cells: Cells, cell: int = MIDDLE) -> int:
    return int(np.searchsorted(cells, np.uint64(cell)))


def test_the_hand_computed_case_of_a_full_flower_in_an_empty_ring() -> None:
    """19 cells, 1 in each of the inner 7. Mean 7/19, variance 84/19²: the middle has 7 where 49/19 is
    usual, so z is (84/19) / (sqrt(84)/19 * sqrt(7*12/18)), the square root of 18; and of all C(19, 7)
    ways to choose 7 cells one has that sum."""
    cells = disk(2)
    counts = np.isin(cells, disk(1)).astype(np.int64)
    found = find_hot_spots(cells, counts)
    middle = place(cells)
    assert found.z[middle] == pytest.approx(sqrt(18))
    assert found.p[middle] == pytest.approx(2 / comb(19, 7))
    assert found.neighbours[middle] == 6
    assert found.neighbours.min() == 3  # on the edge
    assert found.hot()[middle]


@pytest.mark.filterwarnings("ignore")
def test_z_is_that_of_esda() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from esda.getisord import G_Local
        from libpysal.weights import W
    cells = disk(8)
    counts = np.random.default_rng(1).poisson(2.0, len(cells))
    here, beside = neighbour_pairs(cells)
    others = {
        number: beside[(here == number) & (beside != number)].tolist()
        for number in range(len(cells))
    }
    theirs = G_Local(
        counts.astype(float), W(others, silence_warnings=True), "B", permutations=0, star=True
    )
    assert find_hot_spots(cells, counts).z == pytest.approx(theirs.Zs, abs=1e-9)


@given(st.lists(st.integers(0, 4), min_size=4, max_size=8), st.integers(1, 4))
def test_the_chance_of_a_sum_is_that_of_trying_all_choices(counts: list[int], draws: int) -> None:
    sums = [sum(chosen) for chosen in combinations(counts, draws)]
    expected = np.bincount(sums, minlength=sum(sorted(counts)[-draws:]) + 1) / len(sums)
    assert sum_probabilities(np.array(counts), draws) == pytest.approx(expected)


def test_a_planted_cluster_is_found_and_little_else() -> None:
    cells = disk(15)
    counts = np.random.default_rng(2).poisson(0.3, len(cells))
    planted = np.isin(cells, disk(1))
    counts[planted] += 3
    hot = find_hot_spots(cells, counts).hot()
    assert hot[planted].all()
    assert not hot[~np.isin(cells, disk(2))].any()


@pytest.mark.parametrize("mean", [0.01, 0.3, 3.0])
def test_of_even_noise_hardly_anything_is_hot_or_cold(mean: float) -> None:
    cells = disk(15)
    shares = []
    for seed in range(20):
        found = find_hot_spots(cells, np.random.default_rng(seed).poisson(mean, len(cells)))
        shares.append((found.hot() | found.cold()).mean())
    assert np.mean(shares) < 0.001


def test_single_cases_far_apart_are_no_hot_spots() -> None:
    """The normal curve would say so of each: z is above 3."""
    cells = disk(15)
    counts = np.zeros(len(cells), np.int64)
    counts[[place(cells), 0, 100, -1]] = 1
    found = find_hot_spots(cells, counts)
    assert found.z.max() > 3
    assert not found.hot().any()


def test_where_all_cells_are_alike_none_stands_out() -> None:
    for counts in (np.zeros(19, np.int64), np.full(19, 5)):
        found = find_hot_spots(disk(2), counts)
        assert found.z.tolist() == [0.0] * 19
        assert found.p.tolist() == [1.0] * 19
    assert len(find_hot_spots(disk(0)[:0], np.empty(0, np.int64)).z) == 0


def test_counts_without_end_are_refused() -> None:
    counts = np.zeros(19, np.int64)
    counts[0] = 10**6
    with pytest.raises(InvalidInput, match="finer resolution"):
        find_hot_spots(disk(2), counts)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_false_discovery_rates_are_those_of_scipy(p: list[float]) -> None:
    from scipy.stats import false_discovery_control

    assert false_discovery_rates(np.array(p)) == pytest.approx(false_discovery_control(p))


def test_a_trend_is_what_became_of_a_cell() -> None:
    windows = np.array(
        [
            [False, True, True, False, True],
            [False, True, False, False, True],
            [False, True, False, False, False],
            [False, True, True, True, False],
        ]
    )
    assert courses(windows) == [
        None,
        Course(trend=Trend.PERSISTENT, since=0, until=4, times=4),
        Course(trend=Trend.RECURRING, since=3, until=4, times=2),
        Course(trend=Trend.NEW, since=3, until=4, times=1),
        Course(trend=Trend.DIMINISHING, since=0, until=2, times=2),
    ]


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_a_course_ends_with_the_last_run_of_hot_windows(seen: list[bool]) -> None:
    [course] = courses([np.array([each]) for each in seen])
    if course is None:
        assert not any(seen)
    else:
        assert all(seen[course.since : course.until])
        assert not any(seen[course.until :])
        assert course.since == 0 or not seen[course.since - 1]
        assert course.times == sum(seen)


def test_neighbours_share_an_edge_and_are_among_the_cells() -> None:
    cells = disk(1)
    here, beside = neighbour_pairs(cells)
    assert len(here) == 7 + 6 * 3 + 6  # themselves, of those around three each, of the middle six
    assert set(beside[here == place(cells)].tolist()) == set(range(7))
    assert lonlat_to_cell(118.6, 34.5, 9) == basic_int.int_to_str(MIDDLE)
