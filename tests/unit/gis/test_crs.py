import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.crs import (
    Crs,
    bd09_to_gcj02,
    from_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    to_wgs84,
    wgs84_to_gcj02,
)
from gis.geodesy import distance_m

A_MILLIMETRE = 1e-3

# A margin keeps clear of the box's edge, where a shift can leave the box.
inside_lon = st.floats(72.1, 137.7)
inside_lat = st.floats(0.9, 55.7)


@given(inside_lon, inside_lat, st.sampled_from(Crs))
def test_a_position_comes_back_within_a_millimetre(lon: float, lat: float, crs: Crs) -> None:
    back = to_wgs84(*from_wgs84(lon, lat, crs), crs)
    assert distance_m(lon, lat, *back) < A_MILLIMETRE


@given(inside_lon, inside_lat)
def test_bd09_comes_back_within_a_millimetre(lon: float, lat: float) -> None:
    back = gcj02_to_bd09(*bd09_to_gcj02(lon, lat))
    assert distance_m(lon, lat, *back) < A_MILLIMETRE


@given(inside_lon, inside_lat)
def test_gcj02_is_less_than_a_kilometre_away(lon: float, lat: float) -> None:
    assert distance_m(lon, lat, *wgs84_to_gcj02(lon, lat)) < 1000


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(72.0039, 30.0), (137.8348, 30.0), (100.0, 0.8292), (100.0, 55.8272), (-0.1, 51.5)],
)
def test_outside_the_box_nothing_is_shifted(lon: float, lat: float) -> None:
    assert wgs84_to_gcj02(lon, lat) == (lon, lat)
    assert gcj02_to_wgs84(lon, lat) == (lon, lat)


@pytest.mark.parametrize(
    ("lon", "lat"), [(72.004, 30.0), (137.8347, 30.0), (100.0, 0.8293), (100.0, 55.8271)]
)
def test_the_edge_of_the_box_belongs_to_it(lon: float, lat: float) -> None:
    assert wgs84_to_gcj02(lon, lat) != (lon, lat)


def test_cgcs2000_is_taken_as_wgs84() -> None:
    assert to_wgs84(116.4, 39.9, Crs.CGCS2000) == (116.4, 39.9)


def test_arrays_give_what_floats_give() -> None:
    lon, lat = np.array([116.4, -0.1, 121.5]), np.array([39.9, 51.5, 31.2])
    for crs in Crs:
        x, y = to_wgs84(lon, lat, crs)
        singles = [to_wgs84(float(a), float(b), crs) for a, b in zip(lon, lat, strict=True)]
        assert np.allclose(np.column_stack([x, y]), singles, rtol=0, atol=1e-10)


def test_a_float_gives_floats() -> None:
    lon, lat = to_wgs84(116.4, 39.9, Crs.BD09)
    assert type(lon) is float
    assert type(lat) is float


def test_an_empty_array_gives_an_empty_array() -> None:
    lon, _ = to_wgs84(np.array([]), np.array([]), Crs.GCJ02)
    assert lon.shape == (0,)


def test_332_chinese_cities_agree_with_gcoord(real_data: Path) -> None:
    rows = _rows(real_data / "crs_vectors" / "gcoord_china_cities.csv")

    def column(name: str) -> np.ndarray:
        return np.array([float(row[name]) for row in rows])

    gcj02 = column("gcj02_lng"), column("gcj02_lat")
    bd09 = column("bd09_lng"), column("bd09_lat")
    # The file's WGS-84 column was itself inverted, so it is good to a metre only.
    wgs84 = column("wgs84_lng"), column("wgs84_lat")
    assert np.allclose(wgs84_to_gcj02(*wgs84), gcj02, rtol=0, atol=1e-5)
    assert np.allclose(gcj02_to_wgs84(*gcj02), wgs84, rtol=0, atol=1e-5)
    assert np.allclose(gcj02_to_bd09(*gcj02), bd09, rtol=0, atol=1.5e-7)
    assert np.allclose(bd09_to_gcj02(*bd09), gcj02, rtol=0, atol=1.5e-7)


def test_the_vectors_of_other_libraries_agree(real_data: Path) -> None:
    for row in _rows(real_data / "crs_vectors" / "hand_vectors.csv"):
        source, target = row["from_crs"], row["to_crs"]
        if target == "bd09mc" or (row["repo"], source) == _FORGETS_K:
            continue
        lon, lat = float(row["in_lng"]), float(row["in_lat"])
        expected = float(row["out_lng_or_x"]), float(row["out_lat_or_y"])
        found = from_wgs84(*to_wgs84(lon, lat, Crs(source)), Crs(target))
        # Their inverses are one-step approximations, up to 4.9 m off; forward they are exact.
        metres = 5.0 if (source, target) in _APPROXIMATED else 0.11
        assert distance_m(*found, *expected) < metres, row


# eviltransform leaves k = pi * 3000 / 180 out of BD-09 and is up to 92 m off.
_FORGETS_K = ("googollee/eviltransform", "bd09")
_APPROXIMATED = {("gcj02", "wgs84"), ("bd09", "wgs84"), ("bd09", "gcj02")}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
