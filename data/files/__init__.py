"""Files of others: GeoJSON, shapefile, GeoPackage, KML, FlatGeobuf and what else GDAL reads.

Whatever the file's coordinate system, what comes out is WGS-84, lon before lat.
"""

from data.files.crs import SourceCrs, parse_crs
from data.files.feature import FeatureFile, FileFeature
from data.files.reading import find_files, read_features
from data.files.writing import write_features, write_geojson

__all__ = [
    "FeatureFile",
    "FileFeature",
    "SourceCrs",
    "find_files",
    "parse_crs",
    "read_features",
    "write_features",
    "write_geojson",
]
