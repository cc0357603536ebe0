"""Reading and writing through GDAL/OGR: shapefile, GeoPackage, KML, FlatGeobuf and their kin.

The only importer of pyogrio.
"""

import math
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from shapely.geometry.base import BaseGeometry

from data.files.dbf import BYTES, declared_encoding, decode_table
from data.files.feature import FeatureFile, FileFeature
from data.files.table import features_of_table
from gis.errors import InvalidInput, UnreadableFile

# Cells as text: a code keeps its zeros and its last digits.
_XLSX = {"OGR_XLSX_HEADERS": "FORCE", "OGR_XLSX_FIELD_TYPES": "STRING"}


def read_ogr(path: Path, *, layer: str | None = None, encoding: str | None = None) -> FeatureFile:
    """Read one layer, in the coordinates of the file. GDAL's warnings become notes.

    Without `encoding`, the text of a shapefile is what its .cpg says, if that fits; else UTF-8 if that
    fits, else GB18030. Raises UnreadableFile; among other reasons when there are several layers of
    areas and `layer` does not choose one.
    """
    remarks: list[str] = []
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            chosen = layer_to_read(path, layer)
            meta, geometry, columns = _read(path, chosen, encoding)
            fields, values, remark = _texts(path, meta["fields"], columns, encoding)
    except (DataSourceError, DataLayerError, UnicodeError, LookupError) as error:
        raise UnreadableFile(f"{path} cannot be read: {_reason(error, path)}") from error
    remarks += [remark] if remark else []
    if geometry is None:
        rows = zip(*values, strict=True) if values else iter(())
        return features_of_table(
            path, fields, ([None if cell is None else str(cell) for cell in row] for row in rows)
        )
    features = [
        FileFeature(
            number=number,
            geometry=_geometry(path, number, wkb),
            properties=dict(zip(fields, row, strict=True)),
        )
        for number, (wkb, *row) in enumerate(zip(geometry, *values, strict=True), start=1)
    ]
    return FeatureFile(
        path=path,
        crs=meta["crs"],
        fields=tuple(fields),
        features=tuple(features),
        notes=tuple(
            dict.fromkeys(
                f"{path.name}: {said}"
                for said in (*remarks, *(str(each.message) for each in caught))
            )
        ),
    )


def layers_of(path: Path) -> list[str]:
    """The names of the file's layers. Raises UnreadableFile."""
    try:
        return [str(name) for name, _ in pyogrio.list_layers(path)]
    except (DataSourceError, DataLayerError, UnicodeError) as error:
        raise UnreadableFile(f"{path} cannot be read: {_reason(error, path)}") from error


def layer_to_read(path: Path, wanted: str | None) -> str | None:
    """`wanted`, else the only layer of areas; None is the first. Raises UnreadableFile."""
    layers = {str(name): kind for name, kind in pyogrio.list_layers(path)}
    if wanted is not None:
        if wanted not in layers:
            raise UnreadableFile(
                f"{path} has no layer {wanted!r}; it has {', '.join(layers)}.",
                field="layer",
                code="no_such_layer",
            )
        return wanted
    areas = [name for name, kind in layers.items() if kind and ("Poly" in kind or "Unk" in kind)]
    if len(areas) > 1:
        raise UnreadableFile(
            f"{path} has several layers: {', '.join(areas)}. Choose one as layer.",
            field="layer",
            code="several_layers",
        )
    return areas[0] if areas else None


def read_sheet(path: Path) -> list[list[str | None]]:
    """The rows of a workbook's first sheet as text, its headings too. Raises UnreadableFile."""
    pyogrio.set_gdal_config_options(_XLSX)
    try:
        first = next(iter(layers_of(path)), None)
        meta, _fids, _geometry, columns = pyogrio.raw.read(path, layer=first)
    except (DataSourceError, DataLayerError, UnicodeError, LookupError) as error:
        raise UnreadableFile(f"{path} cannot be read: {_reason(error, path)}") from error
    values = [[_plain(value) for value in column] for column in columns]
    rows = zip(*values, strict=True) if values else iter(())
    return [
        [str(field) for field in meta["fields"]],
        *([None if cell is None else str(cell) for cell in row] for row in rows),
    ]


