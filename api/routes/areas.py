"""Areas that alerts are about: where some people should not go, or should be looked after."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, Field

from api.access import Caller, Permission, Role, requires
from api.context import ServicesDep
from data.audit import record
from gis.errors import NotFound
from gis.geojson import geojson_to_geometry, geometry_to_geojson
from patrol.alerts.areas import Area, AreaKind, end_area, insert_area, list_areas, read_area

router = APIRouter(prefix="/areas", tags=["alerts"])

MayRead = Annotated[Caller, requires(Permission.READ_POSITIONS)]
MayManage = Annotated[Caller, requires(Permission.MANAGE_AREAS)]


class PolygonGeometry(BaseModel):
    type: Literal["Polygon"]
    coordinates: list[list[list[float]]]


class MultiPolygonGeometry(BaseModel):
    type: Literal["MultiPolygon"]
    coordinates: list[list[list[list[float]]]]


Polygonal = Annotated[
    PolygonGeometry | MultiPolygonGeometry, Field(discriminator="type", description="In WGS-84.")
]


class NewAreaBody(BaseModel):
    """`grid` and `roles` say for whom: units at home in that grid and below it, and of these roles; left
    out or null is everybody."""

    name: Annotated[str, Field(examples=["采石场"])]
    kind: AreaKind
    geometry: Polygonal
    grid: str | None = None
    roles: Annotated[list[Role] | None, Field(min_length=1)] = None


class AreaProperties(BaseModel):
    name: str
    kind: AreaKind
    grid: str | None
    roles: list[str] | None
    valid_from: datetime


class AreaFeature(BaseModel):
    type: Literal["Feature"]
    id: int
    geometry: MultiPolygonGeometry
    properties: AreaProperties

    @classmethod
    def of(cls, area: Area) -> "AreaFeature":
        geometry: Any = geometry_to_geojson(area.geometry)
        return cls(
            type="Feature",
            id=area.id,
            geometry=geometry,
            properties=AreaProperties(
                name=area.name,
                kind=area.kind,
                grid=area.grid_code,
                roles=None if area.roles is None else list(area.roles),
                valid_from=area.valid_from,
            ),
        )


class AreaCollection(BaseModel):
    type: Literal["FeatureCollection"]
    features: list[AreaFeature]


@router.get("", summary="The areas in force, GeoJSON")
def list_alert_areas(caller: MayRead, services: ServicesDep) -> AreaCollection:
    with services.database.begin(caller.viewer) as conn:
        areas = list_areas(conn, datetime.now(UTC))
    return AreaCollection(
        type="FeatureCollection", features=[AreaFeature.of(area) for area in areas]
    )


@router.post("", status_code=status.HTTP_201_CREATED, summary="Draw an area")
def create_area(body: NewAreaBody, caller: MayManage, services: ServicesDep) -> AreaFeature:
    """It is in force from now on."""
    area = read_area(
        name=body.name,
        kind=body.kind,
        geometry=geojson_to_geometry(body.geometry.model_dump()),
        grid_code=body.grid,
        roles=body.roles,
    )
    with services.database.begin(caller.viewer) as conn:
        index = services.grid_indexes.active(conn)
        if area.grid_code is not None and (index is None or area.grid_code not in index.tree):
            raise NotFound(f"There is no grid {area.grid_code} in force.", field="grid")
        stored = insert_area(conn, area, datetime.now(UTC))
        details = {"name": stored.name, "kind": stored.kind.value}
        record(conn, caller.who, "area.create", f"area {stored.id}", details=details)
    return AreaFeature.of(stored)


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, summary="End an area")
def delete_area(
    area_id: Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)],
    caller: MayManage,
    services: ServicesDep,
) -> None:
    """Alerts about it end with it. To change an area, end it and draw another."""
    with services.database.begin(caller.viewer) as conn:
        name = end_area(conn, area_id, datetime.now(UTC))
        record(conn, caller.who, "area.end", f"area {area_id}", details={"name": name})
