"""Video rounds: cameras one after another, for a wall of screens."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from api.access import Caller, Permission, requires
from api.answers import LineGeometry
from api.context import ServicesDep
from api.instants import Instant
from data.audit import record
from gis.errors import InvalidInput
from gis.geojson import geojson_to_geometry
from layers.cameras.camera import NAME_LIMIT, CameraState
from layers.cameras.rounds import (
    MOST_STOPS,
    RoundStop,
    VideoRound,
    cameras_along,
    delete_round,
    find_round,
    insert_round,
    list_rounds,
    schedule,
)
from layers.cameras.store import find_cameras

router = APIRouter(prefix="/video_rounds", tags=["cameras"])

MayWatch = Annotated[Caller, requires(Permission.WATCH_CAMERAS)]
MayManage = Annotated[Caller, requires(Permission.MANAGE_PLACES)]
RoundId = Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)]
DwellS = Annotated[int, Field(ge=5, le=3600)]


class RoundStopBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    camera: str
    dwell_s: DwellS = 15


class NewRoundBody(BaseModel):
    """Either `stops` in their order, or a `line` (GeoJSON, WGS-84): then the cameras within `within_m`
    of it as one comes past them, each for `dwell_s`."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=NAME_LIMIT)]
    stops: Annotated[list[RoundStopBody] | None, Field(max_length=MOST_STOPS)] = None
    line: LineGeometry | None = None
    within_m: Annotated[float, Field(gt=0, le=500)] = 50.0
    dwell_s: DwellS = 15


class VideoRoundAnswer(BaseModel):
    """It has gone round since `begins_at`, `lasts_s` each time."""

    id: int
    name: str
    stops: list[RoundStopBody]
    begins_at: datetime
    lasts_s: int

    @classmethod
    def of(cls, one: VideoRound) -> "VideoRoundAnswer":
        stops = [RoundStopBody(camera=stop.camera, dwell_s=stop.dwell_s) for stop in one.stops]
        return cls(
            id=one.id, name=one.name, stops=stops, begins_at=one.begins_at, lasts_s=one.lasts_s
        )


class VideoRoundList(BaseModel):
    items: list[VideoRoundAnswer]


class ShowingAnswer(BaseModel):
    """`name` and `state` are null for a camera that there is no more."""

    model_config = ConfigDict(populate_by_name=True)

    camera: str
    name: str | None
    state: CameraState | None
    since: Annotated[datetime, Field(alias="from")]
    until: Annotated[datetime, Field(alias="to")]


class VideoSchedule(BaseModel):
    """What plays at `at`, and after it. Every screen is told the same."""

    at: datetime
    items: list[ShowingAnswer]


@router.get("", summary="Video rounds")
def list_video_rounds(_caller: MayWatch, services: ServicesDep) -> VideoRoundList:
    with services.database.begin() as conn:
        return VideoRoundList(items=[VideoRoundAnswer.of(one) for one in list_rounds(conn)])


@router.post("", status_code=status.HTTP_201_CREATED, summary="Make a video round")
def create_video_round(
    body: NewRoundBody, caller: MayManage, services: ServicesDep
) -> VideoRoundAnswer:
    if (body.stops is None) == (body.line is None):
        raise InvalidInput("Send either stops or a line.", field="stops")
    with services.database.begin() as conn:
        if body.line is not None:
            line = geojson_to_geometry(body.line.model_dump())
            if line.is_empty or line.length == 0:
                raise InvalidInput("The line needs two places at least.", field="line")
            codes = cameras_along(conn, line, body.within_m)
            stops = [RoundStop(camera=code, dwell_s=body.dwell_s) for code in codes]
        else:
            stops = [
                RoundStop(camera=stop.camera, dwell_s=stop.dwell_s) for stop in body.stops or ()
            ]
        made = insert_round(conn, body.name, stops, datetime.now(UTC).replace(microsecond=0))
        details = {"name": made.name, "cameras": len(made.stops)}
        record(conn, caller.who, "video_round.create", f"video round {made.id}", details=details)
    return VideoRoundAnswer.of(made)


@router.get("/{id}/schedule", summary="Which camera plays now, and which come next")
def read_video_schedule(
    *,
    round_id: RoundId,
    _caller: MayWatch,
    services: ServicesDep,
    at: Annotated[Instant | None, Query(description="Now, if left out.")] = None,
    count: Annotated[int, Query(ge=1, le=MOST_STOPS, description="Of cameras.")] = 10,
) -> VideoSchedule:
    """The addresses are asked for one by one, when a camera's turn comes: `POST
    /cameras/{code}/stream`."""
    now = at or datetime.now(UTC)
    with services.database.begin() as conn:
        showings = schedule(find_round(conn, round_id), now, count)
        known = find_cameras(conn, [showing.camera for showing in showings])
    return VideoSchedule(
        at=now,
        items=[
            ShowingAnswer(
                camera=each.camera,
                name=known[each.camera].name if each.camera in known else None,
                state=known[each.camera].state if each.camera in known else None,
                since=each.from_at,
                until=each.to_at,
            )
            for each in showings
        ],
    )


@router.get("/{id}", summary="One video round")
def read_video_round(
    round_id: RoundId, _caller: MayWatch, services: ServicesDep
) -> VideoRoundAnswer:
    with services.database.begin() as conn:
        return VideoRoundAnswer.of(find_round(conn, round_id))


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, summary="End a video round")
def remove_video_round(round_id: RoundId, caller: MayManage, services: ServicesDep) -> None:
    with services.database.begin() as conn:
        one = delete_round(conn, round_id)
        record(
            conn,
            caller.who,
            "video_round.end",
            f"video round {round_id}",
            details={"name": one.name},
        )
