"""Cells that tracks reach."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon, Point, Polygon, box

from gis.cells import cell_name, cell_polygon, cells_in, cells_within, lonlat_to_cell
from gis.coverage import cells_along, count_visits
from gis.ratio import Ratio

RESOLUTION = 10
LON, LAT = 118.65, 34.5
DEG_PER_M = 1 / 111_195


def along(
    t_s: list[float], north_m: list[float], *, line: list[int] | None = None
) -> tuple[set[str], NDArray[np.float64]]:
    lat = LAT + np.array(north_m) * DEG_PER_M
    reached = cells_along(
        np.array(t_s, np.float64),
        np.full(len(t_s), LON),
        lat,
        line=np.array(line or [0] * len(t_s), np.int64),
        resolution=RESOLUTION,
    )
    return {cell_name(cell) for cell in reached.cell.tolist()}, reached.t_s


def test_no_fixes_reach_nothing() -> None:
    reached = cells_along(
        *(np.empty(0) for _ in range(3)), line=np.empty(0, np.int64), resolution=RESOLUTION
    )
    assert len(reached) == len(count_visits(reached.cell, reached.t_s, reached.after)) == 0


def test_a_fix_reaches_its_cell() -> None:
    assert along([0], [0])[0] == {lonlat_to_cell(LON, LAT, RESOLUTION)}


def test_the_way_between_two_near_fixes_is_reached_too() -> None:
    reached, t_s = along([0, 100], [0, 480])
    way = LineString([(LON, LAT), (LON, LAT + 480 * DEG_PER_M)])
    assert all(cell_polygon(cell).distance(way) < 1e-6 for cell in reached)
    assert len(reached) >= 4
    assert (t_s.min(), t_s.max()) == (0, 100)


@pytest.mark.parametrize(
    ("t_s", "north_m", "line"),
    [([0, 100], [0, 510], [0, 0]), ([0, 121], [0, 400], [0, 0]), ([0, 100], [0, 400], [0, 1])],
    ids=["too far", "too long", "of two lines"],
)
def test_between_two_distant_fixes_nothing_is_taken_to_be_reached(
    t_s: list[float], north_m: list[float], line: list[int]
) -> None:
    ends = {lonlat_to_cell(LON, LAT + m * DEG_PER_M, RESOLUTION) for m in north_m}
    assert along(t_s, north_m, line=line)[0] == ends


@given(
    st.lists(
        st.tuples(st.integers(1, 100), st.floats(-300, 300), st.floats(-300, 300)),
        min_size=2,
        max_size=20,
    ),
    st.data(),
)
def test_a_track_cut_anywhere_reaches_the_same(
    legs: list[tuple[int, float, float]], data: st.DataObject
) -> None:
    """As segments are: the last fix of one is the first of the next."""
    t_s, east_m, north_m = (np.cumsum(column) for column in zip(*legs, strict=True))
    lon, lat = LON + east_m * DEG_PER_M, LAT + north_m * DEG_PER_M
    cut = data.draw(st.integers(0, len(t_s) - 1))
    twice = np.r_[0 : cut + 1, cut : len(t_s)]

    def reached(fixes: NDArray[np.int64], line: NDArray[np.int64]) -> set[tuple[int, float]]:
        found = cells_along(
            t_s[fixes].astype(np.float64),
            lon[fixes],
            lat[fixes],
            line=line,
            resolution=RESOLUTION,
        )
        return set(zip(found.cell.tolist(), found.t_s.tolist(), strict=True))

    whole = reached(np.arange(len(t_s)), np.zeros(len(t_s), np.int64))
    assert reached(twice, (np.arange(len(twice)) > cut).astype(np.int64)) == whole


SEEN = st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(0, 10_000))


@given(st.lists(SEEN, max_size=30), st.randoms(use_true_random=False))
def test_visits_do_not_depend_on_the_order_in_which_they_are_told(seen, random) -> None:
    shuffled = [*seen, *seen[:5]]
    random.shuffle(shuffled)

    def counted(told: list[tuple[int, int, int]]) -> list[tuple[int, int, float]]:
        cell, who, t_s = (list(column) for column in zip(*told, strict=True)) if told else [[]] * 3
        found = count_visits(np.array(cell, np.uint64), np.array(t_s, float), np.array(who, int))
        return list(
            zip(found.cell.tolist(), found.visits.tolist(), found.last_s.tolist(), strict=True)
        )

    assert counted(shuffled) == counted(seen)


def test_who_comes_back_soon_was_there_once_and_two_were_there_twice() -> None:
    cell = np.full(5, 7, np.uint64)
    t_s = np.array([0.0, 1800, 3601, 100, 200])
    found = count_visits(cell, t_s, np.array([1, 1, 1, 2, 2]))
    assert (found.visits.tolist(), found.last_s.tolist()) == ([3], [3601])


def test_areas_side_by_side_share_out_their_cells() -> None:
    west, east = box(118.60, 34.5, 118.62, 34.52), box(118.62, 34.5, 118.64, 34.52)
    both = MultiPolygon([box(118.60, 34.5, 118.64, 34.52)])
    parts = [cells_within(each, RESOLUTION).tolist() for each in (west, east)]
    assert sorted(parts[0] + parts[1]) == cells_within(both, RESOLUTION).tolist()
    assert len(parts[0]) == pytest.approx(cells_in(west, RESOLUTION), rel=0.1)
    for cell in parts[0]:
        assert west.buffer(1e-6).covers(Point(cell_polygon(cell_name(cell)).centroid))


def test_an_area_smaller_than_a_cell_may_have_none() -> None:
    assert len(cells_within(box(118.60, 34.5, 118.60001, 34.50001), RESOLUTION)) == 0
    assert len(cells_within(Polygon(), RESOLUTION)) == 0


def test_a_ratio_of_nothing_is_no_number() -> None:
    assert Ratio(reached=0, required=0).rate is None
    assert Ratio.sum([Ratio(reached=1, required=2), Ratio(reached=2, required=2)]).rate == 0.75
