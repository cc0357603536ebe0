"""Snapping a whole division: what is at a fault is mended, and nothing else moves."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box

from gis.errors import InvalidInput
from gis.geodesy import metres_per_degree
from gis.grid import Grid
from gis.polygons import polygonal
from gis.redivision import Change, Sheet, Snap, perform
from gis.topology import check, faults_of, ground_m2, is_wider
from tests.divisions import SOUTH, WEST, squares, voronoi

PER_LON, PER_LAT = metres_per_degree(SOUTH)
NOTHING = Change(before=(), after=())


def snapped(grids: Sequence[Grid], tolerance_m: float) -> list[Grid]:
    sheet = Sheet(grids)
    perform(sheet, Snap(tolerance_m=tolerance_m))
    return sheet.grids


@st.composite
def divisions(draw: st.DrawFn) -> list[Grid]:
    """Sound ones, with borders as short as they come."""
    return voronoi(
        draw(st.integers(3, 40)),
        parents=draw(st.integers(1, 4)),
        seed=draw(st.integers(0, 999)),
        side=draw(st.sampled_from([0.001, 0.1])),
    )


@settings(max_examples=40)
@given(divisions(), st.floats(0.1, 10))
def test_what_is_sound_stays_to_the_last_vertex(grids: list[Grid], tolerance_m: float) -> None:
    assert perform(Sheet(grids), Snap(tolerance_m=tolerance_m)) == NOTHING


def test_a_corner_nearer_to_another_border_than_the_tolerance_stays() -> None:
    # The step of 0.3 m between the two is meant: no ground is missing there, and none is had twice.
    step = Polygon([(0, 0), (100, 0), (100, 50), (100.3, 50), (100.3, 100), (0, 100), (0, 0)])
    town = box(0, 0, 200, 100)
    sides = [step, town.difference(step)]
    grids = [
        Grid(
            code=code,
            name=code,
            level=1,
            parent_code=None,
            geometry=MultiPolygon(
                [shapely.transform(side, lambda xy: xy / (PER_LON, PER_LAT) + (WEST, SOUTH))]
            ),
        )
        for code, side in zip("AB", sides, strict=True)
    ]
    assert perform(Sheet(grids), Snap(tolerance_m=1)) == NOTHING


@settings(max_examples=30)
@given(st.integers(3, 12), st.integers(1, 3), st.integers(0, 999), st.floats(0.05, 0.3), st.data())
def test_slivers_are_gone_and_what_moved_lies_at_one(
    count: int, parents: int, seed: int, off_m: float, data: st.DataObject
) -> None:
    division = voronoi(count, parents=parents, seed=seed)
    moved = data.draw(st.sampled_from([each for each in division if each.level == 2]))
    shift = np.array([off_m / PER_LON, 0])
    before = [
        replace(each, geometry=shapely.transform(each.geometry, lambda xy: xy + shift))
        if each is moved
        else each
        for each in division
    ]
    faults = [fault.area for fault in faults_of(before)]
    after = snapped(before, 1)
    assert check(after, tolerance_m2=0.01).ok
    near = shapely.union_all(faults).buffer(1e-9)
    now = {each.code: each.geometry for each in after}
    for was in before:
        changed = shapely.symmetric_difference(was.geometry, now[was.code])
        assert ground_m2(shapely.difference(changed, near)) < 0.001
    assert perform(Sheet(after), Snap(tolerance_m=1)) == NOTHING


def test_what_is_wider_than_the_tolerance_is_left() -> None:
    grids = squares()
    wide = shapely.transform(grids[2].geometry, lambda xy: xy + np.array([1e-4, 0]))
    before = [replace(grids[2], geometry=wide), *grids[:2], *grids[3:]]
    assert all(is_wider(fault.area, 2) for fault in faults_of(before))
    now = {each.code: each.geometry for each in snapped(before, 2)}
    assert all(shapely.equals(now[each.code], each.geometry) for each in before)


def test_borders_along_each_other_get_the_same_vertices() -> None:
    column, south, north = squares(1, 2)
    more = polygonal(shapely.segmentize(north.geometry, 0.004))
    before = [column, south, replace(north, geometry=more)]
    assert not shapely.coverage_is_valid(np.array([south.geometry, more], np.object_))
    after = snapped(before, 1)
    areas = [each.geometry for each in after if each.level == 2]
    assert shapely.coverage_is_valid(np.array(areas, np.object_))
    assert {each.code: each.geometry.area for each in after} == pytest.approx(
        {each.code: each.geometry.area for each in before}, rel=1e-9
    )


@pytest.mark.parametrize("tolerance_m", [0, -1, 11, float("nan")])
def test_the_tolerance_has_an_end(tolerance_m: float) -> None:
    with pytest.raises(InvalidInput) as refused:
        snapped(squares(), tolerance_m)
    assert refused.value.field == "tolerance_m"
