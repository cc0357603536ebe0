"""TileJSON 3.0: what a map client must know to read the tiles of a layer, or of several as one."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from layers.catalog.layer import Layer
from layers.features.reading import BBox, read_extent


def tilejson(conn: Connection, layers: Sequence[Layer], *, tiles_url: str) -> dict[str, Any]:
    """The document of the layers. `tiles_url` has the placeholders {z}, {x} and {y}.

    `bounds` (west, south, east, north in degrees) hold what they show now to the transaction's viewer;
    without anything to show there are none.
    """
    extents = [extent for layer in layers if (extent := read_extent(conn, layer)) is not None]
    return {
        "tilejson": "3.0.0",
        "name": ", ".join(layer.title.en for layer in layers),
        "scheme": "xyz",
        "tiles": [tiles_url],
        "minzoom": min(layer.minzoom for layer in layers),
        "maxzoom": max(layer.maxzoom for layer in layers),
        **({"bounds": _around(extents)} if extents else {}),
        "vector_layers": [
            {
                "id": sublayer,
                "fields": dict(layer.fields),
                "minzoom": layer.minzoom,
                "maxzoom": layer.maxzoom,
            }
            for layer in layers
            for sublayer in layer.sublayers
        ],
    }


def _around(extents: Sequence[BBox]) -> list[float]:
    west, south, east, north = zip(*extents, strict=True)
    return [min(west), min(south), max(east), max(north)]
