import random
from dataclasses import replace

import pytest
import shapely
from shapely import MultiPolygon, Polygon

from gis.geodesy import area_m2
from gis.grid import Grid
from gis.topology import FindingKind, check

A_METRE = 1 / 111_320 / 0.766  # of longitude at 40 N


def grid(code: str, polygon: Polygon, *, level: int = 1, parent: str | None = None) -> Grid:
    return Grid(
        code=code, name=f"grid {code}", level=level, parent_code=parent,
        geometry=MultiPolygon([polygon]),
    )  # fmt: skip


def box(west: float, south: float, east: float, north: float) -> Polygon:
    """A box in thousandths of a degree (about 100 m) from 116 E, 40 N."""
    return shapely.box(116 + west / 1000, 40 + south / 1000, 116 + east / 1000, 40 + north / 1000)


PARENT = grid("A", box(0, 0, 10, 10))


def child(code: str, polygon: Polygon, parent: str | None = "A") -> Grid:
    return grid(code, polygon, level=2, parent=parent)


def test_children_that_tile_their_parent_are_fine() -> None:
    report = check([PARENT, child("A1", box(0, 0, 5, 10)), child("A2", box(5, 0, 10, 10))])
    assert report.ok
    assert report.to_geojson()["features"] == []


def test_no_grids_are_fine() -> None:
    assert check([]).ok


def test_an_overlap_names_both_grids_and_its_place() -> None:
    report = check([grid("B", box(0, 0, 6, 10)), grid("A", box(5, 0, 10, 10))])
    [finding] = report.findings
    assert finding.kind is FindingKind.OVERLAP
    assert finding.codes == ("A", "B")
    assert finding.area_m2 == pytest.approx(area_m2(box(5, 0, 6, 10)))
    assert finding.geometry is not None
    assert finding.geometry.equals(box(5, 0, 6, 10))


def test_grids_of_different_levels_may_overlap() -> None:
    assert check([PARENT, child("A1", box(0, 0, 10, 10))]).ok


def test_a_sliver_up_to_the_tolerance_is_no_finding() -> None:
    sliver = 0.0005 * A_METRE * 1000  # half a millimetre of a 1,110 m edge
    neighbours = [grid("A", box(0, 0, 5 + sliver, 10)), grid("B", box(5, 0, 10, 10))]
    assert check(neighbours).ok
    assert not check(neighbours, tolerance_m2=0.1).ok


def test_a_hole_between_siblings_is_a_gap_that_names_those_around_it() -> None:
    with_hole = box(0, 0, 5, 10).difference(box(4, 4, 5, 6))
    report = check([PARENT, child("A1", with_hole), child("A2", box(5, 0, 10, 10))])
    [finding] = report.findings
    assert finding.kind is FindingKind.GAP
    assert finding.codes == ("A1", "A2")
    assert finding.area_m2 == pytest.approx(area_m2(box(4, 4, 5, 6)))


def test_a_hole_in_the_parent_itself_is_no_gap() -> None:
    ring = box(0, 0, 10, 10).difference(box(4, 4, 6, 6))
    assert check([grid("A", ring), child("A1", ring)]).ok


def test_grids_without_a_parent_must_still_leave_no_hole() -> None:
    with_hole = grid("A", box(0, 0, 5, 10).difference(box(4, 4, 5, 6)))
    beside = grid("B", box(5, 0, 10, 10))
    assert check([with_hole, beside]).counts == {FindingKind.GAP: 1}
    assert check([with_hole, beside, grid("C", box(4, 4, 5, 6))]).ok


def test_area_that_children_do_not_reach_is_uncovered() -> None:
    report = check([PARENT, child("A1", box(0, 0, 9, 10))])
    [finding] = report.findings
    assert finding.kind is FindingKind.UNCOVERED_PARENT
    assert finding.codes == ("A",)
    assert finding.area_m2 == pytest.approx(area_m2(box(9, 0, 10, 10)))


def test_a_child_beyond_its_parent_is_found() -> None:
    report = check([PARENT, child("A1", box(0, 0, 11, 10))])
    [finding] = report.findings
    assert finding.kind is FindingKind.OUTSIDE_PARENT
    assert finding.codes == ("A1", "A")
    assert finding.area_m2 == pytest.approx(area_m2(box(10, 0, 11, 10)))


