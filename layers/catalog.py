"""The layers that every installation has.

A layer is one entry here and one statement of the same name in `layers/tiles/tiles.sql`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from sqlalchemy import Table

from data import schema
from gis.errors import NotFound

GeometryKind = Literal["point", "polygon", "mixed"]


class FieldType(StrEnum):
    """The types that TileJSON 3 names for the attributes of a feature."""

    STRING = "String"
    NUMBER = "Number"


@dataclass(frozen=True, kw_only=True, slots=True)
class Title:
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """Something the map can show.

    `sublayers` are the names inside its vector tiles; each of their features has the same `fields`.
    Below `minzoom` a tile is empty; beyond `maxzoom` it holds nothing new and a client enlarges it.
    `version` in `layer_versions` (under `id`) rises whenever `table` changes.
    """

    id: str
    title: Title
    geometry: GeometryKind
    sublayers: tuple[str, ...]
    fields: Mapping[str, FieldType]
    minzoom: int
    maxzoom: int
    table: Table


_LAYERS = (
    Layer(
        id="basemap",
        title=Title(zh="底图", en="Basemap"),
        geometry="mixed",
        sublayers=("farmland", "green", "built", "water", "road", "place"),
        fields={"class": FieldType.STRING, "name": FieldType.STRING},
        minzoom=6,
        maxzoom=16,
        table=schema.basemap_features,
    ),
    Layer(
        id="grids",
        title=Title(zh="网格", en="Grids"),
        geometry="polygon",
        sublayers=("grids", "grid_labels"),
        fields={
            "code": FieldType.STRING,
            "name": FieldType.STRING,
            "level": FieldType.NUMBER,
            "parent": FieldType.STRING,
        },
        minzoom=0,
        maxzoom=16,
        table=schema.grids,
    ),
    Layer(
        id="cameras",
        title=Title(zh="视频监控", en="Cameras"),
        geometry="point",
        sublayers=("cameras", "camera_views"),
        fields={
            "code": FieldType.STRING,
            "name": FieldType.STRING,
            "network": FieldType.STRING,
            "kind": FieldType.STRING,
            "bearing_deg": FieldType.NUMBER,
            "fov_deg": FieldType.NUMBER,
            "range_m": FieldType.NUMBER,
            "state": FieldType.STRING,
        },
        minzoom=10,
        maxzoom=16,
        table=schema.cameras,
    ),
    Layer(
        id="facilities",
        title=Title(zh="部件设施", en="Facilities"),
        geometry="point",
        sublayers=("facilities",),
        fields={
            "code": FieldType.STRING,
            "name": FieldType.STRING,
            "kind": FieldType.STRING,
        },
        minzoom=12,
        maxzoom=16,
        table=schema.facilities,
    ),
    Layer(
        id="sensors",
        title=Title(zh="感知设备", en="Sensors"),
        geometry="point",
        sublayers=("sensors",),
        fields={
            "code": FieldType.STRING,
            "name": FieldType.STRING,
            "kind": FieldType.STRING,
        },
        minzoom=10,
        maxzoom=16,
        table=schema.sensors,
    ),
)

LAYERS: Mapping[str, Layer] = MappingProxyType({layer.id: layer for layer in _LAYERS})


def find_layer(layer_id: str) -> Layer:
    """The layer called `layer_id`. Raises NotFound, naming those there are."""
    try:
        return LAYERS[layer_id]
    except KeyError:
        raise NotFound(
            f"There is no layer {layer_id!r}; the layers are {', '.join(LAYERS)}.",
            code="no_such_layer",
            field="id",
        ) from None
