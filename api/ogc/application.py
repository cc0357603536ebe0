"""The application at /ogc. The only importer of TiPg, with `api.ogc.collection`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy import Connection
from tipg import dependencies as tipg
from tipg import errors as tipg_errors
from tipg.collections import Collection, CollectionList
from tipg.factory import OGCFeaturesFactory
from tipg.resources.enums import MediaType

from api.access import Caller, Permission, requires
from api.context import Services, ServicesDep
from api.coordinates import read_box
from api.known_parameters import refuse_all_but_declared
from api.layer_access import check_layer, may_read
from api.ogc.collection import LayerCollection
from api.problems import add_problem_handlers, wangge_error_response
from gis.errors import InvalidInput, NotFound
from layers.catalog import Layer, find_layer, read_layers
from layers.features.reading import read_extent

PREFIX = "/ogc"

_FILTER_CRS = "filter-crs"  # of the standard's part 3; TiPg does not know it

_MayRead = Annotated[Caller, requires(Permission.READ_LAYERS)]


def create_ogc_app() -> FastAPI:
    """To be mounted at PREFIX. Whoever mounts it puts the services into its state."""
    app = FastAPI(
        title="Wangge: OGC API - Features",
        docs_url=None,  # the stock pages load their scripts from a CDN, and so do TiPg's
        redoc_url=None,
        openapi_url="/api",
        redirect_slashes=False,
    )
    add_problem_handlers(app)
    app.add_exception_handler(tipg_errors.TiPgError, _tipg_error)
    app.state.pool = _NoPool()
    app.add_api_route(
        "/docs",
        lambda request: RedirectResponse(request.url_for("openapi")),
        name="swagger_ui_html",
        include_in_schema=False,
    )
    features = OGCFeaturesFactory(
        router=APIRouter(
            dependencies=[requires(Permission.READ_LAYERS), Depends(_refuse_unknown_parameters)]
        ),
        router_prefix=PREFIX,
        title="Wangge 网格",
        collections_dependency=_collections,
        collection_dependency=_collection,
    )
    app.include_router(features.router)
    app.dependency_overrides |= {
        tipg.OutputType: lambda: MediaType.json,
        tipg.QueryablesOutputType: lambda: MediaType.schemajson,
        tipg.ItemsOutputType: _items_type,
        tipg.ItemOutputType: _items_type,
        tipg.bbox_query: _bbox,
        tipg.filter_query: _filter,
    }
    return app


class _NoPool:
    """Instead of TiPg's connections: ours are taken where the features are read."""

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[None]:
        yield


async def _refuse_unknown_parameters(request: Request) -> None:
    """As OGC API - Features, 7.10, demands. Those of a collection are known with it."""
    if "collectionId" not in request.path_params:
        refuse_all_but_declared(request)


async def _tipg_error(_request: Request, error: Exception) -> JSONResponse:
    kind = NotFound if isinstance(error, tipg_errors.NotFound) else InvalidInput
    return wangge_error_response(kind(str(error)))


def _collections(caller: _MayRead, services: ServicesDep) -> CollectionList:
    """The layers that the caller may look at."""
    with services.database.begin(caller.viewer) as conn:
        collections: list[Collection] = [
            _described(conn, layer, caller, services)
            for layer in read_layers(conn)
            if may_read(layer, caller)
        ]
    return CollectionList(collections=collections, matched=len(collections), next=None, prev=None)


def _collection(
    request: Request,
    collection_id: Annotated[str, Path(alias="collectionId")],
    caller: _MayRead,
    services: ServicesDep,
) -> LayerCollection:
    """Its items may be chosen by its fields."""
    with services.database.begin(caller.viewer) as conn:
        layer = check_layer(find_layer(conn, collection_id), caller)
        is_of_items = request.scope["route"].path.endswith("/items")
        refuse_all_but_declared(request, also=(*layer.fields, _FILTER_CRS) if is_of_items else ())
        return _described(conn, layer, caller, services)


def _described(
    conn: Connection, layer: Layer, caller: Caller, services: Services
) -> LayerCollection:
    return LayerCollection.of(layer, caller, services, read_extent(conn, layer))


def _items_type(
    f: Literal["geojson", "json", "csv", "geojsonseq", "ndjson"] | None = None,
) -> MediaType:
    return MediaType.geojson if f is None else MediaType[f]


def _bbox(bbox: str | None = None) -> list[float] | None:
    """Of four numbers, or of six with heights, which mean nothing here."""
    if bbox is None:
        return None
    numbers = bbox.split(",")
    flat = [*numbers[:2], *numbers[3:5]] if len(numbers) == 6 else numbers
    box = read_box(",".join(flat))
    return [box.west, box.south, box.east, box.north]


def _filter(
    expression: Annotated[str | None, Query(alias="filter")] = None,
    crs: Annotated[str | None, Query(alias=_FILTER_CRS)] = None,
) -> str | None:
    if crs is not None and not crs.endswith(("/OGC/1.3/CRS84", "/EPSG/0/4326")):
        raise InvalidInput(
            "Geometries in a filter are in CRS84; leave out filter-crs.", field=_FILTER_CRS
        )
    return expression


async def redirect_to_landing(request: Request) -> RedirectResponse:
    """PREFIX without a slash at its end is what people type."""
    return RedirectResponse(f"{request.base_url}{PREFIX.strip('/')}/")
