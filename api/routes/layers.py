"""Layers of the map: what there is, as TileJSON and as vector tiles."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic import BaseModel
from starlette.datastructures import URL

from api.access import Caller, Permission, requires
from api.cell_layers import read_rows_of_tile
from api.context import ServicesDep
from api.layer_access import check_layer, may_read, selection_of
from api.tile_answers import TILE_RESPONSES, tile_answer
from gis.errors import InvalidInput, NotFound
from layers.catalog import FieldType, GeometryKind, Layer, LayerSource, find_layer, read_layers
from layers.catalog.freshness import Freshness, read_freshness
from layers.cells.rows import CellRows
from layers.selection import EVERYTHING, Selection
from layers.tiles.address import read_address
from layers.tiles.tilejson import tilejson

router = APIRouter(tags=["layers"])

MOST_LAYERS = 12
"""In one tile."""

MayRead = Annotated[Caller, requires(Permission.READ_LAYERS, limited=False)]
LayerIds = Annotated[
    str,
    Path(
        alias="id",
        description=f"A layer, or up to {MOST_LAYERS} between commas.",
        examples=["grids"],
    ),
]
When = Annotated[
    str | None,
    Query(
        alias="datetime",
        description="An instant, or two with a slash between them, either of which may be `..`; "
        "without it, what holds now.",
        examples=["2026-11-01T00:00:00Z/.."],
    ),
]


class LayerTitle(BaseModel):
    zh: str
    en: str


class LayerDescription(BaseModel):
    """`tiles` is a URL with the placeholders {z}, {x} and {y}, null for a layer without tiles;
    `sublayers` are the names inside. `has_time`: features hold for a time, and `datetime` chooses one.
    `choices` is what a computed layer is asked with beside that, each with its type. `permission` is
    what whoever looks needs. `changed_at` is null for what changes all the time or has never been
    written to. `origin` is the file, table or view of a layer that somebody added."""

    id: str
    title: LayerTitle
    geometry: GeometryKind
    sublayers: list[str]
    fields: dict[str, FieldType]
    has_time: bool
    choices: dict[str, FieldType]
    style: dict[str, Any]
    minzoom: int
    maxzoom: int
    source: LayerSource
    origin: str | None
    permission: str
    version: int | None
    changed_at: datetime | None
    tiles: str | None
    features: str

    @classmethod
    def of(cls, layer: Layer, freshness: Freshness | None, request: Request) -> "LayerDescription":
        return cls(
            id=layer.id,
            title=LayerTitle(zh=layer.title.zh, en=layer.title.en),
            geometry=layer.geometry,
            sublayers=list(layer.sublayers),
            fields=dict(layer.fields),
            has_time=layer.has_time,
            choices=dict(layer.choices),
            style=dict(layer.style),
            minzoom=layer.minzoom,
            maxzoom=layer.maxzoom,
            source=layer.source,
            origin=layer.origin,
            permission=layer.permission,
            version=None if freshness is None else freshness.version,
            changed_at=None if freshness is None else freshness.changed_at,
            tiles=_tiles_url(request, layer.id).path if layer.has_tiles else None,
            features=request.url_for("list_features", id=layer.id).path,
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
def list_layers(request: Request, caller: MayRead, services: ServicesDep) -> LayerList:
    """The layers that the caller may look at."""
    with services.database.begin() as conn:
        layers, freshness = read_layers(conn), read_freshness(conn)
    return LayerList(
        items=[
            LayerDescription.of(layer, freshness.get(layer.id), request)
            for layer in layers
            if may_read(layer, caller)
        ]
    )


@router.get("/layers/{id}")
def read_layer(
    request: Request,
    layer_id: Annotated[str, Path(alias="id", examples=["grids"])],
    caller: MayRead,
    services: ServicesDep,
) -> LayerDescription:
    with services.database.begin() as conn:
        layer, freshness = find_layer(conn, layer_id), read_freshness(conn)
    check_layer(layer, caller)
    return LayerDescription.of(layer, freshness.get(layer.id), request)


@router.get("/tiles/{id}.json", response_model_exclude_none=True)
def describe_tiles(
    request: Request, layer_ids: LayerIds, caller: MayRead, services: ServicesDep
) -> TileJson:
    with services.database.begin(caller.viewer) as conn:
        layers = [_with_tiles(find_layer(conn, each), caller) for each in _ids(layer_ids)]
        document = tilejson(conn, layers, tiles_url=str(_tiles_url(request, layer_ids)))
    return TileJson(**document)


@router.get(
    "/tiles/{id}/{z}/{x}/{y}.mvt",
    response_class=Response,
    responses=TILE_RESPONSES,
)
async def get_tile(
    *,
    request: Request,
    layer_ids: LayerIds,
    z: int,
    x: int,
    y: int,
    caller: MayRead,
    services: ServicesDep,
    when: When = None,
    accept_encoding: Annotated[str, Header()] = "",
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """Any other parameter names a field of the layer and the values it may have, between commas."""
    address = read_address(z, x, y)
    layers = [_with_tiles(await services.catalog.find(each), caller) for each in _ids(layer_ids)]
    wanted = _wanted(layers, request, when)
    rows = {
        layer.id: found
        for layer, selection in wanted
        if address.z >= layer.minzoom
        and (found := await read_rows_of_tile(layer, selection, caller, services, zoom=z))
        is not None
    }
    if len(wanted) == 1:
        [(layer, selection)] = wanted
        tile = await services.tiles.tile(
            layer, address, selection, caller.viewer, rows.get(layer.id)
        )
    else:
        tile = await services.tiles.tile_of_many(wanted, address, caller.viewer, rows)
    return tile_answer(
        tile,
        accept_encoding=accept_encoding,
        if_none_match=if_none_match,
        headers=_as_of(rows),
    )


def _as_of(rows: Mapping[str, CellRows]) -> dict[str, str]:
    """What was written after it may be missing in what was worked out."""
    if not rows:
        return {}
    return {"Last-Modified": format_datetime(min(each.as_of for each in rows.values()), True)}


def _ids(text: str) -> list[str]:
    ids = list(dict.fromkeys(text.split(",")))
    if len(ids) > MOST_LAYERS:
        raise InvalidInput(f"A tile has {MOST_LAYERS} layers at most.", field="id")
    return ids


def _with_tiles(layer: Layer, caller: Caller) -> Layer:
    check_layer(layer, caller)
    if not layer.has_tiles:
        raise NotFound(
            f"Layer {layer.id} has no tiles: who looks where people were is put on the audit. Read "
            f"/layers/{layer.id}/features.",
            field="id",
        )
    return layer


def _wanted(
    layers: Sequence[Layer], request: Request, when: str | None
) -> list[tuple[Layer, Selection]]:
    if not request.query_params:
        return [(layer, EVERYTHING) for layer in layers]  # the usual case, a hot path
    if len(layers) == 1:
        [layer] = layers
        return [(layer, selection_of(layer, request, when=when, known=("datetime",)))]
    if set(request.query_params) - {"datetime"}:
        raise InvalidInput("Ask for one layer to choose by its fields.", field="id")
    timed = [layer for layer in layers if layer.has_time]
    chosen = {each: selection_of(each, request, when=when, known=("datetime",)) for each in timed}
    return [(layer, chosen.get(layer, EVERYTHING)) for layer in layers]


def _tiles_url(request: Request, layer_ids: str) -> URL:
    return request.url_for("get_tile", id=layer_ids, z="{z}", x="{x}", y="{y}")
