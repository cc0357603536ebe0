import csv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon

from gis.geodesy import WGS84
from gis.grid import Grid
from gis.locator import Locator

A_METRE = 1 / 111_000


def grid(code: str, *polygons: Polygon) -> Grid:
    return Grid(code=code, name=code, level=1, parent_code=None, geometry=MultiPolygon(polygons))


def two_neighbours(size: int = 64) -> Locator:
    east = grid("A", shapely.box(116.1, 40.0, 116.2, 40.1))
    west = grid("B", shapely.box(116.0, 40.0, 116.1, 40.1))
    return Locator([west, east], raster_size=size)


def test_a_point_inside_belongs_to_its_grid() -> None:
    location = two_neighbours().locate(116.05, 40.05)
    assert location is not None
    assert (location.index, location.on_boundary, location.snapped) == (0, False, False)


def test_a_point_on_a_shared_edge_belongs_to_the_lowest_code() -> None:
    location = two_neighbours().locate(116.1, 40.05)
    assert location is not None
    assert (location.index, location.on_boundary) == (1, True)


def test_a_point_in_an_overlap_belongs_to_the_lowest_code() -> None:
    locator = Locator(
        [
            grid("9", shapely.box(116.0, 40.0, 116.2, 40.1)),
            grid("10", shapely.box(116.1, 40.0, 116.3, 40.1)),
        ]
    )
    assert locator.locate_many([116.05, 116.15, 116.25], [40.05] * 3).index.tolist() == [0, 1, 1]


def test_a_point_just_outside_all_snaps_to_the_nearest_and_says_how_far() -> None:
    location = two_neighbours().locate(116.15, 40.1 + 20 * A_METRE)
    assert location is not None
    assert (location.index, location.snapped, location.on_boundary) == (1, True, False)
    assert location.distance_m == pytest.approx(20, rel=0.01)


def test_beyond_the_snapping_distance_a_point_is_nowhere() -> None:
    located = two_neighbours().locate_many([116.15], [40.1 + 60 * A_METRE])
    assert located.index.tolist() == [-1]
    assert not located.snapped.any()
    assert np.isnan(located.distance_m).all()


def test_a_point_as_near_to_two_grids_snaps_to_the_lowest_code() -> None:
    location = two_neighbours().locate(116.1, 40.1 + 20 * A_METRE)
    assert location is not None
    assert location.index == 1


def test_a_hole_is_outside_and_an_exclave_inside() -> None:
    outer = shapely.box(116.0, 40.0, 116.1, 40.1)
    ring = outer.difference(shapely.box(116.04, 40.04, 116.06, 40.06))
    locator = Locator([grid("A", ring, shapely.box(116.2, 40.0, 116.21, 40.01))])
    located = locator.locate_many([116.05, 116.205, 116.01], [40.05, 40.005, 40.05])
    assert located.index.tolist() == [-1, 0, 0]


@pytest.mark.parametrize("nowhere", [float("nan"), float("inf"), -float("inf"), 1e300])
def test_what_is_not_a_position_is_nowhere(nowhere: float) -> None:
    locator = two_neighbours()
    assert locator.locate(nowhere, 40.05) is None
    assert locator.locate_many([116.05, nowhere], [nowhere, 40.05]).index.tolist() == [-1, -1]


def test_no_grids_and_no_points_are_fine() -> None:
    assert Locator([]).locate(116.0, 40.0) is None
    assert Locator([]).locate_many([116.0, 0.0], [40.0, 0.0]).index.tolist() == [-1, -1]
    assert two_neighbours().locate_many([], []).index.shape == (0,)


def test_an_invalid_geometry_counts_as_what_its_repair_makes_of_it() -> None:
    bowtie = Polygon([(116.0, 40.0), (116.1, 40.1), (116.1, 40.0), (116.0, 40.1)])
    located = Locator([grid("A", bowtie)]).locate_many([116.01, 116.05, 116.09], [40.05] * 3)
    assert located.index.tolist() == [0, 0, 0]
    assert Locator([grid("A", bowtie)]).locate(116.05, 40.09) is None


def test_a_geometry_without_area_covers_nothing() -> None:
    flat = Polygon([(116.0, 40.0), (116.1, 40.1), (116.0, 40.0), (116.0, 40.0)])
    locator = Locator([grid("A", flat), grid("B", shapely.box(116.0, 40.0, 116.1, 40.1))])
    assert locator.locate_many([116.05], [40.05]).index.tolist() == [1]


def test_threads_may_share_a_locator() -> None:
    locator = two_neighbours()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: locator.locate(116.1, 40.05), range(200)))
    assert set(answers) == {locator.locate(116.1, 40.05)}


corner = st.integers(0, 40)
"""On a lattice points meet vertices, edges and cell borders far more often than at random."""