def driver_names() -> list[str]:
    """All that this GDAL can read."""
    return [name for name, modes in pyogrio.list_drivers().items() if "r" in modes]


def driver_of(path: Path) -> str:
    """The name of GDAL's driver that opens the file. Raises UnreadableFile when none does."""
    try:
        return str(pyogrio.read_info(path, layer=0)["driver"])
    except (DataSourceError, DataLayerError, UnicodeError, LookupError) as error:
        raise UnreadableFile(f"{path} cannot be read: no map is in it. Export it again.") from error


def write_ogr(
    path: Path,
    geometries: Sequence[BaseGeometry],
    columns: Mapping[str, Sequence[object]],
    *,
    driver: str,
    layer: str,
) -> None:
    """Write polygons in EPSG:4326 as one layer of a new file."""
    try:
        pyogrio.raw.write(
            path,
            shapely.to_wkb(np.array(geometries, dtype=object)),
            [np.array(column) for column in columns.values()],
            fields=list(columns),
            geometry_type="MultiPolygon",
            crs="EPSG:4326",
            driver=driver,
            layer=layer,
            encoding="UTF-8",
        )
    except (DataSourceError, DataLayerError) as error:
        raise InvalidInput(f"{path} cannot be written. Choose another place.") from error


def write_ogr_stream(
    path: Path,
    batches: pa.RecordBatchReader,
    *,
    geometry: str,
    driver: str,
    layer: str,
    description: str,
) -> None:
    """Write features of any kind in EPSG:4326, WKB in the column `geometry`, as one layer of a new file,
    as they come."""
    pyogrio.write_arrow(
        batches,
        path,
        layer=layer,
        driver=driver,
        geometry_name=geometry,
        geometry_type="Unknown",
        crs="EPSG:4326",
        layer_options={"DESCRIPTION": description},
    )


def _read(path: Path, layer: str | None, encoding: str | None) -> tuple[Any, Any, Any]:
    if path.suffix.lower() == ".xlsx":
        pyogrio.set_gdal_config_options(_XLSX)
    if path.suffix.lower() == ".shp":
        encoding = BYTES
    meta, _fids, geometry, columns = pyogrio.raw.read(path, layer=layer, encoding=encoding)
    return meta, geometry, columns


def _texts(
    path: Path, fields: Any, columns: Any, encoding: str | None
) -> tuple[list[str], list[list[object]], str | None]:
    names = [str(field) for field in fields]
    values = [[_plain(value) for value in column] for column in columns]
    if path.suffix.lower() != ".shp":
        return names, values, None
    if encoding is not None:
        "".encode(encoding)  # a LookupError, if there is no such thing
    return decode_table(names, values, encoding or declared_encoding(path))


def _reason(error: Exception, path: Path) -> str:
    """GDAL's reason as far as it means anything to a person, with what to do."""
    words = str(error).split(";")[0].replace(str(path), path.name).strip(" .'")
    unknown = ("not recognized as being in a supported file format", "/vsizip/")
    if any(each in words for each in unknown):
        words = "it is not what its name says, or it is damaged"
    return f"{words}. Export it again."


def _geometry(path: Path, number: int, wkb: bytes | None) -> Any:
    if wkb is None:
        raise UnreadableFile(f"{path}, feature {number} has no geometry. Draw it or remove it.")
    try:
        return shapely.from_wkb(wkb)
    except shapely.errors.GEOSException as error:
        raise UnreadableFile(
            f"{path}, feature {number}: its geometry cannot be read ({error})."
        ) from error


def _plain(value: Any) -> object:
    """NumPy's value as Python's; the ways it says "nothing" as None."""
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value
