"""What the map of the page for citizens needs: where the town is, its ground, whether a place is in it.

Of the layers only the basemap is public. Neither grids nor anything of the work is.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, Field

from api.access import address_of
from api.context import ServicesDep
from api.coordinates import read_position
from api.routes.citizens import open_to_citizens, require_citizens
from api.tile_answers import TILE_RESPONSES, tile_answer
from data.basemap.frame import frame_of_grids
from gis.crs import Crs
from layers.tiles.address import read_address

BASEMAP = "basemap"


async def open_map(request: Request, services: ServicesDep) -> None:
    """Raises NotPermitted where citizens may not report, and Overloaded. Tiles are counted apart: a map
    asks for many, and the report that comes of it must not be refused for them."""
    require_citizens(services)
    services.citizen_rates.check_tile(address_of(request))


router = APIRouter(prefix="/public", tags=["citizens"])
Limited = Depends(open_to_citizens)


class PublicTown(BaseModel):
    """`bounds` are west, south, east, north in degrees (WGS-84); null while no grids are in force."""

    bounds: Annotated[list[float], Field(min_length=4, max_length=4)] | None


class PublicPlace(BaseModel):
    within_grids: Annotated[
        bool, Field(description="Else a report from there is taken, and nobody's yet.")
    ]


@router.get("/town", dependencies=[Limited], summary="Where the town is")
def get_public_town(services: ServicesDep) -> PublicTown:
    with services.database.begin() as conn:
        frame = frame_of_grids(conn)
    if frame is None:
        return PublicTown(bounds=None)
    return PublicTown(bounds=[frame.west, frame.south, frame.east, frame.north])


@router.get("/place", dependencies=[Limited], summary="Whether a place can be reported")
def check_public_place(
    services: ServicesDep, lon: float, lat: float, crs: Crs = Crs.WGS84
) -> PublicPlace:
    """422 `too_far_away` for a place of which a report would be refused."""
    lon, lat = read_position(lon, lat, crs)
    with services.database.begin() as conn:
        services.cases.require_near(conn, lon, lat)
        index = services.grid_indexes.active(conn)
    return PublicPlace(within_grids=index is not None and index.tree.place(lon, lat) is not None)


@router.get(
    "/basemap/{z}/{x}/{y}.mvt",
    dependencies=[Depends(open_map)],
    summary="The ground of the map, without an account",
    response_class=Response,
    responses=TILE_RESPONSES,
)
async def get_public_basemap_tile(
    *,
    z: int,
    x: int,
    y: int,
    services: ServicesDep,
    accept_encoding: Annotated[str, Header()] = "",
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """As GET /tiles/basemap/{z}/{x}/{y}.mvt."""
    address = read_address(z, x, y)
    tile = await services.tiles.tile(await services.catalog.find(BASEMAP), address)
    return tile_answer(tile, accept_encoding=accept_encoding, if_none_match=if_none_match)
