"""Where positions lie: the one grid of each, and who owns what happens there."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from api.access import Caller, Permission, requires
from api.answers import GridOfLevel
from api.context import Services, ServicesDep
from api.coordinates import read_position
from api.downloads import place_for_one, send_file, temporary_file
from api.instants import Instant
from api.point_tables import SUFFIXES, Answering, PointColumns, locate_table, owners_by_code
from api.uploads import Received, form_body, received_files
from data.confined import in_their_words
from gis.crs import Crs
from gis.errors import InvalidInput, UnreadableFile
from gis.tree import Place
from patrol.duty.ownership import Owner, OwnerReason, owners_of

router = APIRouter()
"""Part of `/grids`."""

MOST_POINTS = 10_000
_AT = "By the grids, posts, leave and duty of then, also to come; else of now."

_FILE_BODY = form_body(
    {
        "files": {
            "type": "string",
            "format": "binary",
            "description": "One CSV file, UTF-8 or GB 18030, of up to 32 MB.",
        },
        "crs": {"type": "string", "enum": [*Crs]},
        "lon_field": {"type": "string", "description": "Else by its name."},
        "lat_field": {"type": "string", "description": "Else by its name."},
    }
)

MayRead = Annotated[Caller, requires(Permission.READ_GRIDS)]


class PlaceOwner(BaseModel):
    """In the dispatch queue there is nobody yet: `staff` and `name` are null."""

    staff: int | None
    name: str | None
    role: str
    reason: OwnerReason


class LocatedPoint(BaseModel):
    """`snapped`: in no grid, but near this one, by `distance_m`. Without a grid both grids, the owner
    and the distance are null; the owner is null too where the grid is out of one's scope."""

    grid: GridOfLevel | None
    parent: GridOfLevel | None
    on_boundary: bool
    snapped: bool
    distance_m: float | None
    owner: PlaceOwner | None


class LocatedPoints(BaseModel):
    items: list[LocatedPoint]


class Position(BaseModel):
    lon: Annotated[float, Field(examples=[118.6721])]
    lat: Annotated[float, Field(examples=[34.5302])]


class PointsToLocate(BaseModel):
    points: Annotated[list[Position], Field(max_length=MOST_POINTS)]
    crs: Crs = Crs.WGS84
    at: Annotated[Instant | None, Field(description=_AT)] = None


@router.get("/locate")
def locate_point(
    caller: MayRead,
    services: ServicesDep,
    *,
    lon: Annotated[float, Query(examples=[118.6721])],
    lat: Annotated[float, Query(examples=[34.5302])],
    crs: Crs = Crs.WGS84,
    at: Annotated[Instant | None, Query(description=_AT)] = None,
) -> LocatedPoint:
    """The one grid that a position lies in, and who owns what happens there."""
    return _locate([read_position(lon, lat, crs)], at, caller, services)[0]


@router.post("/locate")
def locate_points(body: PointsToLocate, caller: MayRead, services: ServicesDep) -> LocatedPoints:
    """The same for up to 10,000 positions, answered in their order."""
    positions = []
    for number, point in enumerate(body.points):
        try:
            positions.append(read_position(point.lon, point.lat, body.crs))
        except InvalidInput as error:
            field = f"points.{number}.{error.field}"
            raise InvalidInput(f"{field}: {error.message}", code=error.code, field=field) from error
    return LocatedPoints(items=_locate(positions, body.at, caller, services))


@router.post(
    "/locate/file",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    openapi_extra=_FILE_BODY,
)
async def locate_file(request: Request, caller: MayRead, services: ServicesDep) -> Response:
    """The same for every row of a CSV file, which comes back with its columns and more: `grid_code`,
    `grid_name`, `grid_level`, `parent_code`, `on_boundary`, `snapped`, `distance_m`, `owner`,
    `owner_role`, `owner_reason`. A row that cannot be located keeps its place, with a `problem`."""
    async with received_files(request, suffixes=SUFFIXES, most_files=1) as received:
        return await to_thread.run_sync(_locate_file, received, caller, services)


def _locate_file(received: Received, caller: Caller, services: Services) -> Response:
    [file] = received.files
    try:
        crs = Crs(received.field("crs") or Crs.WGS84)
    except ValueError as error:
        raise InvalidInput(
            f"crs is one of {', '.join(Crs)}, not {(received.field('crs') or '')[:20]!r}.",
            field="crs",
        ) from error
    columns = PointColumns(lon=received.field("lon_field"), lat=received.field("lat_field"))
    with services.database.begin() as conn:
        index = services.grid_indexes.active(conn)
        owners = {} if index is None else owners_by_code(conn, index, datetime.now(UTC))

    def show(code: str, owner: Owner) -> tuple[str, str, str]:
        if not caller.scope.covers(code):
            return "", "", ""
        name = owner.name and caller.names.of_post(owner.name, owner.role)
        return name or "", owner.role, owner.reason

    answering = Answering(index=index, owners=owners, show=show)
    with place_for_one(services), temporary_file() as (out, keep):
        try:
            locate_table(file.path, out, answering, crs=crs, columns=columns)
        except UnreadableFile as error:
            raise in_their_words(error, file.path, file.label) from error
        keep()
        return send_file(out, f"{PurePath(file.label).stem}-located.csv", "text/csv; charset=utf-8")


def _locate(
    positions: Sequence[tuple[float, float]],
    at: datetime | None,
    caller: Caller,
    services: Services,
) -> list[LocatedPoint]:
    with services.database.begin() as conn:
        indexes = services.grid_indexes
        index = indexes.active(conn) if at is None else indexes.at(at, conn)
        if index is None:
            return [_located(None, caller, {})] * len(positions)
        places = [index.tree.place(lon, lat) for lon, lat in positions]
        codes = sorted({place.grid.code for place in places if place is not None})
        chains = [[grid.code for grid in index.tree.chain(code)] for code in codes]
        owners = dict(zip(codes, owners_of(conn, chains, at or datetime.now(UTC)), strict=True))
    return [_located(place, caller, owners) for place in places]


def _located(place: Place | None, caller: Caller, owners: Mapping[str, Owner]) -> LocatedPoint:
    if place is None:
        return LocatedPoint(
            grid=None, parent=None, on_boundary=False, snapped=False, distance_m=None, owner=None
        )
    owner = owners[place.grid.code]
    return LocatedPoint(
        grid=GridOfLevel.of(place.grid),
        parent=GridOfLevel.of(place.chain[1]) if len(place.chain) > 1 else None,
        on_boundary=place.on_boundary,
        snapped=place.snapped,
        distance_m=round(place.distance_m, 2),
        owner=PlaceOwner(
            staff=owner.staff_id,
            name=owner.name and caller.names.of_post(owner.name, owner.role),
            role=owner.role,
            reason=owner.reason,
        )
        if caller.scope.covers(place.grid.code)
        else None,
    )
