import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon

from gis.errors import InvalidInput
from gis.polygons import polygonal, repair

SQUARE = shapely.box(0, 0, 10, 10)


def test_a_valid_geometry_keeps_every_vertex() -> None:
    repaired, done = repair(SQUARE)
    assert shapely.get_coordinates(repaired).tolist() == shapely.get_coordinates(SQUARE).tolist()
    assert done == ()


def test_a_ring_without_area_is_dropped_and_said() -> None:
    spike = [(1.0, 1.0), (2.0, 2.0), (1.0, 1.0), (1.0, 1.0)]
    with_flat_hole = Polygon(SQUARE.exterior, [spike])
    with_flat_part = MultiPolygon([SQUARE, Polygon(spike)])
    for geometry in (with_flat_hole, with_flat_part):
        repaired, done = repair(geometry)
        assert repaired.equals(SQUARE)
        assert len(done) == 1
        assert "without area at 1.000000 1.000000" in done[0]


def test_a_figure_of_eight_becomes_its_two_halves() -> None:
    repaired, done = repair(Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]))
    assert repaired.is_valid
    assert repaired.area == 50
    assert "Self-intersection" in done[0]


def test_parts_that_overlap_unite() -> None:
    repaired, _ = repair(MultiPolygon([SQUARE, shapely.box(5, 0, 15, 10)]))
    assert repaired.area == 150


def test_heights_fall_away() -> None:
    flat, _ = repair(shapely.force_3d(SQUARE, 8.0))
    assert not flat.has_z


@pytest.mark.parametrize(
    "nothing", [Polygon(), shapely.Point(1, 1), shapely.LineString([(0, 0), (1, 1)])]
)
def test_what_encloses_no_area_is_refused(nothing: shapely.Geometry) -> None:
    with pytest.raises(InvalidInput, match="encloses no area"):
        repair(nothing)


def test_only_the_polygons_of_a_collection_count() -> None:
    inner = shapely.GeometryCollection([shapely.Point(0, 0), MultiPolygon([SQUARE])])
    mixed = shapely.GeometryCollection([inner, shapely.LineString([(0, 0), (1, 1)])])
    assert polygonal(mixed).equals(SQUARE)


vertex = st.tuples(st.integers(0, 20), st.integers(0, 20))


@given(st.lists(vertex, min_size=3, max_size=12))
@example([(0, 1), (1, 0), (0, 0), (1, 0), (0, 1), (0, 0)])
def test_whatever_the_ring_the_result_is_valid_or_refused(ring: list[tuple[int, int]]) -> None:
    try:
        repaired, done = repair(Polygon(ring))
    except InvalidInput:
        # What goes there and back again along every side encloses nothing.
        whole = shapely.make_valid(Polygon(ring), method="structure", keep_collapsed=False)
        assert whole.area == 0
    else:
        assert repaired.is_valid
        assert bool(done) != Polygon(ring).is_valid
