import math

import pytest

from api.coordinates import Box, read_box, read_position
from gis.crs import Crs
from gis.errors import InvalidInput


def test_a_wgs84_position_is_taken_as_it_is() -> None:
    assert read_position(120.15, 30.28) == (120.15, 30.28)


def test_a_gcj02_position_becomes_wgs84() -> None:
    lon, lat = read_position(120.15, 30.28, Crs.GCJ02)
    assert 0.003 < abs(lon - 120.15) < 0.007
    assert 0.001 < abs(lat - 30.28) < 0.004
    assert isinstance(lon, float)


@pytest.mark.parametrize(
    ("lon", "lat", "field"),
    [
        (181.0, 30.0, "lon"),
        (120.0, -90.5, "lat"),
        (math.nan, 30.0, "lon"),
        (120.0, math.inf, "lat"),
        (500.0, 500.0, "lon"),
    ],
)
def test_a_position_off_the_earth_names_the_coordinate(lon: float, lat: float, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_position(lon, lat)
    assert caught.value.field == field


@pytest.mark.parametrize(("lon", "lat"), [(30.28, 120.15), (52.97, 122.5), (45.0, 75.9)])
def test_swapped_coordinates_are_told_apart(lon: float, lat: float) -> None:
    with pytest.raises(InvalidInput, match="look swapped") as caught:
        read_position(lon, lat)
    assert caught.value.code == "swapped_coordinates"


@pytest.mark.parametrize(("lon", "lat"), [(30.0, 60.0), (-74.0, 40.7), (180.0, 90.0), (54.1, 73.0)])
def test_places_outside_china_are_not_taken_for_swapped(lon: float, lat: float) -> None:
    assert read_position(lon, lat) == (lon, lat)


def test_a_box_is_west_south_east_north() -> None:
    assert read_box("120.1,30.1,120.4,30.4") == Box(west=120.1, south=30.1, east=120.4, north=30.4)


@pytest.mark.parametrize(
    "text", ["", "1,2,3", "1,2,3,x", "5,2,3,4", "1,nan,3,4", "1,2,300,4", "1,2,3,4,5"]
)
def test_what_is_not_a_box_names_the_parameter(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^bbox"):
        read_box(text)
