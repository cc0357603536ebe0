"""A layer as Arrow's tables: what GeoParquet and GeoPackage are written from."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from layers.catalog.layer import FieldType, Layer
from layers.features.export.batches import Batches

GEOMETRY = "geometry"

_TYPES = {
    FieldType.STRING: pa.string(),
    FieldType.NUMBER: pa.float64(),
    FieldType.BOOLEAN: pa.bool_(),
    FieldType.INSTANT: pa.timestamp("us", tz="UTC"),
}


def schema_of(layer: Layer) -> pa.Schema:
    """The fields in the catalog's order, then the geometry as WKB."""
    return pa.schema(
        [
            *(pa.field(name, _TYPES[kind]) for name, kind in layer.fields.items()),
            pa.field(GEOMETRY, pa.binary(), nullable=False),
        ]
    )


def record_batches(batches: Batches, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Some thousand features at a time."""
    for batch in batches:
        columns: list[Any] = [
            *zip(*(batches.cells(feature) for feature in batch), strict=True),
            [feature.geometry for feature in batch],
        ]
        arrays = [pa.array(each, field.type) for each, field in zip(columns, schema, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)
