"""Grids: the map of who answers for what."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import orjson
import shapely
from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel
from sqlalchemy import Connection

from api.access import Caller, Permission, requires
from api.answers import GeoJsonResponse
from api.context import Services, ServicesDep
from api.coordinates import read_box
from api.instants import Instant
from api.masking import mask_phone
from api.names import Names
from api.routes import grid_owners, locate
from data.editions import GridIndex, StoredGrid, read_grids
from gis.errors import NotFound, NotPermitted
from gis.geojson import DIGITS
from patrol.cases.workload import NOTHING, Workload, workload_of
from patrol.duty.ownership import Owner, owners_of
from patrol.duty.posts import Holder, holders_in

router = APIRouter(prefix="/grids", tags=["grids"])
# Before /{code}, which they would be taken for.
router.include_router(locate.router)
router.include_router(grid_owners.router)

MayRead = Annotated[Caller, requires(Permission.READ_GRIDS)]
Code = Annotated[str, Path(examples=["320722101203005"])]
At = Annotated[
    Instant | None,
    Query(description="As the grids were, or are set to be, then; without it, as they are now."),
]


class GridOwner(BaseModel):
    staff: int
    name: str
    role: str


class GridProperties(BaseModel):
    """`owner` is who answers for the grid now; null is the dispatch queue, or out of one's scope."""

    code: str
    name: str
    level: int
    parent: str | None
    edition: int
    area_m2: float
    in_scope: bool
    owner: GridOwner | None


class OneGridProperties(GridProperties):
    """`children` by code; `ancestors` with the nearest first."""

    children: list[str]
    ancestors: list[str]


class MultiPolygonGeometry(BaseModel):
    """WGS-84, lon before lat, rounded to a centimetre."""

    type: Literal["MultiPolygon"]
    coordinates: list[list[list[tuple[float, float]]]]


class GridFeature(BaseModel):
    type: Literal["Feature"]
    id: str
    geometry: MultiPolygonGeometry
    properties: GridProperties


class OneGridFeature(GridFeature):
    properties: OneGridProperties


class GridCollection(BaseModel):
    type: Literal["FeatureCollection"]
    features: list[GridFeature]


class StaffMember(BaseModel):
    """`grid` is the grid of the post, `unit` what the person carries. `phone` is masked; see
    `POST /staff/{id}/unmask`. `open_cases` are those in their hands, not handled yet. `grid` is null
    for a post that knows none, of a `department` for example."""

    staff: int
    name: str
    role: str
    is_deputy: bool
    grid: str | None
    department: str | None
    unit: str | None
    on_duty: bool
    on_leave: bool
    phone: str | None
    open_cases: int
    overdue_cases: int

    @classmethod
    def of(cls, holder: Holder, load: Workload, names: Names) -> "StaffMember":
        return cls(
            staff=holder.staff_id,
            name=names.of_staff(holder.name, holder.staff_id),
            role=holder.role,
            is_deputy=holder.is_deputy,
            grid=holder.grid_code,
            department=holder.department,
            unit=holder.unit,
            on_duty=holder.on_duty,
            on_leave=holder.on_leave,
            phone=holder.phone and mask_phone(holder.phone),
            open_cases=load.open,
            overdue_cases=load.overdue,
        )


class StaffList(BaseModel):
    items: list[StaffMember]


@router.get("", response_model=GridCollection, response_class=GeoJsonResponse)
def list_grids(
    caller: MayRead,
    services: ServicesDep,
    level: Annotated[int | None, Query(ge=1, le=9)] = None,
    bbox: Annotated[str | None, Query(description="west,south,east,north")] = None,
    at: At = None,
) -> Response:
    """The grids in force, by level and code, as GeoJSON."""
    box = None if bbox is None else read_box(bbox)
    corners = None if box is None else (box.west, box.south, box.east, box.north)
    with services.database.begin() as conn:
        index = _index(conn, services, at)
        rows = (
            [] if index is None else read_grids(conn, index.edition_id, level=level, bbox=corners)
        )
        owners = {} if index is None else _owners(conn, index, [row.grid.code for row in rows])
    properties = [_properties(row, caller, owners).model_dump() for row in rows]
    features = _features(rows, properties)
    return GeoJsonResponse(orjson.dumps({"type": "FeatureCollection", "features": features}))


