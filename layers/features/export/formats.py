"""The formats that a layer is exported in."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import BinaryIO

from sqlalchemy import Connection

from data.exports.provenance import Provenance
from layers.catalog.layer import Layer
from layers.features.export.batches import Batches
from layers.features.export.geojson import write_geojson
from layers.features.export.geopackage import write_geopackage
from layers.features.export.geoparquet import write_geoparquet
from layers.features.export.tables import write_csv, write_xlsx
from layers.features.reading import FeatureQuery, read_all

Write = Callable[[Batches, BinaryIO, Provenance], None]


class LayerFormat(StrEnum):
    GEOJSON = "geojson"
    GEOPARQUET = "geoparquet"
    GEOPACKAGE = "gpkg"
    CSV = "csv"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]

    @property
    def suffix(self) -> str:
        """Of a file's name, with its dot."""
        return ".parquet" if self is LayerFormat.GEOPARQUET else f".{self}"


_MEDIA_TYPES: Mapping[LayerFormat, str] = MappingProxyType(
    {
        LayerFormat.GEOJSON: "application/geo+json",
        LayerFormat.GEOPARQUET: "application/vnd.apache.parquet",
        LayerFormat.GEOPACKAGE: "application/geopackage+sqlite3",
        LayerFormat.CSV: "text/csv; charset=utf-8",
        LayerFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
)
_WRITERS: Mapping[LayerFormat, Write] = MappingProxyType(
    {
        LayerFormat.GEOJSON: write_geojson,
        LayerFormat.GEOPARQUET: write_geoparquet,
        LayerFormat.GEOPACKAGE: write_geopackage,
        LayerFormat.CSV: write_csv,
        LayerFormat.XLSX: write_xlsx,
    }
)


def export_layer(
    conn: Connection,
    layer: Layer,
    query: FeatureQuery,
    out: BinaryIO,
    *,
    to: LayerFormat,
    provenance: Provenance,
) -> int:
    """Write what the transaction's viewer may see of the layer, some thousand features at a time in
    memory, and return how many there were. `out` can seek.

    Raises InvalidInput for what the format cannot hold.
    """
    batches = Batches(layer, read_all(conn, layer, query))
    _WRITERS[to](batches, out, provenance)
    return batches.written
