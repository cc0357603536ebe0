"""Files of others: GeoJSON, shapefile, GeoPackage, KML, FlatGeobuf, CSV, XLSX and what else GDAL reads.

Whatever the file's coordinate system, what comes out is WGS-84, lon before lat.
"""

from data.files.crs import SourceCrs, parse_crs
from data.files.feature import FeatureFile, FileFeature
from data.files.looking import LayerContent
from data.files.reading import MOST_VERTICES, find_files, read_features, too_many_vertices
from data.files.writing import write_features, write_geojson

__all__ = [
    "MOST_VERTICES",
    "FeatureFile",
    "FileFeature",
    "LayerContent",
    "SourceCrs",
    "find_files",
    "parse_crs",
    "read_features",
    "too_many_vertices",
    "write_features",
    "write_geojson",
]
