"""Pieces of roads, and who comes by them."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point

from gis.geodesy import metres_per_degree
from gis.roads import Approaches, Pieces, cut_into_pieces, pieces_along

LON, LAT = 118.6, 34.5
PER_LON, PER_LAT = metres_per_degree(LAT)

Path = list[tuple[float, float]]


def place(east_m: float, north_m: float) -> tuple[float, float]:
    return LON + east_m / PER_LON, LAT + north_m / PER_LAT


def cut(*paths: Path) -> Pieces:
    return cut_into_pieces(MultiLineString([[place(*each) for each in path] for path in paths]))


def along(pieces: Pieces, *paths: Path, width_m: float = 20, step_s: float = 10) -> Approaches:
    """Of tracks with a fix every so many seconds, each a line of its own."""
    lon, lat = np.array([place(*each) for path in paths for each in path]).reshape(-1, 2).T
    line = np.repeat(np.arange(len(paths)), [len(path) for path in paths])
    t_s = np.arange(len(lon)) * step_s
    return pieces_along(t_s, lon, lat, line=line, pieces=pieces, width_m=width_m)


def reached(*args: Any, **options: Any) -> list[int]:
    return sorted({*along(*args, **options).piece.tolist()})


def test_a_road_is_cut_into_equal_pieces_of_about_50_m() -> None:
    assert [len(cut([(0, 0), (0, metres)])) for metres in (5, 74, 76, 500, 510)] == [
        1,
        1,
        2,
        10,
        10,
    ]
    lon, lat = cut([(0, 0), (0, 100)]).place(0)
    assert (lon, lat) == (pytest.approx(LON), pytest.approx(place(0, 25)[1], abs=1e-7))


def test_lines_that_go_on_as_one_are_one() -> None:
    assert len(cut([(0, 0), (0, 30)], [(0, 30), (0, 60)], [(0, 60), (0, 100)])) == 2
    assert len(cut([(0, 0), (0, 30)], [(50, 0), (50, 30)])) == 2


def test_who_comes_near_the_middle_of_a_piece_has_reached_it() -> None:
    road = cut([(0, 0), (0, 100)])
    assert reached(road, [(15, 0), (15, 100)]) == [0, 1]
    assert reached(road, [(25, 0), (25, 100)]) == []
    assert reached(road, [(25, 0), (25, 100)], width_m=30) == [0, 1]
    assert reached(road, [(-300, 25), (300, 25)]) == [0]  # straight across, between two fixes
    assert reached(road, [(0, 0), (0, 4)]) == []  # only its end


def test_a_lone_fix_counts_and_a_way_through_silence_does_not() -> None:
    road = cut([(0, 0), (0, 100)])
    assert reached(road, [(0, 20), (0, 20)]) == [0]
    assert reached(road, [(0, -30), (0, -30)], [(0, 130), (0, 130)]) == []
    assert reached(road) == []


def test_it_says_when() -> None:
    road = cut([(0, 0), (0, 50)])
    found = along(road, [(0, -75), (0, 125)], step_s=200)
    assert found.piece.tolist() == [0]
    assert (found.from_s[0], found.to_s[0]) == (
        pytest.approx(80, abs=0.1),
        pytest.approx(120, abs=0.1),
    )


metres = st.tuples(st.integers(-500, 500), st.integers(-500, 500)).map(
    lambda at: (float(at[0]), float(at[1]))
)


@given(
    road=st.lists(metres, min_size=2, max_size=5, unique=True),
    track=st.lists(metres, min_size=2, max_size=8),
    width_m=st.sampled_from([10, 20, 100]),
)
def test_it_is_what_distances_say(road: Path, track: Path, width_m: float) -> None:
    pieces = cut(road)
    lonlat = LineString([place(*each) for each in track])
    distance_m = [
        pieces.plane.to_metres(lonlat).distance(Point(middle)) for middle in pieces.middle.tolist()
    ]
    found = {*reached(pieces, track, width_m=width_m)}
    assert {n for n, away_m in enumerate(distance_m) if away_m < width_m - 0.01} <= found
    assert found <= {n for n, away_m in enumerate(distance_m) if away_m < width_m + 0.01}
