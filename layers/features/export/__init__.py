"""A layer as a file: GeoJSON, GeoParquet, GeoPackage, CSV or a workbook."""

from layers.features.export.formats import LayerFormat, export_layer

__all__ = ["LayerFormat", "export_layer"]
