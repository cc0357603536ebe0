"""A layer as one file, for programs that read PMTiles in parts; the map itself asks for tiles."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Response
from fastapi.responses import FileResponse

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from api.layer_access import check_layer
from gis.errors import NotFound
from layers.catalog import find_layer

router = APIRouter(tags=["layers"])

_PMTILES = "application/vnd.pmtiles"

MayRead = Annotated[Caller, requires(Permission.READ_LAYERS, limited=False)]


@router.get(
    "/tiles/{id}.pmtiles",
    response_class=FileResponse,
    responses={
        200: {"content": {_PMTILES: {}}, "description": "PMTiles, version 3, as it was seeded"},
        206: {"content": {_PMTILES: {}}, "description": "The part named by Range"},
        304: {"description": "The file is still the one named by If-None-Match"},
    },
)
def get_tile_archive(
    layer_id: Annotated[str, Path(alias="id", examples=["basemap"])],
    caller: MayRead,
    services: ServicesDep,
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    with services.database.begin() as conn:
        layer = check_layer(find_layer(conn, layer_id), caller)
    path = services.archives.path_of(layer.id)
    if path is None:
        raise NotFound(
            f"The layer {layer.id!r} has no archive; 'wangge layers seed {layer.id}' writes one.",
            code="no_archive",
        )
    answer = FileResponse(
        path,
        media_type=_PMTILES,
        stat_result=path.stat(),
        headers={"Cache-Control": "private, no-cache"},
    )
    etag = answer.headers["etag"]
    if etag in if_none_match:
        return Response(
            status_code=304, headers={"ETag": etag, "Cache-Control": "private, no-cache"}
        )
    return answer
