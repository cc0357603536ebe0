"""Tianditu (天地图), the national map service: its layers, and the addresses of their tiles.

By its interface for developers: WMTS 1.0.0 with key-value pairs, a matrix set "w" (EPSG:3857) and one
"c" (EPSG:4490) for each layer, and a key `tk` that is given to a server or to a browser.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from layers.catalog import Title

Ground = Literal["vec", "img", "ter"]
MatrixSet = Literal["w", "c"]

TITLES: Mapping[Ground, Title] = MappingProxyType(
    {
        "vec": Title(zh="天地图 矢量", en="Tianditu streets"),
        "img": Title(zh="天地图 影像", en="Tianditu aerial"),
        "ter": Title(zh="天地图 地形", en="Tianditu relief"),
    }
)
_NAMES: Mapping[Ground, str] = MappingProxyType({"vec": "cva", "img": "cia", "ter": "cta"})
_QUERY = (
    "SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default&TILEMATRIXSET={set}"
    "&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={{key}}"
)


def tianditu_templates(base: str, ground: Ground, matrix_set: MatrixSet) -> tuple[str, str]:
    """The addresses of the layer's tiles and of the names over it; `base` is the server, or whatever
    hands its answers on inside the intranet."""

    def template(layer: str) -> str:
        query = _QUERY.format(layer=layer, set=matrix_set)
        return f"{base.rstrip('/')}/{layer}_{matrix_set}/wmts?{query}"

    return template(ground), template(_NAMES[ground])
