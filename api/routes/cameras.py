"""Cameras: where they are, what they see, and an address to watch one at."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request, status
from pydantic import BaseModel, ConfigDict, Field

from api.access import Caller, Permission, requires
from api.answers import PointGeometry
from api.changes import changes_in
from api.context import Services, ServicesDep
from api.coordinates import read_box, read_place, read_position
from api.place_imports import (
    ImportAnswer,
    import_body,
    labels,
    read_received,
    require_everywhere,
    require_own_place,
)
from api.uploads import Received, received_files
from data.audit import record
from data.editions import active_edition_id
from data.places import POINT_SUFFIXES
from gis.crs import Crs
from gis.errors import NotFound
from gis.geojson import geometry_to_geojson
from layers.cameras.camera import (
    Camera,
    CameraKind,
    CameraState,
    Network,
    read_changes,
    read_fields,
    require_direction,
)
from layers.cameras.gb28181 import read_camera_code
from layers.cameras.importing import import_cameras
from layers.cameras.seeing import GridSight, Sight, cameras_seeing, coverage_of_grids
from layers.cameras.store import (
    CameraFilter,
    delete_camera,
    find_camera,
    insert_camera,
    list_cameras,
    update_camera,
)
from layers.cameras.streams import stream_of

router = APIRouter(prefix="/cameras", tags=["cameras"])

MayRead = Annotated[Caller, requires(Permission.READ_LAYERS)]
MayWatch = Annotated[Caller, requires(Permission.WATCH_CAMERAS)]
MayManage = Annotated[Caller, requires(Permission.MANAGE_PLACES)]
CameraCode = Annotated[str, Path(alias="code", examples=["32072210011320000001"])]
Degrees = Annotated[float, Field(ge=-360, le=360)]
OnlineOnly = Annotated[bool, Query(description="Leave out cameras that are not online.")]


class CameraBody(BaseModel):
    """What is left out is not known: without an angle and a range a camera has no view."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    network: Network | None = None
    kind: CameraKind | None = None
    bearing_deg: Annotated[Degrees | None, Field(description="Clockwise from north.")] = None
    fov_deg: Annotated[float | None, Field(ge=0, le=360)] = None
    range_m: Annotated[float | None, Field(ge=0, le=20_000)] = None
    height_m: Annotated[float | None, Field(ge=-100, le=1000)] = None
    state: CameraState | None = None
    lon: float | None = None
    lat: float | None = None
    crs: Crs = Crs.WGS84

    def place(self) -> tuple[float, float] | None:
        return read_place(self.lon, self.lat, self.crs)


# What is said of a camera, but for where it stands; any of it may not be known.
_FIELDS = set(CameraBody.model_fields) - {"lon", "lat", "crs"}


class NewCameraBody(CameraBody):
    code: Annotated[str, Field(description="20 digits of GB/T 28181.")]
    lon: float
    lat: float


class CameraProperties(BaseModel):
    """`view` is what it sees on a plain, a GeoJSON Polygon. What is not known is null. `state` is so
    since `state_since`."""

    code: str
    name: str
    network: Network
    kind: CameraKind
    bearing_deg: float | None
    fov_deg: float | None
    range_m: float | None
    height_m: float | None
    state: CameraState
    state_since: datetime
    view: dict[str, Any] | None


class CameraFeature(BaseModel):
    type: Literal["Feature"]
    id: str
    geometry: PointGeometry
    properties: CameraProperties

    @classmethod
    def of(cls, camera: Camera) -> "CameraFeature":
        names = [name for name in CameraProperties.model_fields if name != "view"]
        said = {name: getattr(camera, name) for name in names}
        view = None if camera.view is None else geometry_to_geojson(camera.view)
        return cls(
            type="Feature",
            id=camera.code,
            geometry=PointGeometry(type="Point", coordinates=(camera.lon, camera.lat)),
            properties=CameraProperties(**said, view=view),
        )


class CameraPage(BaseModel):
    """GeoJSON; `next` is the cursor of the next page, null on the last."""

    type: Literal["FeatureCollection"]
    features: list[CameraFeature]
    next: str | None


