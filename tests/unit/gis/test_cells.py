import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis import cells
from gis.errors import InvalidInput

lons, lats = st.floats(-179.9, 179.9), st.floats(-85, 85)


@given(lons, lats, st.integers(3, 12))  # a wider one near a pole is no polygon on a flat map
def test_a_point_lies_in_the_polygon_of_its_cell(lon: float, lat: float, resolution: int) -> None:
    polygon = cells.cell_polygon(cells.lonlat_to_cell(lon, lat, resolution))
    if polygon.bounds[2] > 180 and lon < 0:
        lon += 360
    # Cells have great-circle edges and the polygon straight ones: leave a little room.
    assert polygon.buffer(polygon.length / 50).contains(shapely.Point(lon, lat))


def test_points_are_counted_by_cell() -> None:
    lon, lat = np.array([116.4, 116.4, 116.5, np.nan]), np.array([39.9, 39.9, 39.9, 39.9])
    found, counts = cells.cell_density(lon, lat, 9)
    assert dict(zip(found.tolist(), counts.tolist(), strict=True)) == {
        cells.lonlat_to_cell(116.4, 39.9, 9): 2,
        cells.lonlat_to_cell(116.5, 39.9, 9): 1,
    }


def test_no_points_give_no_cells() -> None:
    found, counts = cells.cell_density([], [], 9)
    assert len(found) == len(counts) == 0


def test_lon_stands_before_lat() -> None:
    west, south, east, north = cells.cell_polygon(cells.lonlat_to_cell(116.4, 39.9, 9)).bounds
    assert west < 116.4 < east
    assert south < 39.9 < north


@pytest.mark.parametrize("metres", [50, 350, 5000])
def test_a_resolution_fits_a_width(metres: float) -> None:
    resolution = cells.cell_resolution_for(metres)
    across = cells.cell_polygon(cells.lonlat_to_cell(116.4, 39.9, resolution)).bounds
    width = (across[3] - across[1]) * 111_000
    assert metres / 3 < width < metres * 3


@pytest.mark.parametrize("resolution", [-1, 16])
def test_an_impossible_resolution_is_refused(resolution: int) -> None:
    with pytest.raises(InvalidInput):
        cells.cell_density([116.4], [39.9], resolution)


@pytest.mark.parametrize("nonsense", ["", "zz", "ff", "网格"])
def test_what_is_not_a_cell_is_refused(nonsense: str) -> None:
    with pytest.raises(InvalidInput, match="not an H3 cell"):
        cells.cell_polygon(nonsense)


def test_what_is_not_a_position_is_refused() -> None:
    with pytest.raises(InvalidInput):
        cells.lonlat_to_cell(float("nan"), 39.9, 9)
    with pytest.raises(InvalidInput):
        cells.cell_resolution_for(0)
