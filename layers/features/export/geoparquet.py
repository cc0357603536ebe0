"""A layer as GeoParquet 1.1 (geoparquet.org), for analysis."""

from typing import BinaryIO

import orjson
import pyarrow.parquet as pq

from data.exports.provenance import Provenance
from layers.features.export.arrow import GEOMETRY, record_batches, schema_of
from layers.features.export.batches import Batches

# Without a `crs` coordinates are OGC:CRS84, lon before lat. An empty list of types: any.
_GEO = {
    "version": "1.1.0",
    "primary_column": GEOMETRY,
    "columns": {GEOMETRY: {"encoding": "WKB", "geometry_types": []}},
}


def write_geoparquet(batches: Batches, out: BinaryIO, provenance: Provenance) -> None:
    """Coordinates as they are stored. Who, when and why are in the file's metadata under "wangge"."""
    about = {"geo": orjson.dumps(_GEO), "wangge": orjson.dumps(provenance.to_json())}
    schema = schema_of(batches.layer).with_metadata(about)
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for batch in record_batches(batches, schema):
            writer.write_batch(batch)