class SightAnswer(BaseModel):
    """A camera that sees the place `distance_m` away, `off_axis_deg` from the middle of its view."""

    code: str
    name: str
    network: Network
    kind: CameraKind
    state: CameraState
    lon: float
    lat: float
    distance_m: float
    azimuth_deg: float
    off_axis_deg: float

    @classmethod
    def of(cls, sight: Sight) -> "SightAnswer":
        values = {name: getattr(sight, name) for name in cls.model_fields}
        rounded = {
            name: round(value, 1) for name, value in values.items() if name.endswith(("_m", "_deg"))
        }
        return cls(**{**values, **rounded})


class Sights(BaseModel):
    items: list[SightAnswer]


class GridSightAnswer(BaseModel):
    """`cameras` stand in the grid; `seen_share` (0 to 1) of its area is in any camera's view."""

    code: str
    name: str
    level: int
    cameras: int
    seen_share: float

    @classmethod
    def of(cls, grid: GridSight) -> "GridSightAnswer":
        values = {name: getattr(grid, name) for name in cls.model_fields}
        return cls(**{**values, "seen_share": round(grid.seen_share, 4)})


class CameraCoverage(BaseModel):
    """`unseen` are the codes of the grids in which no camera sees anything."""

    level: int
    unseen: list[str]
    items: list[GridSightAnswer]


class StreamAnswer(BaseModel):
    """An address of the network's media gateway, for this camera until `expires_at`."""

    url: str
    expires_at: datetime


