from collections import Counter

import numpy as np
import pytest
import shapely

from data.demo.town import TOWN_CODE, Town, generate_town
from gis.geodesy import area_m2
from gis.topology import check


@pytest.fixture(params=["town", "another_town"])
def any_town(request: pytest.FixtureRequest) -> Town:
    found: Town = request.getfixturevalue(request.param)
    return found


def in_metres(town: Town, geometry: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(geometry, town.plane.to_metres)


def test_a_town_has_26_villages_and_69_grids_in_them(any_town):
    assert (len(any_town.level_1), len(any_town.level_2)) == (26, 69)
    children = Counter(grid.parent_code for grid in any_town.level_2)
    assert children.keys() == {grid.code for grid in any_town.level_1}
    assert set(children.values()) <= {1, 2, 3, 4, 5}


def test_codes_say_where_a_grid_belongs(town):
    assert all(len(grid.code) == 15 and grid.code.startswith(TOWN_CODE) for grid in town.level_1)
    assert all(
        len(grid.code) == 17 and grid.code.startswith(grid.parent_code) for grid in town.level_2
    )
    codes = [grid.code for grid in town.grids]
    assert len(set(codes)) == 95
    assert codes == [*sorted(codes[:26]), *sorted(codes[26:])]


def test_no_two_grids_have_the_same_name(any_town):
    assert len({grid.name for grid in any_town.grids}) == 95


def test_the_topology_check_finds_nothing(any_town):
    assert check(any_town.grids).findings == ()


@pytest.mark.parametrize("level", ["level_1", "level_2"])
def test_neighbours_share_the_very_same_vertices(any_town, level):
    pieces = np.array([grid.geometry.geoms[0] for grid in getattr(any_town, level)])
    assert shapely.coverage_is_valid(pieces)
    whole = shapely.coverage_union_all(pieces)
    assert shapely.equals_exact(shapely.normalize(whole), shapely.normalize(any_town.outline))


def test_children_tile_their_parent_exactly(any_town):
    for parent in any_town.level_1:
        pieces = [g.geometry.geoms[0] for g in any_town.level_2 if g.parent_code == parent.code]
        whole = shapely.normalize(shapely.coverage_union_all(pieces))
        assert shapely.equals_exact(whole, shapely.normalize(parent.geometry.geoms[0]))


def test_grids_are_whole_and_neither_tiny_nor_huge(any_town):
    for grid in any_town.grids:
        assert len(grid.geometry.geoms) == 1
        assert not grid.geometry.geoms[0].interiors
        assert grid.geometry.is_valid
    hectares = [area_m2(grid.geometry) / 10_000 for grid in any_town.level_2]
    assert 6 < min(hectares) < 60
    assert 150 < max(hectares) < 300


def test_grids_have_no_thorns_and_no_square_or_round_shapes(any_town):
    for grid in any_town.level_2:
        area = in_metres(any_town, grid.geometry)
        without_thorns = area.buffer(-8).buffer(8.1)
        assert len(shapely.get_parts(area.buffer(-8))) == 1
        assert shapely.difference(area, without_thorns).area < 0.01 * area.area
        assert 4 * np.pi * area.area / area.length**2 > 0.15
        assert area.area < 0.93 * shapely.minimum_rotated_rectangle(area).area
        assert len(shapely.get_coordinates(area)) > 12


def test_grids_are_small_in_the_core_and_large_on_the_land(any_town):
    size = {
        place.urban: np.median(
            [
                grid.geometry.area
                for grid, other in zip(any_town.level_2, any_town.settlements, strict=True)
                if other.urban == place.urban
            ]
        )
        for place in any_town.settlements
    }
    assert size[False] > 3 * size[True]


def test_every_grid_holds_its_settlement(any_town):
    for grid, place in zip(any_town.level_2, any_town.settlements, strict=True):
        assert (
            shapely.distance(in_metres(any_town, grid.geometry), shapely.Point(place.x, place.y))
            < 90
        )
        assert grid.name.startswith(place.village_name)


def test_the_town_is_about_12_by_9_kilometres(any_town):
    west, south, east, north = in_metres(any_town, any_town.outline).bounds
    assert 11_000 < east - west < 13_000
    assert 8_000 < north - south < 10_500


def test_the_same_seed_draws_the_same_town_and_another_seed_another(town, another_town):
    again = generate_town()
    assert [grid.geometry.wkb for grid in again.grids] == [g.geometry.wkb for g in town.grids]
    assert again.cameras == town.cameras
    assert again.facilities == town.facilities
    assert again.workforce == town.workforce
    assert [f.geometry.wkb for f in again.basemap] == [f.geometry.wkb for f in town.basemap]
    assert another_town.outline != town.outline


def test_the_basemap_has_every_kind_of_feature_and_valid_ones_only(any_town):
    kinds = {(feature.kind, feature.category) for feature in any_town.basemap}
    assert kinds == {
        *(("water", word) for word in ("river", "canal", "pond")),
        *(("green", word) for word in ("wood", "park")),
        *(("farmland", word) for word in ("field", "orchard")),
        *(("built", word) for word in ("core", "village", "block")),
        *(("road", word) for word in ("trunk", "main", "minor", "path")),
        *(("place", word) for word in ("town", "village", "hamlet")),
    }
    shapes = [feature.geometry for feature in any_town.basemap]
    assert shapely.is_valid(shapes).all()
    assert not shapely.is_empty(shapes).any()


def test_houses_stand_on_dry_land_off_the_roads(town):
    houses = shapely.STRtree([f.geometry for f in town.basemap if f.category == "block"])
    others = [f.geometry for f in town.basemap if f.category in ("river", "canal")]
    others += [f.geometry for f in town.basemap if f.kind == "road"]
    assert not houses.query(others, predicate="intersects").size


def test_borders_follow_the_river_and_the_roads(town):
    """The land's own lines: a good part of every border that is not field edge runs along them."""
    borders = shapely.union_all([grid.geometry.boundary for grid in town.level_2])
    lines = [f.geometry for f in town.basemap if f.category in ("river", "trunk", "main", "minor")]
    along = shapely.intersection(borders, shapely.buffer(shapely.union_all(lines), 2e-5))
    assert along.length > 0.2 * borders.length
