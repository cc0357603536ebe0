"""What a file holds, told before anything is made of it: nothing here refuses what it can describe."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import shapely

from data.files.crs import SourceCrs
from data.files.feature import FeatureFile
from data.files.ogr import layers_of
from data.files.reading import no_features, read_as_it_is, to_wgs84
from gis.errors import WanggeError

_ONE_LAYER = {".geojson", ".json", ".csv", ".tsv", ".shp", ".fgb", ".tab"}
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class LayerContent:
    """One layer of a file. `crs` is what it is read in, None where nobody says; `kinds` counts its
    geometries; `bounds` are west, south, east and north in WGS-84, None where they cannot be told;
    `file` is the layer in WGS-84, and `problem` what reading it is refused with, in words and as a
    word for programs."""

    path: Path
    layer: str | None
    crs: str | None
    fields: tuple[str, ...]
    rows: tuple[Mapping[str, object], ...]
    kinds: Mapping[str, int]
    vertices: int
    bounds: Bounds | None
    notes: tuple[str, ...]
    file: FeatureFile | None
    problem: str | None
    problem_code: str | None


def look_into(
    path: Path,
    *,
    crs: SourceCrs | None = None,
    layer: str | None = None,
    encoding: str | None = None,
) -> list[LayerContent]:
    """Every layer of the file, or the one named. Raises UnreadableFile when not even its layers can be
    told."""
    several = path.suffix.lower() not in _ONE_LAYER
    names: list[str | None] = [layer]
    if layer is None and several:
        names = [*layers_of(path)]
    return [_look(path, name, crs, encoding) for name in names]


def _look(
    path: Path, layer: str | None, crs: SourceCrs | None, encoding: str | None
) -> LayerContent:
    try:
        file = read_as_it_is(path, layer=layer, encoding=encoding)
    except WanggeError as error:
        return _nothing(path, layer, error)
    try:
        converted = to_wgs84(file, crs)
    except WanggeError as error:
        return _content(file, layer, bounds=None, error=error)
    if not file.features:
        return _content(converted, layer, bounds=None, error=no_features(path))
    west, south, east, north = shapely.total_bounds([each.geometry for each in converted.features])
    bounds = (float(west), float(south), float(east), float(north))
    return _content(converted, layer, bounds=bounds, error=None)


def _content(
    file: FeatureFile, layer: str | None, *, bounds: Bounds | None, error: WanggeError | None
) -> LayerContent:
    geometries = [each.geometry for each in file.features]
    return LayerContent(
        path=file.path,
        layer=layer,
        crs=file.crs,
        fields=file.fields,
        rows=tuple(each.properties for each in file.features),
        kinds=dict(Counter(geometry.geom_type for geometry in geometries)),
        vertices=int(shapely.count_coordinates(geometries)),
        bounds=bounds,
        notes=file.notes,
        file=file if error is None else None,
        problem=None if error is None else error.message,
        problem_code=None if error is None else error.code,
    )


def _nothing(path: Path, layer: str | None, error: WanggeError) -> LayerContent:
    return LayerContent(
        path=path,
        layer=layer,
        crs=None,
        fields=(),
        rows=(),
        kinds={},
        vertices=0,
        bounds=None,
        notes=(),
        file=None,
        problem=error.message,
        problem_code=error.code,
    )
