"""Reading any file of features into WGS-84."""

import glob
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from data.files.crs import SourceCrs, parse_crs
from data.files.feature import FeatureFile, FileFeature
from data.files.geojson import read_geojson
from data.files.ogr import read_ogr
from gis.errors import InvalidInput, UnreadableFile

_GEOJSON = {".geojson", ".json"}
_IN_FOLDERS = _GEOJSON | {".shp", ".gpkg", ".kml", ".fgb", ".tab"}
_MIRRORED_CHINA = shapely.box(3, 73, 54, 136)


def find_files(path: Path) -> list[Path]:
    """The file itself, those that a pattern such as `district/*.geojson` means (a shell does not see
    it behind `1=`), or those of a folder that hold features, by name.

    Raises UnreadableFile when there is nothing.
    """
    if path.is_dir() and path.suffix.lower() != ".gdb":
        found = sorted(file for file in path.iterdir() if file.suffix.lower() in _IN_FOLDERS)
        if not found:
            raise UnreadableFile(
                f"{path} holds no {', '.join(sorted(_IN_FOLDERS))} file. Name the files themselves."
            )
        return found
    if not path.exists():
        matching = sorted(path.parent.glob(path.name)) if glob.has_magic(path.name) else []
        if matching:
            return matching
        raise UnreadableFile(f"{path} does not exist. Check the name.")
    return [path]


def read_features(
    path: Path,
    *,
    crs: SourceCrs | None = None,
    layer: str | None = None,
    encoding: str | None = None,
) -> FeatureFile:
    """Read a file and convert it to WGS-84; `crs` overrides what the file says of itself.

    Raises UnreadableFile, naming file and feature: broken, empty, without a coordinate system, or
    with positions that are none.
    """
    if path.suffix.lower() in _GEOJSON:
        file = read_geojson(path)
    else:
        file = read_ogr(path, layer=layer, encoding=encoding)
    if not file.features:
        raise UnreadableFile(f"{path} holds no feature. Export it again.")
    source = crs or _declared(file)
    return replace(file, crs=source.name, features=_converted(path, file.features, source))


def _declared(file: FeatureFile) -> SourceCrs:
    if file.crs is None:
        raise UnreadableFile(
            f"{file.path} does not say its coordinate system. Name it with --crs, for example "
            "--crs cgcs2000 or --crs EPSG:4549.",
            field="crs",
        )
    try:
        return parse_crs(file.crs)
    except InvalidInput as error:
        raise UnreadableFile(f"{file.path}: {error.message} (--crs)", field="crs") from error


def _converted(
    path: Path, features: Sequence[FileFeature], crs: SourceCrs
) -> tuple[FileFeature, ...]:
    flat = shapely.force_2d([feature.geometry for feature in features])
    moved = shapely.transform(flat, lambda xy: np.column_stack(crs.convert(*xy.T)))
    for feature, before, after in zip(features, flat, moved, strict=True):
        _check(f"{path}, feature {feature.number}", before, after, crs)
    return tuple(
        replace(feature, geometry=geometry)
        for feature, geometry in zip(features, moved, strict=True)
    )


def _check(where: str, before: BaseGeometry, after: BaseGeometry, crs: SourceCrs) -> None:
    lon, lat = shapely.get_coordinates(after).T
    west, south, east, north = crs.bounds
    # Infinity is PROJ's "nowhere", and outside as well.
    wrong = ~((west <= lon) & (lon <= east) & (south <= lat) & (lat <= north))
    if wrong.any():
        x, y = shapely.get_coordinates(before)[wrong.argmax()]
        swapped = abs(x) <= 90 < abs(y) <= 180
        advice = (
            "They look swapped: write lon before lat."
            if swapped
            else "Name the coordinate system that the file is really in with --crs."
        )
        raise UnreadableFile(f"{where}: {x:.10g}, {y:.10g} is not a place in {crs.name}. {advice}")
    if lon.size and _MIRRORED_CHINA.covers(shapely.box(*shapely.bounds(after))):
        raise UnreadableFile(
            f"{where}: {lon[0]:.10g}, {lat[0]:.10g} is in the Arctic; its mirror image is in China. "
            "They look swapped: write lon before lat."
        )
