"""Areas on the ground and widths, of what edges enclose that are straight in degrees."""

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Polygon

from gis.geodesy import area_m2, metres_per_degree
from gis.topology import ground_m2, is_wider, width_m

lons = st.floats(115, 118)
lats = st.floats(20, 50)


@st.composite
def triangles(draw: st.DrawFn) -> Polygon:
    west, south = draw(lons), draw(lats)
    corners = st.tuples(st.floats(0.01, 0.1), st.floats(0.01, 0.1))
    (x1, y1), (x2, y2) = draw(corners), draw(corners)
    return Polygon([(west, south), (west + x1, south + y1), (west - x2, south + y2)])


@given(triangles())
def test_an_area_is_what_many_short_geodesics_enclose(triangle: Polygon) -> None:
    assert ground_m2(triangle) == pytest.approx(area_m2(triangle.segmentize(1e-4)), rel=1e-7)


@given(triangles(), st.floats(0.1, 0.9))
def test_a_node_on_an_edge_has_no_area(triangle: Polygon, at: float) -> None:
    a, b, c = triangle.exterior.coords[:3]
    node = tuple(p + at * (q - p) for p, q in zip(a, b, strict=True))
    assert ground_m2(Polygon([a, node, b, c])) == pytest.approx(ground_m2(triangle), abs=0.01)


@given(triangles(), st.floats(0.01, 0.99))
def test_parts_add_up_to_the_whole(triangle: Polygon, at: float) -> None:
    west, south, east, north = triangle.bounds
    middle = west + at * (east - west)
    parts = [
        shapely.intersection(triangle, shapely.box(*side))
        for side in ((west, south, middle, north), (middle, south, east, north))
    ]
    assert sum(map(ground_m2, parts)) == pytest.approx(ground_m2(triangle), abs=0.01)


def test_a_hole_is_no_area() -> None:
    outer, inner = shapely.box(116, 40, 116.1, 40.1), shapely.box(116.04, 40.04, 116.05, 40.05)
    assert ground_m2(outer.difference(inner)) == pytest.approx(ground_m2(outer) - ground_m2(inner))


@pytest.mark.parametrize("to", [(116.1, 40.0), (116.0, 40.1), (116.03, 40.05)])
def test_a_strip_is_as_wide_as_it_was_drawn(to: tuple[float, float]) -> None:
    per_lon, per_lat = metres_per_degree(40.0)
    metres = LineString([(0, 0), ((to[0] - 116) * per_lon, (to[1] - 40) * per_lat)]).buffer(
        0.4, cap_style="flat"
    )
    strip = shapely.transform(metres, lambda p: p / (per_lon, per_lat) + (116, 40))
    assert width_m(strip) == pytest.approx(0.8, rel=0.02)
    assert is_wider(strip, 0.78)
    assert not is_wider(strip, 0.82)


def test_a_drop_on_a_thread_is_as_wide_as_the_drop() -> None:
    thread = LineString([(116, 40), (116.1, 40)]).buffer(1e-6)
    drop = shapely.Point(116.05, 40).buffer(1e-4)
    wide_m = width_m(thread.union(drop))
    assert wide_m == pytest.approx(2e-4 * metres_per_degree(40.0)[0], rel=0.02)
    assert width_m(MultiPolygon()) == 0
