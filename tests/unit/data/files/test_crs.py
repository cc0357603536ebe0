import numpy as np
import pytest

from data.files import parse_crs
from gis.errors import InvalidInput

ESRI_CGCS2000 = (
    'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",'
    '6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)


def convert(crs: str, x: float, y: float) -> tuple[float, float]:
    lon, lat = parse_crs(crs).convert(np.array([x]), np.array([y]))
    return float(lon[0]), float(lat[0])


@pytest.mark.parametrize("crs", ["wgs84", "WGS-84", "cgcs2000", "EPSG:4490", "4490", ESRI_CGCS2000])
def test_cgcs2000_is_taken_as_wgs84_under_every_name(crs: str) -> None:
    assert convert(crs, 118.75, 34.5) == pytest.approx((118.75, 34.5), abs=1e-12)


def test_metres_of_a_gauss_kruger_zone_become_degrees() -> None:
    # The central meridian of EPSG:4549 is 120°; PROJ's cs2cs gives this latitude.
    assert convert("EPSG:4549", 500000, 4400000) == pytest.approx((120, 39.734049), abs=1e-6)


@pytest.mark.parametrize("crs", ["gcj02", "GCJ-02", "gcj_02"])
def test_gcj02_is_shifted_back(crs: str) -> None:
    lon, lat = convert(crs, 116.404, 39.915)
    assert (lon, lat) == pytest.approx((116.39776, 39.91359), abs=2e-5)


@pytest.mark.parametrize("crs", ["EPSG:4610", "EPSG:2343"])
def test_xian_80_is_refused_for_its_parameters_are_not_public(crs: str) -> None:
    with pytest.raises(InvalidInput, match=r"No exact way from EPSG:\d+ to WGS-84"):
        parse_crs(crs)


@pytest.mark.parametrize("crs", ["", "mars", "EPSG:1", "999999999999999999"])
def test_what_is_no_coordinate_system_is_refused(crs: str) -> None:
    with pytest.raises(InvalidInput, match="is not a coordinate system") as raised:
        parse_crs(crs)
    assert raised.value.field == "crs"


def test_a_projected_system_ends_not_far_beyond_its_zone() -> None:
    west, south, east, north = parse_crs("EPSG:4549").bounds
    assert (west, east) == pytest.approx((113.5, 126.5), abs=0.1)
    assert 15 < south < north < 60
    assert parse_crs("cgcs2000").bounds == parse_crs("4490").bounds == (-180, -90, 180, 90)
