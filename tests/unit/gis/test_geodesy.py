import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis import geodesy
from gis.geodesy import area_m2, distance_m, length_m, local_projection, to_metric


def test_a_degree_of_latitude_is_111_kilometres() -> None:
    assert distance_m(116.0, 39.0, 116.0, 40.0) == pytest.approx(111_195, abs=1)


def test_distances_broadcast() -> None:
    metres = distance_m(116.0, 39.0, np.array([116.0, 116.0]), np.array([39.0, 40.0]))
    assert metres.shape == (2,)
    assert metres[0] == 0


@given(st.floats(-179, 179), st.floats(-80, 80), st.floats(-0.01, 0.01), st.floats(-0.01, 0.01))
def test_haversine_stays_within_a_hundredth_of_the_ellipsoid(
    lon: float, lat: float, dlon: float, dlat: float
) -> None:
    _, _, exact = geodesy.WGS84.inv(lon, lat, lon + dlon, lat + dlat)
    assert distance_m(lon, lat, lon + dlon, lat + dlat) == pytest.approx(exact, rel=0.01, abs=1e-3)


@given(st.floats(-179, 179), st.floats(-60, 60), st.floats(-0.01, 0.01), st.floats(-0.01, 0.01))
def test_metres_per_degree_measures_a_kilometre_to_a_tenth_of_a_metre(
    lon: float, lat: float, dlon: float, dlat: float
) -> None:
    per_lon, per_lat = geodesy.metres_per_degree(lat + dlat / 2)
    _, _, exact = geodesy.WGS84.inv(lon, lat, lon + dlon, lat + dlat)
    assert np.hypot(dlon * per_lon, dlat * per_lat) == pytest.approx(exact, abs=0.1)


def test_a_hole_is_not_area_whichever_way_its_ring_runs() -> None:
    outer = shapely.box(116.0, 39.0, 116.1, 39.1)
    inner = shapely.box(116.02, 39.02, 116.04, 39.04)
    for hole in (inner.exterior.coords, inner.exterior.coords[::-1]):
        polygon = shapely.Polygon(outer.exterior, [hole])
        assert area_m2(polygon) == pytest.approx(area_m2(outer) - area_m2(inner), rel=1e-6)


def test_lines_and_points_have_no_area() -> None:
    square = shapely.box(116.0, 39.0, 116.1, 39.1)
    line = shapely.LineString([(116, 39), (117, 39), (117, 40)])
    mixed = shapely.GeometryCollection([square, line, shapely.Point(116, 39)])
    assert area_m2(mixed) == area_m2(square)
    assert area_m2(line) == 0
    assert area_m2(shapely.Polygon()) == 0


def test_the_local_plane_keeps_areas_and_comes_back() -> None:
    square = shapely.box(116.0, 39.0, 116.1, 39.1)
    plane = local_projection(116.05, 39.05)
    assert plane.to_metres(square).area == pytest.approx(area_m2(square), rel=1e-4)
    assert plane.to_degrees(plane.to_metres(square)).equals_exact(square, 1e-8)
    assert to_metric(square).area == pytest.approx(area_m2(square), rel=1e-4)


def test_the_length_of_a_line_is_geodesic() -> None:
    line = shapely.LineString([(116.0, 39.0), (116.0, 40.0)])
    assert length_m(line) == pytest.approx(111_025, abs=5)
