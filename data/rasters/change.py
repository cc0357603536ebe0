"""Changed areas between two GeoTIFFs of the same place."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.features import shapes
from rasterio.transform import array_bounds
from rasterio.warp import reproject, transform_geom
from shapely.geometry import box, mapping, shape
from shapely.geometry.base import BaseGeometry

from gis.change import detect_changes
from gis.errors import UnreadableFile
from gis.geodesy import area_m2

MOST_PIXELS = 25_000_000
_MOST_BANDS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Spot:
    """A changed area in EPSG:4326. `score` is 0 to 1, None where nobody worked one out."""

    geometry: BaseGeometry
    area_m2: float
    score: float | None


def find_changes(before: Path, after: Path, *, least_area_m2: float) -> list[Spot]:
    """The areas in which `after` differs from `before`, the largest first. `after` is brought to the
    grid of `before`; where either has no data (or a mask: clouds) nothing is found.

    Raises UnreadableFile for what is no GeoTIFF with a coordinate system, has other bands, is too large
    or of another place.
    """
    try:
        with (
            rasterio.open(before, driver="GTiff") as first,
            rasterio.open(after, driver="GTiff") as second,
        ):
            return _compare(first, second, before, after, least_area_m2)
    except RasterioError as error:
        raise UnreadableFile(
            f"{before} and {after} cannot be read: {error}. Send two GeoTIFFs."
        ) from error


def _compare(
    first: Any, second: Any, before: Path, after: Path, least_area_m2: float
) -> list[Spot]:
    for raster, path in ((first, before), (second, after)):
        if raster.crs is None or raster.transform.is_identity:
            raise UnreadableFile(f"{path} does not say where it is. Save it as a GeoTIFF.")
        if raster.width * raster.height > MOST_PIXELS:
            raise UnreadableFile(
                f"{path} has {raster.width * raster.height:,} pixels; {MOST_PIXELS:,} are read. Cut it."
            )
    bands = _colours(first)
    if bands != _colours(second) or bands > _MOST_BANDS:
        raise UnreadableFile(
            f"{before} and {after} must have the same bands, {_MOST_BANDS} at most."
        )
    numbers = list(range(1, bands + 1))
    here = first.read(numbers).astype(np.float32)
    there = np.zeros_like(here)
    seen = np.zeros(here.shape[1:], np.uint8)
    grid = {"dst_transform": first.transform, "dst_crs": first.crs}
    origin = {"src_transform": second.transform, "src_crs": second.crs}
    reproject(
        second.read(numbers).astype(np.float32),
        there,
        **origin,
        **grid,
        resampling=Resampling.bilinear,
    )
    reproject(second.dataset_mask(), seen, **origin, **grid, resampling=Resampling.nearest)
    valid = (first.dataset_mask() > 0) & (seen > 0)
    valid &= np.isfinite(here).all(axis=0) & np.isfinite(there).all(axis=0)
    if not valid.any():
        raise UnreadableFile(f"{before} and {after} have no place in common.")
    here[:, ~valid] = 0
    there[:, ~valid] = 0
    least_pixels = max(1, int(np.ceil(least_area_m2 / _pixel_area_m2(first))))
    found = detect_changes(here, there, valid, least_pixels=least_pixels)
    spots = []
    for outline, number in shapes(found.labels, mask=found.labels > 0, transform=first.transform):
        geometry = shape(transform_geom(first.crs, "EPSG:4326", outline))
        geometry = shapely.make_valid(shapely.force_2d(geometry))
        score = found.scores[int(number)]
        spots.append(Spot(geometry=geometry, area_m2=area_m2(geometry), score=score))
    return sorted(spots, key=lambda spot: -spot.area_m2)


def _colours(raster: Any) -> int:
    """How many bands there are, without one that says what is seen."""
    alpha = rasterio.enums.ColorInterp.alpha
    return sum(meaning is not alpha for meaning in raster.colorinterp)


def _pixel_area_m2(raster: Any) -> float:
    """Of a pixel in the middle."""
    bounds = box(*array_bounds(raster.height, raster.width, raster.transform))
    middle = shape(transform_geom(raster.crs, "EPSG:4326", mapping(bounds)))
    return area_m2(middle) / int(raster.width * raster.height)