def test_a_level_2_grid_needs_a_parent_that_is_there() -> None:
    report = check([child("X1", box(0, 0, 5, 10), None), child("Y1", box(5, 0, 10, 10), "Y")])
    assert report.counts == {FindingKind.MISSING_PARENT: 2}
    assert {finding.codes for finding in report.findings} == {("X1",), ("Y1",)}


def test_a_parent_is_one_level_up() -> None:
    report = check([PARENT, grid("A1", box(0, 0, 10, 10), level=3, parent="A")])
    assert report.counts == {FindingKind.WRONG_PARENT: 1}


def test_a_code_occurs_once() -> None:
    report = check([grid("A", box(0, 0, 5, 10)), grid("A", box(5, 0, 10, 10))])
    [finding] = report.findings
    assert finding.kind is FindingKind.DUPLICATE_CODE
    assert finding.codes == ("A",)


def test_an_invalid_geometry_is_reported_and_checked_as_repaired() -> None:
    eight = Polygon([(116, 40), (116.01, 40.01), (116.01, 40), (116, 40.01)])
    report = check([grid("A", eight), grid("B", box(9, 4, 10, 6))])
    assert report.counts == {FindingKind.INVALID_GEOMETRY: 1, FindingKind.OVERLAP: 1}
    place = report.of(FindingKind.INVALID_GEOMETRY)[0].geometry
    assert place is not None
    assert place.equals(shapely.Point(116.005, 40.005))


def test_a_grid_without_any_area_is_reported_and_nothing_fails() -> None:
    empty = replace(PARENT, geometry=MultiPolygon())
    report = check([empty, child("A1", box(0, 0, 10, 10))])
    assert report.counts == {FindingKind.INVALID_GEOMETRY: 1}
    assert report.to_geojson()["features"][0]["geometry"] is None


def test_the_report_is_geojson_with_the_places() -> None:
    report = check([PARENT, child("A1", box(0, 0, 9, 10))])
    [found] = report.to_geojson()["features"]
    assert found["properties"]["kind"] == "uncovered_parent"
    assert found["properties"]["codes"] == ["A"]
    assert found["geometry"]["type"] == "MultiPolygon"


def test_real_sub_districts_show_their_known_faults(sub_districts: list[Grid]) -> None:
    overlaps = check(sub_districts).of(FindingKind.OVERLAP)
    largest = max(overlaps, key=lambda finding: finding.area_m2 or 0)
    assert len(overlaps) == 10
    assert largest.codes == ("110107003000", "110107004000")
    assert largest.area_m2 == pytest.approx(3248, abs=1)


def test_the_real_slivers_of_haidian_are_gaps(
    districts: list[Grid], sub_districts: list[Grid]
) -> None:
    haidian = [g for g in districts + sub_districts if g.code.startswith("110108")]
    gaps = check(haidian, tolerance_m2=0).of(FindingKind.GAP)
    assert sum(finding.area_m2 or 0 for finding in gaps) == pytest.approx(1321, abs=2)


def test_the_real_outlines_show_the_airport_and_the_degenerate_ring(
    districts: list[Grid],
) -> None:
    report = check(districts)
    [degenerate] = report.of(FindingKind.INVALID_GEOMETRY)
    assert degenerate.codes == ("110106000000",)
    assert degenerate.geometry is not None
    assert degenerate.geometry.distance(shapely.Point(116.26289, 39.79358)) < 1e-5
    airport = max(report.of(FindingKind.OVERLAP), key=lambda finding: finding.area_m2 or 0)
    assert airport.codes == ("110105000000", "110113000000")
    assert airport.area_m2 == pytest.approx(10.57e6, rel=1e-3)


def test_the_report_does_not_depend_on_the_order_of_the_grids(
    districts: list[Grid], sub_districts: list[Grid]
) -> None:
    grids = [g for g in districts + sub_districts if g.code[:6] in ("110107", "110108", "110106")]
    shuffled = random.Random(7).sample(grids, len(grids))
    assert check(shuffled).to_geojson() == check(grids).to_geojson()
