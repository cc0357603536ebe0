"""Checkpoints: places that patrols have to reach."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, ConfigDict, Field

from api.access import Caller, Permission, requires
from api.answers import PointGeometry
from api.context import ServicesDep
from api.coordinates import read_position
from data.audit import record
from gis.crs import Crs
from gis.errors import InvalidInput, NotPermitted
from patrol.cases.report import read_text
from patrol.plans.checkpoints import (
    Checkpoint,
    NewCheckpoint,
    end_checkpoint,
    insert_checkpoint,
    list_checkpoints,
)

router = APIRouter(prefix="/checkpoints", tags=["plans"])

MayRead = Annotated[Caller, requires(Permission.READ_TRACKS)]
MayManage = Annotated[Caller, requires(Permission.MANAGE_PLANS)]
NAME_LIMIT = 100


class NewCheckpointBody(BaseModel):
    """Reached by whoever comes within `radius_m` of it, and stays inside for `dwell_s`."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(examples=["水库大坝"])]
    lon: float
    lat: float
    crs: Crs = Crs.WGS84
    radius_m: Annotated[float, Field(ge=5, le=500)] = 30.0
    dwell_s: Annotated[float, Field(ge=0, le=3600)] = 0.0


class CheckpointProperties(BaseModel):
    """`grid` is the deepest one that it lies in."""

    name: str
    grid: str
    radius_m: float
    dwell_s: float
    valid_from: datetime


class CheckpointFeature(BaseModel):
    type: Literal["Feature"]
    id: int
    geometry: PointGeometry
    properties: CheckpointProperties

    @classmethod
    def of(cls, one: Checkpoint) -> "CheckpointFeature":
        return cls(
            type="Feature",
            id=one.id,
            geometry=PointGeometry(type="Point", coordinates=one.place),
            properties=CheckpointProperties(
                name=one.name,
                grid=one.grid_code,
                radius_m=one.radius_m,
                dwell_s=one.dwell_s,
                valid_from=one.valid_from,
            ),
        )


class CheckpointCollection(BaseModel):
    type: Literal["FeatureCollection"]
    features: list[CheckpointFeature]


@router.get("", summary="The checkpoints in force, GeoJSON")
def list_all_checkpoints(caller: MayRead, services: ServicesDep) -> CheckpointCollection:
    """Those in one's part of the town."""
    with services.database.begin(caller.viewer) as conn:
        found = list_checkpoints(conn, caller.scope, datetime.now(UTC))
    return CheckpointCollection(
        type="FeatureCollection", features=[CheckpointFeature.of(one) for one in found]
    )


@router.post("", status_code=status.HTTP_201_CREATED, summary="Make a checkpoint")
def create_checkpoint(
    body: NewCheckpointBody, caller: MayManage, services: ServicesDep
) -> CheckpointFeature:
    """In a grid of one's own part of the town."""
    name = read_text(body.name, field="name", limit=NAME_LIMIT)
    if name is None:
        raise InvalidInput("Give the checkpoint a name.", field="name")
    lon, lat = read_position(body.lon, body.lat, body.crs)
    with services.database.begin(caller.viewer) as conn:
        index = services.grid_indexes.active(conn)
        place = None if index is None else index.tree.place(lon, lat)
        if place is None:
            raise InvalidInput("A checkpoint lies in a grid; this place is in none.", field="lon")
        if not caller.scope.covers(place.grid.code):
            raise NotPermitted(f"Grid {place.grid.code} is not one of yours.", field="lon")
        new = NewCheckpoint(
            name=name,
            lon=lon,
            lat=lat,
            radius_m=body.radius_m,
            dwell_s=body.dwell_s,
            grid_code=place.grid.code,
        )
        made = insert_checkpoint(conn, new, datetime.now(UTC))
        details = {"name": made.name, "grid": made.grid_code}
        record(conn, caller.who, "checkpoint.create", f"checkpoint {made.id}", details=details)
    return CheckpointFeature.of(made)


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, summary="End a checkpoint")
def delete_checkpoint(
    checkpoint_id: Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)],
    caller: MayManage,
    services: ServicesDep,
) -> None:
    """Not while a plan has it. To move one, end it and make another."""
    with services.database.begin(caller.viewer) as conn:
        name = end_checkpoint(conn, checkpoint_id, caller.scope, datetime.now(UTC))
        record(
            conn,
            caller.who,
            "checkpoint.end",
            f"checkpoint {checkpoint_id}",
            details={"name": name},
        )