@router.get("/{code}", response_model=OneGridFeature, response_class=GeoJsonResponse)
def read_grid(code: Code, caller: MayRead, services: ServicesDep, at: At = None) -> Response:
    """One grid, with its children and ancestors."""
    with services.database.begin() as conn:
        index = _require_index(conn, services, at)
        tree = index.tree
        grid = tree[code]
        [row] = read_grids(conn, index.edition_id, code=code)
        owners = _owners(conn, index, [code])
    properties = OneGridProperties(
        **_properties(row, caller, owners).model_dump(),
        children=[child.code for child in tree.children(code)],
        ancestors=[above.code for above in tree.ancestors(grid.code)],
    )
    [feature] = _features([row], [properties.model_dump()])
    return GeoJsonResponse(orjson.dumps(feature))


@router.get("/{code}/staff")
def list_grid_staff(
    code: Code,
    caller: Annotated[Caller, requires(Permission.READ_STAFF)],
    services: ServicesDep,
    of_the_town: Annotated[
        bool, Query(description="Those too whose posts know no grid: departments, enforcement.")
    ] = False,
) -> StaffList:
    """Who holds a post in the grid and in those below it; the grid's own first."""
    with services.database.begin() as conn:
        tree = _require_index(conn, services, None).tree
        codes = tree.subtree([code])
        if not caller.scope.covers(code):
            raise NotPermitted(f"Grid {code} is not one of yours.", field="code")
        now = datetime.now(UTC)
        holders = holders_in(conn, codes, now, of_the_town=of_the_town)
        loads = workload_of(conn, [holder.staff_id for holder in holders], now)
    last = len(tree.index_of)
    holders.sort(key=lambda holder: tree.index_of.get(holder.grid_code or "", last))
    return StaffList(
        items=[
            StaffMember.of(holder, loads.get(holder.staff_id, NOTHING), caller.names)
            for holder in holders
        ]
    )


def _index(conn: Connection, services: Services, at: datetime | None) -> GridIndex | None:
    if at is None:
        return services.grid_indexes.active(conn)
    return services.grid_indexes.at(at, conn)


def _require_index(conn: Connection, services: Services, at: datetime | None) -> GridIndex:
    index = _index(conn, services, at)
    if index is None:
        raise NotFound("No grid edition was in force then." if at else "No grid edition is active.")
    return index


def _owners(conn: Connection, index: GridIndex, codes: Sequence[str]) -> Mapping[str, Owner]:
    """Who owns, now, what happens in each of these grids."""
    chains = [[grid.code for grid in index.tree.chain(code)] for code in codes]
    return dict(zip(codes, owners_of(conn, chains, datetime.now(UTC)), strict=True))


def _properties(row: StoredGrid, caller: Caller, owners: Mapping[str, Owner]) -> GridProperties:
    grid = row.grid
    in_scope = caller.scope.covers(grid.code)
    owner = owners[grid.code]
    return GridProperties(
        code=grid.code,
        name=grid.name,
        level=grid.level,
        parent=grid.parent_code,
        edition=row.edition_id,
        area_m2=round(row.area_m2, 2),
        in_scope=in_scope,
        owner=GridOwner(
            staff=owner.staff_id,
            name=caller.names.of_post(owner.name, owner.role),
            role=owner.role,
        )
        if in_scope and owner.staff_id is not None and owner.name is not None
        else None,
    )


def _features(
    rows: Sequence[StoredGrid], properties: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """GeoJSON features whose geometry is encoded by GEOS, all at once: a city has 10^5 vertices."""
    if not rows:
        return []
    rounded = shapely.transform([row.grid.geometry for row in rows], lambda xy: xy.round(DIGITS))
    return [
        {
            "type": "Feature",
            "id": row.grid.code,
            "geometry": orjson.Fragment(geometry),
            "properties": each,
        }
        for row, geometry, each in zip(rows, shapely.to_geojson(rounded), properties, strict=True)
    ]
