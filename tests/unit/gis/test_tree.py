import numpy as np
import pytest
import shapely
from shapely import MultiPolygon

from gis.errors import InvalidInput, NotFound
from gis.grid import Grid
from gis.tree import GridTree

A_METRE = 1 / 111_000


def grid(
    code: str, parent: str | None, west: float, south: float, east: float, north: float
) -> Grid:
    """A box in thousandths of a degree from 116 E, 40 N; its level is the depth of its code."""
    box = shapely.box(116 + west / 1000, 40 + south / 1000, 116 + east / 1000, 40 + north / 1000)
    return Grid(
        code=code,
        name=code,
        level=len(code),
        parent_code=parent,
        geometry=MultiPolygon([box]),
    )


@pytest.fixture
def tree() -> GridTree:
    """A and B side by side; A has AA and AB with a strip of 0.2 (22 m) between; B has no children."""
    return GridTree(
        [
            grid("AB", "A", 0, 5.2, 10, 10),
            grid("AA", "A", 0, 0, 10, 5),
            grid("B", None, 10, 0, 20, 10),
            grid("A", None, 0, 0, 10, 10),
        ]
    )


def codes(grids: tuple[Grid, ...]) -> list[str]:
    return [grid.code for grid in grids]


def test_the_tree_knows_who_is_above_and_below(tree: GridTree) -> None:
    assert codes(tree.roots) == ["A", "B"]
    assert codes(tree.children("A")) == ["AA", "AB"]
    assert codes(tree.ancestors("AB")) == ["A"]
    assert codes(tree.chain("AB")) == ["AB", "A"]
    assert codes(tree.leaves) == ["B", "AA", "AB"]
    assert tree.levels == (1, 2)
    assert tree.subtree(["A"]) == {"A", "AA", "AB"}
    assert tree.subtree(["B", "AA"]) == {"B", "AA"}
    assert tree.subtree([]) == frozenset()


def test_an_unknown_code_is_not_found(tree: GridTree) -> None:
    assert "X" not in tree
    with pytest.raises(NotFound, match="X"):
        tree.children("X")
    with pytest.raises(NotFound):
        tree.subtree(["X"])


def test_a_point_lies_in_the_deepest_grid_and_all_above(tree: GridTree) -> None:
    place = tree.place(116.005, 40.002)
    assert place is not None
    assert codes(place.chain) == ["AA", "A"]
    assert place.grid.code == "AA"
    assert not place.snapped


def test_where_there_is_nothing_deeper_the_upper_grid_answers(tree: GridTree) -> None:
    place = tree.place(116.015, 40.005)
    assert place is not None
    assert codes(place.chain) == ["B"]


def test_in_a_gap_a_point_snaps_to_the_nearest_child(tree: GridTree) -> None:
    place = tree.place(116.005, 40.00505)
    assert place is not None
    assert place.grid.code == "AA"
    assert place.snapped
    assert place.distance_m == pytest.approx(5.55, abs=0.1)


def test_a_point_never_snaps_out_of_the_grid_that_covers_it(tree: GridTree) -> None:
    place = tree.place(116.0101, 40.002)
    assert place is not None
    assert place.grid.code == "B"
    assert not place.snapped


def test_outside_all_a_point_snaps_to_the_deepest_near_grid(tree: GridTree) -> None:
    place = tree.place(116.005, 40 - 30 * A_METRE)
    assert place is not None
    assert place.grid.code == "AA"
    assert place.snapped
    assert tree.place(116.005, 40 - 60 * A_METRE) is None


def test_many_points_are_placed_like_single_ones(tree: GridTree) -> None:
    random = np.random.default_rng(1)
    lon, lat = random.uniform(115.999, 116.021, 400), random.uniform(39.999, 40.011, 400)
    index = tree.place_many(lon, lat)
    for point in range(len(lon)):
        place = tree.place(float(lon[point]), float(lat[point]))
        expected = -1 if place is None else tree.index_of[place.grid.code]
        assert index[point] == expected


def test_a_code_that_occurs_twice_is_refused() -> None:
    with pytest.raises(InvalidInput, match="A occurs 2 times"):
        GridTree([grid("A", None, 0, 0, 1, 1), grid("A", None, 1, 0, 2, 1)])


def test_a_grid_above_itself_is_refused() -> None:
    with pytest.raises(InvalidInput, match="above itself"):
        GridTree([grid("AA", "AB", 0, 0, 1, 1), grid("AB", "AA", 1, 0, 2, 1)])


def test_a_grid_whose_parent_is_missing_is_a_root() -> None:
    assert codes(GridTree([grid("AA", "A", 0, 0, 1, 1)]).roots) == ["AA"]


def test_a_tree_without_grids_places_nothing() -> None:
    tree = GridTree([])
    assert tree.place(116.0, 40.0) is None
    assert tree.place_many([116.0], [40.0]).tolist() == [-1]
