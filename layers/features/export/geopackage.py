"""A layer as a GeoPackage (OGC 12-128), for QGIS and other programs."""

import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from data.exports.provenance import Provenance
from data.files.ogr import write_ogr_stream
from layers.features.export.arrow import GEOMETRY, record_batches, schema_of
from layers.features.export.batches import Batches


def write_geopackage(batches: Batches, out: BinaryIO, provenance: Provenance) -> None:
    """One layer, in EPSG:4326, coordinates as they are stored; its description says where it comes from.

    GDAL writes to a place of its own first: SQLite wants to go back and forth in a file.
    """
    schema = schema_of(batches.layer)
    with tempfile.TemporaryDirectory(prefix="wangge-gpkg-") as folder:
        path = Path(folder) / "layer.gpkg"
        write_ogr_stream(
            path,
            pa.RecordBatchReader.from_batches(schema, record_batches(batches, schema)),
            geometry=GEOMETRY,
            driver="GPKG",
            layer=batches.layer.id,
            description=str(provenance),
        )
        with path.open("rb") as written:
            shutil.copyfileobj(written, out)
