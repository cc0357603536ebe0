"""Tracks as GeoParquet 1.1 (geoparquet.org), for analysis: one row for each fix, a point."""

from collections.abc import Iterable
from typing import BinaryIO

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from data.exports.provenance import PeriodProvenance
from patrol.tracks.export.exported import ExportedTrack
from patrol.tracks.fixes import MEASURED

_SCHEMA = pa.schema(
    [
        pa.field("unit", pa.string(), nullable=False),
        pa.field("name", pa.string(), nullable=False),
        pa.field("at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("geometry", pa.binary(), nullable=False),
        *(pa.field(name, pa.float32()) for name in MEASURED),
        pa.field("believed", pa.bool_(), nullable=False),
        pa.field("flag", pa.string(), nullable=False),
    ]
)


# Without a `crs` coordinates are OGC:CRS84, lon before lat. The optional `bbox` would be known only at
# the end, when the schema is written already, and there is where readers look.
_GEO = {
    "version": "1.1.0",
    "primary_column": "geometry",
    "columns": {"geometry": {"encoding": "WKB", "geometry_types": ["Point"]}},
}


def write_geoparquet(
    tracks: Iterable[ExportedTrack], out: BinaryIO, provenance: PeriodProvenance
) -> None:
    """A row group for each unit that has fixes, coordinates as they are stored. Who, when and why are in
    the file's metadata under "wangge"."""
    about = {"geo": orjson.dumps(_GEO), "wangge": orjson.dumps(provenance.to_json())}
    with pq.ParquetWriter(out, _SCHEMA.with_metadata(about), compression="zstd") as writer:
        for each in tracks:
            if len(each):
                writer.write_table(_table(each).replace_schema_metadata(about))


def _table(each: ExportedTrack) -> pa.Table:
    flags = each.flag_words
    at_us = np.rint(each.track.track.t_s * 1e6).astype(np.int64)
    columns = {
        "unit": [each.code] * len(each),
        "name": [each.name] * len(each),
        "at": pa.array(at_us).cast(_SCHEMA.field("at").type),
        "geometry": shapely.to_wkb(shapely.points(each.track.track.lon, each.track.track.lat)),
        **{
            name: pa.array(values, from_pandas=True)  # NaN is null
            for name, values in each.measured.columns().items()
        },
        "believed": [not flag for flag in flags],
        "flag": flags,
    }
    return pa.table(columns, schema=_SCHEMA)
