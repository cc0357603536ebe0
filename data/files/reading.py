"""Reading any file of features into WGS-84."""

import glob
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from data.files.crs import SourceCrs, parse_crs, zone_of
from data.files.feature import FeatureFile, FileFeature
from data.files.geojson import read_geojson
from data.files.headings import recovered_all
from data.files.ogr import read_ogr
from data.files.table import read_csv
from gis.errors import InvalidInput, UnreadableFile

MOST_VERTICES = 2_000_000
"""Of all grids of an edition: Beijing with its 343 sub-districts has 0.15 million."""

_GEOJSON = {".geojson", ".json"}
_TEXT = {".csv", ".tsv"}
_IN_FOLDERS = _GEOJSON | {".shp", ".gpkg", ".kml", ".kmz", ".fgb", ".tab"}
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
    file = read_as_it_is(path, layer=layer, encoding=encoding)
    if not file.features:
        raise no_features(path)
    return to_wgs84(file, crs)


def read_as_it_is(
    path: Path, *, layer: str | None = None, encoding: str | None = None
) -> FeatureFile:
    """The file in its own coordinates, with the names of its fields made readable.

    Raises UnreadableFile, also for more than MOST_VERTICES.
    """
    suffix = path.suffix.lower()
    try:
        empty = path.is_file() and not path.stat().st_size
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be read: {error.strerror}.") from error
    if empty:
        raise UnreadableFile(f"{path} is empty. Export it again.")
    if suffix in _GEOJSON:
        file = read_geojson(path, most_vertices=MOST_VERTICES)
    elif suffix in _TEXT:
        file = read_csv(path, encoding=encoding)
    else:
        file = read_ogr(path, layer=layer, encoding=encoding)
    vertices = shapely.count_coordinates([each.geometry for each in file.features])
    if vertices > MOST_VERTICES:
        raise too_many_vertices(str(path), vertices)
    return _readable(file)


def to_wgs84(file: FeatureFile, crs: SourceCrs | None = None) -> FeatureFile:
    """The file in WGS-84; `crs` overrides what it says of itself. Raises UnreadableFile."""
    source = crs or _declared(file)
    features, remark = _converted(file.path, file.features, source)
    notes = (*file.notes, f"{file.path}: {remark}") if remark else file.notes
    return replace(file, crs=source.name, features=features, notes=notes)


def no_features(path: Path) -> UnreadableFile:
    return UnreadableFile(f"{path} holds no feature. Export it again.", code="no_features")


def too_many_vertices(what: str, vertices: int) -> UnreadableFile:
    return UnreadableFile(
        f"{what} has {vertices:,} vertices; an edition may have {MOST_VERTICES:,}. Simplify the "
        "borders (to a metre, say) or send a smaller area.",
        code="too_many_vertices",
    )


def _readable(file: FeatureFile) -> FeatureFile:
    names = recovered_all(file.fields)
    new_name = dict(zip(file.fields, names, strict=True))
    changed = [f"{old} is {new}" for old, new in new_name.items() if old != new]
    if not changed:
        return file
    return replace(
        file,
        fields=tuple(names),
        features=tuple(
            replace(each, properties={new_name[k]: v for k, v in each.properties.items()})
            for each in file.features
        ),
        notes=(*file.notes, f"{file.path}: names of fields made readable: {', '.join(changed)}."),
    )


def _declared(file: FeatureFile) -> SourceCrs:
    if file.crs is None:
        raise UnreadableFile(
            f"{file.path} does not say its coordinate system. Name it as crs, for example cgcs2000 or "
            "EPSG:4549.",
            field="crs",
            code="no_crs",
        )
    try:
        return parse_crs(file.crs)
    except InvalidInput as error:
        raise UnreadableFile(
            f"{file.path}: {error.message}", field="crs", code=error.code
        ) from error


def _converted(
    path: Path, features: Sequence[FileFeature], crs: SourceCrs
) -> tuple[tuple[FileFeature, ...], str | None]:
    flat = shapely.force_2d([feature.geometry for feature in features])
    remark = crs.remark(shapely.get_coordinates(flat)[:, 0])
    moved = shapely.transform(flat, lambda xy: np.column_stack(crs.convert(*xy.T)))
    for feature, before, after in zip(features, flat, moved, strict=True):
        _check(f"{path}, feature {feature.number}", before, after, crs)
    converted = tuple(
        replace(feature, geometry=geometry)
        for feature, geometry in zip(features, moved, strict=True)
    )
    return converted, remark


def _check(where: str, before: BaseGeometry, after: BaseGeometry, crs: SourceCrs) -> None:
    lon, lat = shapely.get_coordinates(after).T
    west, south, east, north = crs.bounds
    # Infinity is PROJ's "nowhere", and outside as well.
    wrong = ~((west <= lon) & (lon <= east) & (south <= lat) & (lat <= north))
    if wrong.any():
        x, y = shapely.get_coordinates(before)[wrong.argmax()]
        swapped = abs(x) <= 90 < abs(y) <= 180
        zone = zone_of(x)
        advice = (
            "They look swapped: write lon before lat."
            if swapped
            else f"Eastings that begin with {zone.number} are those of zone {zone.number}: name "
            f"{zone.epsg} as crs, if it is CGCS2000."
            if zone is not None
            else "Name the coordinate system that the file is really in as crs."
        )
        raise UnreadableFile(
            f"{where}: {x:.10g}, {y:.10g} is not a place in {crs.name}. {advice}",
            field="crs",
            code="axes_swapped" if swapped else "not_in_crs",
        )
    if lon.size and _MIRRORED_CHINA.covers(shapely.box(*shapely.bounds(after))):
        raise UnreadableFile(
            f"{where}: {lon[0]:.10g}, {lat[0]:.10g} is in the Arctic; its mirror image is in China. "
            "They look swapped: write lon before lat.",
            code="axes_swapped",
        )
