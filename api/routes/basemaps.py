"""Basemaps of others: which there are, and their tiles through this server."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Request, Response
from pydantic import BaseModel, Field
from starlette.datastructures import URL

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from api.problems import Problem, wangge_error_response
from api.routes.layers import LayerTitle
from gis.errors import NotFound, UpstreamFailed
from layers.basemaps import Basemap, Pyramid, TileCrs

router = APIRouter(tags=["layers"])

_PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif")
_FRESH = "private, max-age=86400"
# An old tile, and word that there is none: the next look at the map may do better.
_SOON = "private, max-age=60"
_MISSING = "private, max-age=3600"

MayRead = Annotated[Caller, requires(Permission.READ_LAYERS, limited=False)]


class BasemapDescription(BaseModel):
    """`tiles` is a URL with the placeholders {z}, {x} and {y}, rows counted from the north; `labels`
    another, of names to draw over them. `crs` is what the tiles are drawn in: EPSG:3857, EPSG:4490 (at
    zoom z 2^z columns from 180° W and rows as high from 90° N), or 3857 of GCJ-02 positions."""

    id: str
    title: LayerTitle
    attribution: str
    crs: TileCrs
    minzoom: int
    maxzoom: int
    tile_size: int
    tiles: str
    labels: str | None = Field(description="Null where names are part of the tiles, or missing")

    @classmethod
    def of(cls, request: Request, basemap: Basemap) -> "BasemapDescription":
        def tiles(pyramid: Pyramid) -> str:
            return _tiles_url(request, pyramid).path

        return cls(
            id=basemap.id,
            title=LayerTitle(zh=basemap.title.zh, en=basemap.title.en),
            attribution=basemap.attribution,
            crs=basemap.ground.crs,
            minzoom=basemap.ground.minzoom,
            maxzoom=basemap.ground.maxzoom,
            tile_size=basemap.tile_size,
            tiles=tiles(basemap.ground),
            labels=None if basemap.labels is None else tiles(basemap.labels),
        )


class BasemapList(BaseModel):
    items: list[BasemapDescription]


@router.get("/basemaps")
def list_basemaps(request: Request, _caller: MayRead, services: ServicesDep) -> BasemapList:
    return BasemapList(
        items=[BasemapDescription.of(request, each) for each in services.basemaps.basemaps]
    )


@router.get(
    "/basemaps/{id}/{z}/{x}/{y}",
    response_class=Response,
    responses={
        200: {"content": {kind: {} for kind in _PICTURES}, "description": "The picture"},
        304: {"description": "The tile is still the one named by If-None-Match"},
        502: {"model": Problem, "description": "The map server answers with no picture"},
        504: {"model": Problem, "description": "The map server does not answer"},
    },
)
async def get_basemap_tile(
    *,
    pyramid_id: Annotated[str, Path(alias="id", examples=["aerial"])],
    z: int,
    x: int,
    y: int,
    _caller: MayRead,
    services: ServicesDep,
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    pyramid = services.basemaps.find(pyramid_id)
    address = pyramid.read_address(z, x, y)
    try:
        picture = await services.basemaps.picture(pyramid, address)
    except (NotFound, UpstreamFailed) as error:
        # Said here and not left to the table, for browsers ask for it again at every move of the map.
        answer = wangge_error_response(error)
        answer.headers["Cache-Control"] = _MISSING if isinstance(error, NotFound) else "no-store"
        return answer
    etag = f'"{picture.digest}"'
    headers = {"ETag": etag, "Cache-Control": _SOON if picture.is_old else _FRESH}
    if etag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(picture.content, headers=headers, media_type=picture.media_type)


def _tiles_url(request: Request, pyramid: Pyramid) -> URL:
    return request.url_for("get_basemap_tile", id=pyramid.id, z="{z}", x="{x}", y="{y}")
