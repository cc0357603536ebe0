"""Layers of the map: what there is, as TileJSON and as vector tiles."""

import gzip
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Path, Request, Response
from pydantic import BaseModel
from starlette.datastructures import URL

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from layers.catalog import LAYERS, FieldType, GeometryKind, Layer, find_layer
from layers.tiles.address import read_address
from layers.tiles.tilejson import tilejson

router = APIRouter(tags=["layers"])

_MVT = "application/vnd.mapbox-vector-tile"
# Kept by browsers, but asked about every time: a tile is never stale.
_CACHING = {"Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}

MayRead = Annotated[Caller, requires(Permission.READ_LAYERS, limited=False)]
LayerId = Annotated[str, Path(alias="id", examples=["grids"])]


class LayerTitle(BaseModel):
    zh: str
    en: str


class LayerDescription(BaseModel):
    """`tiles` is a URL with the placeholders {z}, {x} and {y}; `sublayers` are the names inside."""

    id: str
    title: LayerTitle
    geometry: GeometryKind
    sublayers: list[str]
    fields: dict[str, FieldType]
    minzoom: int
    maxzoom: int
    tiles: str

    @classmethod
    def of(cls, layer: Layer, tiles: str) -> "LayerDescription":
        return cls(
            id=layer.id,
            title=LayerTitle(zh=layer.title.zh, en=layer.title.en),
            geometry=layer.geometry,
            sublayers=list(layer.sublayers),
            fields=dict(layer.fields),
            minzoom=layer.minzoom,
            maxzoom=layer.maxzoom,
            tiles=tiles,
        )


class LayerList(BaseModel):
    items: list[LayerDescription]


class VectorLayer(BaseModel):
    id: str
    fields: dict[str, FieldType]
    minzoom: int
    maxzoom: int


class TileJson(BaseModel):
    """TileJSON 3.0. `bounds` are west, south, east, north in degrees; an empty layer has none."""

    tilejson: Literal["3.0.0"]
    name: str
    scheme: Literal["xyz"]
    tiles: list[str]
    minzoom: int
    maxzoom: int
    bounds: tuple[float, float, float, float] | None = None
    vector_layers: list[VectorLayer]


@router.get("/layers")
def list_layers(request: Request, _caller: MayRead) -> LayerList:
    return LayerList(
        items=[
            LayerDescription.of(layer, _tiles_url(request, layer).path) for layer in LAYERS.values()
        ]
    )


@router.get("/tiles/{id}.json", response_model_exclude_none=True)
def describe_tiles(
    request: Request, layer_id: LayerId, _caller: MayRead, services: ServicesDep
) -> TileJson:
    layer = find_layer(layer_id)
    with services.database.begin() as conn:
        document = tilejson(conn, layer, tiles_url=str(_tiles_url(request, layer)))
    return TileJson(**document)


@router.get(
    "/tiles/{id}/{z}/{x}/{y}.mvt",
    response_class=Response,
    responses={
        200: {"content": {_MVT: {}}, "description": "A Mapbox vector tile, version 2"},
        204: {"description": "Nothing of the layer lies in this tile"},
        304: {"description": "The tile is still the one named by If-None-Match"},
    },
)
async def get_tile(
    *,
    layer_id: LayerId,
    z: int,
    x: int,
    y: int,
    _caller: MayRead,
    services: ServicesDep,
    accept_encoding: Annotated[str, Header()] = "",
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    tile = await services.tiles.tile(find_layer(layer_id), read_address(z, x, y))
    if not tile.gzipped:
        return Response(status_code=204, headers=_CACHING)
    as_kept = "gzip" in accept_encoding
    etag = f'"{tile.digest}{"-gzip" if as_kept else ""}"'
    headers = {"ETag": etag, **_CACHING}
    if etag in if_none_match:
        return Response(status_code=304, headers=headers)
    if as_kept:
        headers["Content-Encoding"] = "gzip"
    body = tile.gzipped if as_kept else gzip.decompress(tile.gzipped)
    return Response(body, headers=headers, media_type=_MVT)


def _tiles_url(request: Request, layer: Layer) -> URL:
    return request.url_for("get_tile", id=layer.id, z="{z}", x="{x}", y="{y}")