@router.get("", summary="Cameras, by their code, GeoJSON")
def list_all_cameras(
    *,
    _caller: MayRead,
    services: ServicesDep,
    bbox: Annotated[str | None, Query(description="west,south,east,north in degrees.")] = None,
    network: Network | None = None,
    state: CameraState | None = None,
    grid: Annotated[str | None, Query(description="Those that stand in it.")] = None,
    cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> CameraPage:
    wanted = CameraFilter(box=_box(bbox), network=network, state=state, grid=grid)
    after = None if cursor is None else read_camera_code(cursor)
    with services.database.begin() as conn:
        if grid is not None:
            _require_grid(services, conn, grid)
        found = list_cameras(conn, wanted, after=after, count=limit + 1)
    return CameraPage(
        type="FeatureCollection",
        features=[CameraFeature.of(camera) for camera in found[:limit]],
        next=found[limit - 1].code if len(found) > limit else None,
    )


@router.get("/seeing", summary="Which cameras see a place, the nearest first")
def list_cameras_seeing(
    *,
    _caller: MayRead,
    services: ServicesDep,
    lon: float,
    lat: float,
    crs: Crs = Crs.WGS84,
    online_only: OnlineOnly = False,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Sights:
    """By direction, angle and range, as on a plain: what buildings and trees hide is not known here."""
    lon, lat = read_position(lon, lat, crs)
    with services.database.begin() as conn:
        found = cameras_seeing(conn, lon, lat, online_only=online_only, count=limit)
    return Sights(items=[SightAnswer.of(sight) for sight in found])


@router.get("/coverage", summary="What of each grid the cameras see")
def read_camera_coverage(
    *,
    caller: MayRead,
    services: ServicesDep,
    level: Annotated[int, Query(ge=0, le=9)] = 2,
    online_only: OnlineOnly = False,
) -> CameraCoverage:
    """The grids in force of a level in one's part of the town. As on a plain: what buildings and trees
    hide counts as seen."""
    with services.database.begin() as conn:
        edition_id = active_edition_id(conn)
        found = []
        if edition_id is not None:
            found = coverage_of_grids(
                conn, edition_id, level, caller.scope, online_only=online_only
            )
    return CameraCoverage(
        level=level,
        unseen=[grid.code for grid in found if grid.seen_share == 0],
        items=[GridSightAnswer.of(grid) for grid in found],
    )


@router.post("/import", summary="Cameras from files", openapi_extra=import_body())
async def import_camera_files(
    request: Request, caller: MayManage, services: ServicesDep
) -> ImportAnswer:
    """What is new is made and what is otherwise is changed; nothing is removed. A line that cannot be
    used is refused alone. The same files again change nothing."""
    require_everywhere(caller)
    async with received_files(request, suffixes=POINT_SUFFIXES) as received:
        return await to_thread.run_sync(_import, received, caller, services)


def _import(received: Received, caller: Caller, services: Services) -> ImportAnswer:
    files = read_received(received)
    with services.database.begin() as conn:
        report = import_cameras(conn, files, at=datetime.now(UTC))
        details = {"files": labels(files), **report.counts}
        record(conn, caller.who, "camera.import", details=details)
    return ImportAnswer.of(report)


@router.post("", status_code=status.HTTP_201_CREATED, summary="Add a camera")
def create_camera(body: NewCameraBody, caller: MayManage, services: ServicesDep) -> CameraFeature:
    code, fields = read_camera_code(body.code), read_fields(body.model_dump(include=_FIELDS))
    require_direction(fields)
    lon, lat = read_position(body.lon, body.lat, body.crs)
    with services.database.begin() as conn:
        require_own_place(conn, services, caller, lon, lat)
        camera = insert_camera(conn, {**fields, "code": code}, lon, lat, datetime.now(UTC))
        record(conn, caller.who, "camera.create", f"camera {code}", details={"name": camera.name})
    return CameraFeature.of(camera)


@router.get("/{code}", summary="One camera, GeoJSON")
def read_camera(code: CameraCode, _caller: MayRead, services: ServicesDep) -> CameraFeature:
    with services.database.begin() as conn:
        return CameraFeature.of(find_camera(conn, code))


@router.patch("/{code}", summary="Change a camera")
def change_camera(
    code: CameraCode, body: CameraBody, caller: MayManage, services: ServicesDep
) -> CameraFeature:
    """What is left out stays as it is; null is for what is not known any more. It stands somewhere, so a
    place can be another and not null."""
    said, place = changes_in(body, clearable=_FIELDS), body.place()
    said = {name: value for name, value in said.items() if name in _FIELDS}
    with services.database.begin() as conn:
        camera = find_camera(conn, code, lock=True)
        for lon, lat in [(camera.lon, camera.lat), *([place] if place else [])]:
            require_own_place(conn, services, caller, lon, lat)
        fields = read_changes(said, camera)
        changed = update_camera(conn, code, fields, place, datetime.now(UTC))
        details = {"changed": sorted([*fields, *(["place"] if place else [])])}
        record(conn, caller.who, "camera.change", f"camera {code}", details=details)
    return CameraFeature.of(changed)


@router.delete("/{code}", status_code=status.HTTP_204_NO_CONTENT, summary="Remove a camera")
def remove_camera(code: CameraCode, caller: MayManage, services: ServicesDep) -> None:
    with services.database.begin() as conn:
        camera = find_camera(conn, code, lock=True)
        require_own_place(conn, services, caller, camera.lon, camera.lat)
        delete_camera(conn, code)
        record(conn, caller.who, "camera.delete", f"camera {code}", details={"name": camera.name})


@router.post("/{code}/stream", summary="An address to watch a camera at")
def open_stream(code: CameraCode, caller: MayWatch, services: ServicesDep) -> StreamAnswer:
    """For five minutes, of a camera in one's part of the town. It is on the audit."""
    with services.database.begin() as conn:
        camera = find_camera(conn, code)
        require_own_place(conn, services, caller, camera.lon, camera.lat)
        stream = stream_of(services.settings.streams, camera.network, code, datetime.now(UTC))
        details = {"network": camera.network.value, "until": stream.expires_at.isoformat()}
        record(conn, caller.who, "camera.watch", f"camera {code}", details=details)
    return StreamAnswer(url=stream.url, expires_at=stream.expires_at)


def _box(text: str | None) -> tuple[float, float, float, float] | None:
    if text is None:
        return None
    box = read_box(text)
    return box.west, box.south, box.east, box.north


def _require_grid(services: Services, conn: Any, code: str) -> None:
    index = services.grid_indexes.active(conn)
    if index is None or code not in index.tree:
        raise NotFound(f"There is no grid {code} in force.", field="grid")
