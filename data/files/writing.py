"""Writing files for other programs, in WGS-84. A file appears when it is whole."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from data.files.ogr import write_ogr
from gis.errors import InvalidInput

_DRIVERS = {".gpkg": "GPKG", ".fgb": "FlatGeobuf"}
_GEOJSON = (".geojson", ".json")


def write_features(
    path: Path, geometries: Sequence[BaseGeometry], columns: Mapping[str, Sequence[object]]
) -> None:
    """Write polygons (EPSG:4326), one feature each, in the format of the file's extension.

    Coordinates are written exactly, so that the file read again is the same. Raises InvalidInput for
    an extension that is not .geojson, .json, .gpkg or .fgb.
    """
    suffix = path.suffix.lower()
    if suffix in _GEOJSON:
        write_geojson(path, _features(geometries, columns))
    elif suffix in _DRIVERS:
        with appearing_whole(path) as unfinished:
            write_ogr(unfinished, geometries, columns, driver=_DRIVERS[suffix], layer=path.stem)
    else:
        raise InvalidInput(f"{path.name}: write .geojson, .gpkg or .fgb.", field="file")


def write_geojson(path: Path, features: Iterable[Mapping[str, Any]]) -> None:
    """Write a FeatureCollection."""
    document = {"type": "FeatureCollection", "features": list(features)}
    with appearing_whole(path) as unfinished:
        unfinished.write_bytes(orjson.dumps(document))


@contextmanager
def appearing_whole(path: Path) -> Iterator[Path]:
    """Where to write what is to become `path`: in the same folder, moved there at the end of the block,
    and gone when that fails. Raises InvalidInput when it cannot be written."""
    unfinished = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield unfinished
        unfinished.replace(path)
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be written: {error.strerror}. Choose another place.", field="file"
        ) from error
    finally:
        if path.parent.is_dir():
            unfinished.unlink(missing_ok=True)


def _features(
    geometries: Sequence[BaseGeometry], columns: Mapping[str, Sequence[object]]
) -> Iterator[dict[str, Any]]:
    rows = zip(*columns.values(), strict=True)
    for geometry, row in zip(shapely.to_geojson(geometries), rows, strict=True):
        yield {
            "type": "Feature",
            "properties": dict(zip(columns, row, strict=True)),
            "geometry": orjson.Fragment(geometry),
        }
