"""Slivers given to a neighbour: what is certain is repaired, and nothing else is touched."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon

from gis.errors import InvalidInput
from gis.geodesy import metres_per_degree
from gis.grid import Grid
from gis.polygons import polygonal, repair
from gis.redivision import Closed, close_slivers
from gis.redivision.edges import vertices_of
from gis.topology import FindingKind, check, ground_m2, is_wider
from tests.divisions import SOUTH, voronoi

PER_LON, PER_LAT = metres_per_degree(SOUTH)
A_HUNDREDTH_M2 = 0.01


def box(west_m: float, south_m: float, east_m: float, north_m: float) -> Polygon:
    """Metres east and north of 116 E on the parallel that the divisions begin at."""
    return shapely.box(
        116 + west_m / PER_LON,
        SOUTH + south_m / PER_LAT,
        116 + east_m / PER_LON,
        SOUTH + north_m / PER_LAT,
    )


def grid(code: str, *parts: Polygon, parent: str | None = None) -> Grid:
    return Grid(
        code=code, name=code, level=1 if parent is None else 2, parent_code=parent,
        geometry=MultiPolygon(parts),
    )  # fmt: skip


def by_code(grids: Sequence[Grid]) -> dict[str, Grid]:
    return {grid.code: grid for grid in grids}


def require_shared_vertices(grids: Sequence[Grid]) -> None:
    for level in {grid.level for grid in grids}:
        areas = np.array([grid.geometry for grid in grids if grid.level == level], np.object_)
        assert shapely.coverage_is_valid(areas)


def require_accounted(before: Sequence[Grid], closed: Closed) -> None:
    """Each grid has lost and gained what the repairs say, and nothing else."""
    now = by_code(closed.grids)
    assert now.keys() == by_code(before).keys()
    for each in before:
        gained = sum(r.area_m2 for r in closed.repairs if each.code in r.gained)
        lost = sum(r.area_m2 for r in closed.repairs if each.code in r.lost)
        after = now[each.code].geometry
        assert after.is_valid
        moved = ground_m2(shapely.symmetric_difference(each.geometry, after))
        assert moved == pytest.approx(gained + lost, abs=A_HUNDREDTH_M2)
        assert ground_m2(after) - ground_m2(each.geometry) == pytest.approx(
            gained - lost, abs=A_HUNDREDTH_M2
        )


def test_a_narrow_overlap_stays_with_the_grid_that_has_the_longer_border_along_it() -> None:
    # A's half metre inside B: three sides of it border on B.
    before = [
        grid("A", box(0, 0, 100, 100), box(99, 40, 100.5, 60)),
        grid("B", box(100, 0, 200, 100)),
    ]
    before[0] = replace(before[0], geometry=polygonal(shapely.union_all(before[0].geometry)))
    closed = close_slivers(before)
    [done] = closed.repairs
    assert (done.kind, done.codes, done.to) == (FindingKind.OVERLAP, ("A", "B"), "B")
    assert (done.gained, done.lost) == ((), ("A",))
    assert done.area_m2 == pytest.approx(10, rel=1e-3)
    assert done.width_m == pytest.approx(0.5, rel=0.02)
    require_shared_vertices(closed.grids)
    require_accounted(before, closed)


def test_a_narrow_gap_goes_to_the_grid_with_the_longest_border_along_it() -> None:
    before = [
        grid("A", box(0, 0, 100, 100)),
        grid("B", box(100.5, 20, 200, 100)),
        grid("C", box(100, 0, 200, 20)),
        grid("D", box(100, 100, 200, 120)),
    ]
    closed = close_slivers([grid("P", box(0, 0, 200, 120))] + [
        replace(each, level=2, parent_code="P") for each in before
    ])  # fmt: skip
    [done] = closed.repairs
    assert done.kind is FindingKind.UNCOVERED_PARENT
    assert done.to == "A"
    assert done.area_m2 == pytest.approx(40, rel=1e-3)
    require_shared_vertices(closed.grids)


def test_a_gap_among_grids_without_a_parent_is_closed_too() -> None:
    before = [
        grid("A", box(0, 0, 100, 100)),
        grid("B", box(100, 0, 200, 100).difference(box(100, 40, 100.4, 60))),
    ]
    closed = close_slivers(before)
    [done] = closed.repairs
    assert (done.kind, done.codes, done.to) == (FindingKind.GAP, (), "B")
    require_accounted(before, closed)
    assert check(closed.grids, tolerance_m2=0.001).ok


def test_ground_along_the_parents_outline_goes_to_its_children_and_none_is_lost() -> None:
    before = [
        grid("P", box(0, 0, 200, 100)),
        grid("P1", box(0, 0, 100, 100.4), parent="P"),  # beyond it
        grid("P2", box(100, 0.3, 200, 100), parent="P"),  # short of it
    ]
    closed = close_slivers(before)
    assert {(done.kind, done.to) for done in closed.repairs} == {
        (FindingKind.OUTSIDE_PARENT, "P1"),
        (FindingKind.UNCOVERED_PARENT, "P2"),
    }
    now = by_code(closed.grids)
    assert ground_m2(now["P"].geometry) == pytest.approx(200 * 100 + 100 * 0.4, rel=1e-3)
    assert vertices_of(now["P"].geometry) >= vertices_of(
        polygonal(shapely.union_all([now["P1"].geometry, now["P2"].geometry]))
    )
    assert check(closed.grids, tolerance_m2=0.001).ok
    require_accounted(before, closed)


def test_what_is_wider_stays_to_the_last_bit() -> None:
    before = (
        grid("A", box(0, 0, 101.5, 100)),
        grid("B", box(100, 0, 200, 100).difference(box(150, 50, 153, 53))),
        grid("C", box(200, 0, 300, 100).difference(box(200, 10, 202, 20))),
    )
    closed = close_slivers(before)
    assert closed.repairs == ()
    assert closed.grids == before


def test_a_wide_overlap_that_an_outline_cuts_into_narrow_strips_stays() -> None:
    before = (
        grid("P", box(0, 0, 100.7, 100)),
        grid("Q", box(100.7, 0, 200, 100)),
        grid("P1", box(0, 0, 101.4, 100), parent="P"),
        grid("Q1", box(100, 0, 200, 100), parent="Q"),
    )
    closed = close_slivers(before)
    overlap = check(closed.grids).of(FindingKind.OVERLAP)
    assert [each.codes for each in overlap] == [("P1", "Q1")]
    assert overlap[0].width_m == pytest.approx(1.4, rel=0.02)


def test_a_grid_that_is_nothing_but_a_sliver_is_kept() -> None:
    before = (grid("A", box(0, 0, 100, 100)), grid("B", box(99.5, 10, 100, 20)))
    assert close_slivers(before).grids == before


def test_a_hole_that_was_drawn_in_one_grid_stays() -> None:
    before = (grid("A", box(0, 0, 100, 100).difference(box(50, 40, 50.5, 60))),)
    assert close_slivers(before).grids == before


def test_the_tolerance_is_in_metres_and_has_an_end() -> None:
    before = (grid("A", box(0, 0, 100.5, 100)), grid("B", box(100, 0, 200, 100)))
    assert close_slivers(before, narrower_m=0.4).repairs == ()
    assert len(close_slivers(before, narrower_m=0.6).repairs) == 1
    with pytest.raises(InvalidInput, match="at most 10 m"):
        close_slivers(before, narrower_m=11)


def test_a_repair_says_which_grids_how_much_and_where() -> None:
    [done] = close_slivers(
        [grid("A", box(0, 0, 100.5, 100)), grid("B", box(100, 0, 200, 100))]
    ).repairs
    assert done.message == (
        "50.00 m² that A and B both had went to A: a sliver, at most 0.50 m wide, at "
        f"{116 + 100.25 / PER_LON:.6f} {SOUTH + 50 / PER_LAT:.6f}."
    )


@st.composite
def digitised_apart(draw: st.DrawFn) -> list[Grid]:
    """A division whose grids were each drawn on their own, every vertex up to 0.3 m off."""
    division = voronoi(
        draw(st.integers(3, 12)), parents=draw(st.integers(1, 3)), seed=draw(st.integers(0, 999))
    )
    rng = np.random.default_rng(draw(st.integers(0, 999)))

    def moved(each: Grid) -> Grid:
        def move(positions: np.ndarray) -> np.ndarray:
            shift = rng.uniform(-0.2, 0.2, positions.shape) / (PER_LON, PER_LAT)
            shift[-1] = shift[0]
            return positions + shift

        rings = [polygon.exterior for polygon in each.geometry.geoms]
        area = MultiPolygon([Polygon(move(shapely.get_coordinates(ring))) for ring in rings])
        return replace(each, geometry=repair(area)[0])

    return [moved(each) if each.level == 2 else each for each in division]


@settings(max_examples=40)
@given(digitised_apart())
def test_grids_that_were_drawn_apart_share_every_vertex_and_nothing_is_lost(
    before: list[Grid],
) -> None:
    closed = close_slivers(before)
    require_accounted(before, closed)
    require_shared_vertices(closed.grids)
    assert check(closed.grids, tolerance_m2=A_HUNDREDTH_M2).ok
    assert all(done.width_m <= 1 for done in closed.repairs)
    assert close_slivers(closed.grids) == Closed(grids=closed.grids, repairs=())


@settings(max_examples=40)
@given(digitised_apart(), st.data())
def test_real_overlaps_and_gaps_among_slivers_keep_all_their_ground(
    before: list[Grid], data: st.DataObject
) -> None:
    leaves = [each for each in before if each.level == 2]
    grown, shrunk = data.draw(st.permutations(leaves))[:2]
    by = data.draw(st.floats(3, 40)) / PER_LAT
    changed = {
        grown.code: replace(grown, geometry=polygonal(grown.geometry.buffer(by))),
        shrunk.code: replace(shrunk, geometry=repair(shrunk.geometry.buffer(-by))[0]),
    }
    before = [changed.get(each.code, each) for each in before]
    wide = [f for f in check(before).findings if f.geometry is not None and is_wider(f.geometry, 1)]
    closed = close_slivers(before)
    require_accounted(before, closed)
    now = by_code(closed.grids)
    for finding in wide:
        if finding.kind is FindingKind.OVERLAP:
            left = shapely.intersection_all([now[code].geometry for code in finding.codes])
            parts = [p for p in polygonal(finding.geometry).geoms if is_wider(p, 1)]
            assert ground_m2(shapely.difference(MultiPolygon(parts), left)) < A_HUNDREDTH_M2
        elif finding.kind is FindingKind.GAP:
            had = [now[each.code].geometry for each in leaves]
            into = shapely.intersection(finding.geometry, shapely.union_all(had))
            assert ground_m2(into) < A_HUNDREDTH_M2
    assert close_slivers(closed.grids).repairs == ()


def test_real_sub_districts_are_repaired_where_that_is_certain(sub_districts: list[Grid]) -> None:
    before = [replace(each, geometry=repair(each.geometry)[0]) for each in sub_districts]
    assert check(before).counts[FindingKind.OVERLAP] == 10
    assert check(before).counts[FindingKind.GAP] == 9
    closed = close_slivers(before)
    # Of the 10 overlaps 6 are narrower than a metre, and of the 9 gaps 3; a seventh overlap, of 0.95 m²,
    # was none of the findings.
    kinds = [done.kind for done in closed.repairs]
    assert (kinds.count(FindingKind.OVERLAP), kinds.count(FindingKind.GAP)) == (7, 3)
    assert sum(done.area_m2 for done in closed.repairs) == pytest.approx(394.1, abs=0.5)
    assert all(done.width_m < 1 for done in closed.repairs)
    require_accounted(before, closed)
    after = check(closed.grids)
    assert after.counts[FindingKind.OVERLAP] == 4
    assert after.counts[FindingKind.GAP] == 6
    assert all((each.width_m or 9) > 1 for each in after.findings)
    assert close_slivers(closed.grids) == Closed(grids=closed.grids, repairs=())


def test_real_districts_with_their_sub_districts_are_repaired_together(
    districts: list[Grid], sub_districts: list[Grid]
) -> None:
    before = [
        replace(each, geometry=repair(each.geometry)[0]) for each in districts + sub_districts
    ]
    # Districts were drawn apart along Fengtai: 238 gaps and 21 overlaps.
    assert check(before).counts[FindingKind.GAP] == 238
    assert check(before).counts[FindingKind.OVERLAP] == 21
    closed = close_slivers(before)
    require_accounted(before, closed)
    # What is left: 10 gaps and 6 overlaps that are wider than a metre somewhere.
    assert check(closed.grids).counts == {FindingKind.OVERLAP: 6, FindingKind.GAP: 10}
