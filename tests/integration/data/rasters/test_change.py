"""Two pictures of one place, written as GeoTIFFs, compared."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import box

from data.files.untrusted import StrangersFile
from data.rasters import find_changes, find_changes_untrusted
from data.rasters.change import Spot
from gis.errors import UnreadableFile
from gis.geodesy import area_m2

SIZE = 200
WEST, NORTH, STEP = 118.6, 34.5, 1e-5  # about a metre
HOUSES = ((40, 60, 30, 60), (120, 150, 100, 115))  # rows and columns, from and to


def ground(seed: int = 1) -> np.ndarray:
    """Fields in three bands, with a gradient and noise."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    fields = 60 + 30 * np.sin(columns / 17) + 20 * np.cos(rows / 23)
    return np.stack([fields + 10 * band for band in range(3)]) + random.normal(
        0, 1, (3, SIZE, SIZE)
    )


def built(picture: np.ndarray) -> np.ndarray:
    picture = picture.copy()
    for top, bottom, left, right in HOUSES:
        picture[:, top:bottom, left:right] = 220
    return picture


def write(path: Path, picture: np.ndarray, **profile: Any) -> Path:
    settings: dict[str, Any] = {
        "crs": "EPSG:4326",
        "transform": from_origin(WEST, NORTH, STEP, STEP),
        **profile,
    }
    bands, rows, columns = picture.shape
    with rasterio.open(
        path, "w", driver="GTiff", width=columns, height=rows, count=bands, dtype="float32",
        **settings,
    ) as raster:  # fmt: skip
        raster.write(picture.astype("float32"))
    return path


def house(top: int, bottom: int, left: int, right: int) -> Any:
    return box(WEST + left * STEP, NORTH - bottom * STEP, WEST + right * STEP, NORTH - top * STEP)


def assert_are_the_houses(spots: list[Spot]) -> None:
    assert len(spots) == len(HOUSES)
    for each in HOUSES:
        expected = house(*each)
        [spot] = [spot for spot in spots if spot.geometry.intersects(expected)]
        both = spot.geometry.intersection(expected).area
        assert both / spot.geometry.union(expected).area > 0.9
        assert spot.area_m2 == pytest.approx(area_m2(expected), rel=0.1)
        assert spot.score is not None
        assert 0 < spot.score < 1


def test_new_houses_are_found_though_the_light_is_another(tmp_path: Path) -> None:
    before = write(tmp_path / "before.tif", ground())
    after = write(tmp_path / "after.tif", 1.4 * built(ground(seed=2)) + 25)
    assert_are_the_houses(find_changes(before, after, least_area_m2=100))


def test_another_light_alone_is_no_change(tmp_path: Path) -> None:
    before = write(tmp_path / "before.tif", ground())
    for name, picture in (
        ("brighter", 1.4 * ground(seed=2) + 25),
        ("same", ground()),
        ("exactly scaled", 2 * ground()),
    ):
        after = write(tmp_path / f"{name}.tif", picture)
        assert find_changes(before, after, least_area_m2=100) == []


def test_what_is_too_small_is_left_out(tmp_path: Path) -> None:
    before, after = write(tmp_path / "a.tif", ground()), write(tmp_path / "b.tif", built(ground()))
    [only] = find_changes(before, after, least_area_m2=540)
    assert only.geometry.intersects(house(*HOUSES[0]))


def test_clouds_without_data_are_no_change(tmp_path: Path) -> None:
    before = ground()
    before[:, 10:30, 10:190] = -9999
    after = built(ground(seed=2))
    after[:, 160:190, 20:180] = -9999
    spots = find_changes(
        write(tmp_path / "before.tif", before, nodata=-9999),
        write(tmp_path / "after.tif", after, nodata=-9999),
        least_area_m2=100,
    )
    assert_are_the_houses(spots)


def test_another_grid_and_coordinate_system_is_brought_to_the_first(tmp_path: Path) -> None:
    from rasterio.warp import calculate_default_transform, reproject

    before = write(tmp_path / "before.tif", ground())
    picture = built(ground(seed=2))
    transform, width, height = calculate_default_transform(
        "EPSG:4326", "EPSG:4527", SIZE, SIZE, WEST, NORTH - SIZE * STEP, WEST + SIZE * STEP, NORTH
    )
    moved = np.full((3, height, width), -1.0, np.float32)
    reproject(
        picture.astype(np.float32),
        moved,
        src_transform=from_origin(WEST, NORTH, STEP, STEP),
        src_crs="EPSG:4326",
        dst_transform=transform,
        dst_crs="EPSG:4527",
        dst_nodata=-1,
    )
    after = write(tmp_path / "after.tif", moved, crs="EPSG:4527", transform=transform, nodata=-1)
    assert_are_the_houses(find_changes(before, after, least_area_m2=100))


def test_what_cannot_be_compared_is_refused_with_the_reason(tmp_path: Path) -> None:
    before = write(tmp_path / "before.tif", ground())
    elsewhere = write(tmp_path / "b.tif", ground(), transform=from_origin(100, 30, STEP, STEP))
    with pytest.raises(UnreadableFile, match="no place in common"):
        find_changes(before, elsewhere, least_area_m2=100)
    with pytest.raises(UnreadableFile, match="same bands"):
        find_changes(before, write(tmp_path / "c.tif", ground()[:1]), least_area_m2=100)
    broken = tmp_path / "d.tif"
    broken.write_text("no picture")
    with pytest.raises(UnreadableFile, match="GeoTIFF"):
        find_changes(before, broken, least_area_m2=100)


def test_strangers_pictures_are_read_apart_in_their_own_words(tmp_path: Path) -> None:
    before = StrangersFile(path=write(tmp_path / "1.tif", ground()), label="去年.tif")
    after = StrangersFile(path=write(tmp_path / "2.tif", built(ground())), label="今年.tif")
    assert_are_the_houses(find_changes_untrusted(before, after, least_area_m2=100))
    after.path.write_text("no picture")
    with pytest.raises(UnreadableFile, match=r"今年\.tif") as caught:
        find_changes_untrusted(before, after, least_area_m2=100)
    assert str(tmp_path) not in caught.value.message