@st.composite
def triangles_and_boxes(draw: st.DrawFn) -> list[Grid]:
    grids = []
    for number in range(draw(st.integers(1, 6))):
        ring = draw(st.lists(st.tuples(corner, corner), min_size=3, max_size=6))
        hull = shapely.MultiPoint(ring).convex_hull
        if isinstance(hull, Polygon):
            on_earth = shapely.transform(hull, lambda xy: xy * 0.001 + (116.0, 40.0))
            grids.append(grid(f"{draw(st.integers(0, 9))}-{number}", on_earth))
    return grids


@settings(max_examples=150)
@given(
    triangles_and_boxes(),
    st.lists(st.tuples(st.integers(-4, 84), st.integers(-4, 84)), min_size=1, max_size=60),
    st.sampled_from([3, 8, 41, 200]),
)
def test_the_raster_never_changes_an_answer(
    grids: list[Grid], lattice: list[tuple[int, int]], size: int
) -> None:
    lon, lat = (np.array(lattice) * 0.0005 + (116.0, 40.0)).T
    locator = Locator(grids, raster_size=size)
    located = locator.locate_many(lon, lat)
    by_code = sorted(range(len(grids)), key=lambda i: grids[i].code)
    for point, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True)):
        position = shapely.Point(x, y)
        owner = next((i for i in by_code if grids[i].geometry.covers(position)), None)
        single = locator.locate(x, y)
        if owner is None:
            assert located.index[point] == -1 or located.snapped[point]
            metres = min((_metres(g, position) for g in grids), default=np.inf)
            if abs(metres - 50) > 0.2:
                assert (located.index[point] != -1) == (metres < 50)
            if located.snapped[point]:
                assert located.distance_m[point] == pytest.approx(metres, rel=0.003, abs=1e-3)
        else:
            assert located.index[point] == owner
            assert not located.snapped[point]
            assert located.on_boundary[point] == grids[owner].geometry.touches(position)
        if single is None:
            assert located.index[point] == -1
        else:
            assert single.index == located.index[point]
            assert single.on_boundary == located.on_boundary[point]
            assert single.snapped == located.snapped[point]
            assert single.distance_m == pytest.approx(located.distance_m[point], abs=1e-6)


def _metres(grid: Grid, position: shapely.Point) -> float:
    squeezed = shapely.transform(grid.geometry, lambda p: p * (np.cos(np.radians(40)), 1))
    point = shapely.transform(position, lambda p: p * (np.cos(np.radians(40)), 1))
    nearest = shapely.get_coordinates(shapely.shortest_line(point, squeezed))[1]
    _, _, metres = WGS84.inv(
        position.x, position.y, nearest[0] / np.cos(np.radians(40)), nearest[1]
    )
    return float(metres)


def test_real_sub_districts_answer_as_a_test_of_every_polygon(
    real_data: Path, sub_districts: list[Grid]
) -> None:
    geometries = np.array([grid.geometry for grid in sub_districts])
    vertices = shapely.get_coordinates(geometries)
    west, south, east, north = shapely.total_bounds(geometries)
    random = np.random.default_rng(20261122)
    scattered = np.column_stack(
        [random.uniform(west, east, 20_000), random.uniform(south, north, 20_000)]
    )
    beside = vertices[::20] + random.normal(0, 3e-4, vertices[::20].shape)
    lon, lat = np.vstack([scattered, beside, vertices[::20]]).T

    located = Locator(sub_districts, raster_size=1024).locate_many(lon, lat)

    point, index = shapely.STRtree(geometries).query(shapely.points(lon, lat), "intersects")
    codes = np.array([int(grid.code) for grid in sub_districts])
    lowest = np.full(len(lon), np.iinfo(np.int64).max)
    np.minimum.at(lowest, point, codes[index])
    found = np.where(located.snapped | (located.index < 0), lowest.max(), codes[located.index])
    assert np.array_equal(found, np.where(lowest == np.iinfo(np.int64).max, lowest.max(), lowest))
    assert located.on_boundary[-len(vertices[::20]) :].mean() > 0.9


def test_real_fixes_fall_into_the_sub_districts_an_independent_join_found(
    real_data: Path, sub_districts: list[Grid]
) -> None:
    paths = (real_data / "geolife_dev" / "Data").glob("*/Trajectory/*.plt")
    lines = [line for path in paths for line in path.read_text().splitlines()[6:]]
    latlon = np.array([line.split(",")[:2] for line in lines], float)
    located = Locator(sub_districts).locate_many(latlon[:, 1], latlon[:, 0])
    inside = located.index[(located.index >= 0) & ~located.snapped]
    counts = np.bincount(inside, minlength=len(sub_districts))

    with (real_data / "oracles" / "geolife_dev_points_per_subdistrict.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        oracle = {row["code"]: int(row["points"]) for row in csv.DictReader(file)}
    differences = [
        oracle.get(grid.code, 0) - count
        for grid, count in zip(sub_districts, counts.tolist(), strict=True)
    ]
    # One fix lies in a sliver that two sub-districts share: here it belongs to one of them.
    assert sorted(differences)[-2:] in ([0, 0], [0, 1])
    assert min(differences) == 0
