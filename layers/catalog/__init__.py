"""What the map can show: the layers that every installation has, and those that people add."""

from layers.catalog.built_in import BUILT_IN
from layers.catalog.catalog import find_layer, read_layers
from layers.catalog.layer import (
    FieldType,
    GeometryKind,
    Layer,
    LayerSource,
    Relation,
    Title,
    Validity,
)

__all__ = [
    "BUILT_IN",
    "FieldType",
    "GeometryKind",
    "Layer",
    "LayerSource",
    "Relation",
    "Title",
    "Validity",
    "find_layer",
    "read_layers",
]
