"""Sensors: readings in, what each measured last, and what it measured before."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request, status
from pydantic import BaseModel, ConfigDict, Field

from api.access import Caller, Permission, requires
from api.answers import PointGeometry
from api.context import Services, ServicesDep
from api.coordinates import read_box, read_position
from api.instants import Instant, read_instant
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
from data.places import POINT_SUFFIXES, ImportReport
from gis.crs import Crs
from gis.errors import InvalidInput
from patrol.sensors.reading import MOST_READINGS, Reading, read_reading
from patrol.sensors.register import (
    Sensor,
    SensorState,
    StoredExceedance,
    exceedances,
    find_sensor,
    history,
    import_sensors,
    list_sensors,
    read_sensor,
    retire_sensor,
    save_sensors,
)

router = APIRouter(prefix="/sensors", tags=["sensors"])

MayRead = Annotated[Caller, requires(Permission.READ_LAYERS)]
MayManage = Annotated[Caller, requires(Permission.MANAGE_PLACES)]
MayPost = Annotated[Caller, requires(Permission.POST_READINGS, limited=False)]
SensorCode = Annotated[str, Path(alias="code", examples=["JG-00012"])]

_READING = {
    "type": "object",
    "required": ["sensor", "at", "values"],
    "properties": {
        "sensor": {"type": "string"},
        "at": {"type": "string", "format": "date-time"},
        "values": {"type": "object", "additionalProperties": {"type": "number"}},
    },
}
_EXAMPLE: dict[str, Any] = {
    "sensor": "JG-00012",
    "at": "2026-11-27T08:00:00+08:00",
    "values": {"water_level_m": 0.31, "battery_pct": 88},
}


class ReadingsBody(BaseModel):
    """`values` by the name of the quantity, with its unit in it; yes and no are 1 and 0."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"readings": [_EXAMPLE]}]})

    # An item that cannot be used must not stop the others, so each is read by itself.
    readings: Annotated[
        list[Any], Field(max_length=MOST_READINGS, json_schema_extra={"items": _READING})
    ]


class ReadingResult(BaseModel):
    """What became of one reading; `code` and `message` say why it was refused."""

    status: Literal["stored", "duplicate", "rejected"]
    code: str | None = None
    message: str | None = None


class ReadingsReceipt(BaseModel):
    """`results` are in the order of the readings. `cases` is how many were raised."""

    stored: int
    duplicates: int
    rejected: int
    cases: int
    results: list[ReadingResult]


class NewSensorBody(BaseModel):
    """It counts as silent after `silent_after_s` without a reading."""

    model_config = ConfigDict(extra="forbid")

    code: str
    kind: Annotated[str, Field(examples=["manhole", "lamp", "pipe", "smoke"])]
    name: str | None = None
    silent_after_s: int | None = None
    lon: float
    lat: float
    crs: Crs = Crs.WGS84


class SensorProperties(BaseModel):
    """`at` and `values` are of the newest reading, null while there is none. `state` is alarm while a
    threshold is exceeded, silent when nothing was heard for `silent_after_s`, never before the first
    reading; an alarm may be silent as well."""

    code: str
    kind: str
    name: str
    state: SensorState
    is_silent: bool
    silent_after_s: int
    at: datetime | None
    values: dict[str, float] | None
    properties: dict[str, Any]


class SensorFeature(BaseModel):
    type: Literal["Feature"]
    id: str
    geometry: PointGeometry
    properties: SensorProperties

    @classmethod
    def of(cls, sensor: Sensor) -> "SensorFeature":
        return cls(
            type="Feature",
            id=sensor.code,
            geometry=PointGeometry(type="Point", coordinates=(sensor.lon, sensor.lat)),
            properties=SensorProperties(
                code=sensor.code,
                kind=sensor.kind,
                name=sensor.name,
                state=sensor.state,
                is_silent=sensor.is_silent,
                silent_after_s=sensor.silent_after_s,
                at=sensor.at,
                values=None if sensor.quantities is None else dict(sensor.quantities),
                properties=dict(sensor.properties),
            ),
        )


class SensorPage(BaseModel):
    """GeoJSON; `next` is the cursor of the next page, null on the last."""

    type: Literal["FeatureCollection"]
    features: list[SensorFeature]
    next: str | None


class ReadingItem(BaseModel):
    at: datetime
    values: dict[str, float]


class ReadingPage(BaseModel):
    """`next` is the `to` of the next page, null on the last. Of readings from before `kept_since` most
    were dropped; null where nothing is."""

    kept_since: datetime | None
    items: list[ReadingItem]
    next: datetime | None


class ExceedanceItem(BaseModel):
    """`to` is null while it lasts; `peak` is the worst value; `case` is null for whoever does not see
    the case. Withdrawn: readings that came late showed that there was none."""

    model_config = ConfigDict(populate_by_name=True)

    id: int
    rule: str
    quantity: str
    threshold: float
    since: Annotated[datetime, Field(alias="from")]
    until: Annotated[datetime | None, Field(alias="to")]
    peak: float
    is_withdrawn: bool
    case: int | None

    @classmethod
    def of(cls, one: StoredExceedance) -> "ExceedanceItem":
        return cls(
            id=one.id,
            rule=one.rule,
            quantity=one.quantity,
            threshold=one.threshold,
            since=one.begun_at,
            until=one.ended_at,
            peak=one.peak,
            is_withdrawn=one.is_withdrawn,
            case=one.case_id,
        )


class ExceedancePage(BaseModel):
    """`next` is the cursor of the next page, null on the last."""

    items: list[ExceedanceItem]
    next: int | None


@router.post("/readings", summary="Store readings, each once")
def create_readings(body: ReadingsBody, _caller: MayPost, services: ServicesDep) -> ReadingsReceipt:
    """A reading that cannot be used is named with its reason and does not stop the others. What exceeds
    a threshold becomes a case."""
    now = datetime.now(UTC)
    results: list[ReadingResult | None] = []
    readings: list[Reading] = []
    for item in body.readings:
        try:
            readings.append(read_reading(item, now, read_instant))
            results.append(None)
        except InvalidInput as error:
            results.append(ReadingResult(status="rejected", code=error.code, message=error.message))
    stored = services.sensors.record(readings)
    answers = iter(stored.results)
    whole = [_result(next(answers)) if each is None else each for each in results]
    counts = {name: sum(each.status == name for each in whole) for name in ("stored", "rejected")}
    return ReadingsReceipt(
        **counts,
        duplicates=len(whole) - sum(counts.values()),
        cases=len(stored.cases),
        results=whole,
    )


def _result(outcome: bool | None) -> ReadingResult:
    if outcome is None:
        return ReadingResult(
            status="rejected", code="no_such_sensor", message="There is no such sensor."
        )
    return ReadingResult(status="stored" if outcome else "duplicate")


@router.get("", summary="Sensors with what they measured last, by their code, GeoJSON")
def list_all_sensors(
    *,
    _caller: MayRead,
    services: ServicesDep,
    bbox: Annotated[str | None, Query(description="west,south,east,north in degrees.")] = None,
    kind: str | None = None,
    state: SensorState | None = None,
    cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> SensorPage:
    box = None if bbox is None else read_box(bbox)
    with services.database.begin() as conn:
        found = list_sensors(
            conn,
            datetime.now(UTC),
            kind=kind,
            state=state,
            box=None if box is None else (box.west, box.south, box.east, box.north),
            after=cursor,
            count=limit + 1,
        )
    return SensorPage(
        type="FeatureCollection",
        features=[SensorFeature.of(sensor) for sensor in found[:limit]],
        next=found[limit - 1].code if len(found) > limit else None,
    )


@router.post("", status_code=status.HTTP_201_CREATED, summary="Add or change a sensor")
def create_sensor(body: NewSensorBody, caller: MayManage, services: ServicesDep) -> SensorFeature:
    """One that is there already is changed."""
    row = read_sensor(body.model_dump(exclude={"lon", "lat", "crs"}))
    lon, lat = read_position(body.lon, body.lat, body.crs)
    now = datetime.now(UTC)
    with services.database.begin() as conn:
        require_own_place(conn, services, caller, lon, lat)
        report = ImportReport()
        save_sensors(conn, [{**row, "geom": f"SRID=4326;POINT({lon} {lat})"}], report)
        action = "sensor.create" if report.new else "sensor.change"
        record(conn, caller.who, action, f"sensor {row['code']}", details={"kind": row["kind"]})
        return SensorFeature.of(find_sensor(conn, row["code"], now))


@router.post("/import", summary="Sensors from files", openapi_extra=import_body())
async def import_sensor_files(
    request: Request, caller: MayManage, services: ServicesDep
) -> ImportAnswer:
    """Columns code, kind and name (编码, 类型, 名称); whatever else there is becomes a property. What is
    new is made, what is otherwise is changed, nothing is removed."""
    require_everywhere(caller)
    async with received_files(request, suffixes=POINT_SUFFIXES) as received:
        return await to_thread.run_sync(_import, received, caller, services)


def _import(received: Received, caller: Caller, services: Services) -> ImportAnswer:
    files = read_received(received)
    with services.database.begin() as conn:
        report = import_sensors(conn, files)
        details = {"files": labels(files), **report.counts}
        record(conn, caller.who, "sensor.import", details=details)
    return ImportAnswer.of(report)


@router.get("/{code}/readings", summary="What a sensor measured, the newest first")
def list_readings(
    *,
    code: SensorCode,
    _caller: MayRead,
    services: ServicesDep,
    since: Annotated[
        Instant | None, Query(alias="from", description="Without it, a day before `to`.")
    ] = None,
    until: Annotated[
        Instant | None, Query(alias="to", description="Not included; without it, now.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> ReadingPage:
    now = datetime.now(UTC)
    until = until or now + timedelta(minutes=10)
    since = since or until - timedelta(days=1)
    with services.database.begin() as conn:
        find_sensor(conn, code, now)
        found = history(conn, code, since, until, limit + 1)
    keep = services.settings.keep
    return ReadingPage(
        kept_since=None if keep is None else now - keep.readings,
        items=[ReadingItem(at=each.at, values=dict(each.quantities)) for each in found[:limit]],
        next=found[limit - 1].at if len(found) > limit else None,
    )


@router.get("/{code}/exceedances", summary="When a sensor was beyond a threshold")
def list_exceedances(
    *,
    code: SensorCode,
    caller: MayRead,
    services: ServicesDep,
    cursor: Annotated[
        int | None, Query(ge=1, le=2**63 - 1, description="`next` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> ExceedancePage:
    with services.database.begin(caller.viewer) as conn:
        find_sensor(conn, code, datetime.now(UTC))
        found = exceedances(conn, code, before=cursor, count=limit + 1)
    return ExceedancePage(
        items=[ExceedanceItem.of(each) for each in found[:limit]],
        next=found[limit - 1].id if len(found) > limit else None,
    )


@router.get("/{code}", summary="One sensor, GeoJSON")
def read_one_sensor(code: SensorCode, _caller: MayRead, services: ServicesDep) -> SensorFeature:
    with services.database.begin() as conn:
        return SensorFeature.of(find_sensor(conn, code, datetime.now(UTC)))


@router.delete("/{code}", status_code=status.HTTP_204_NO_CONTENT, summary="Retire a sensor")
def remove_sensor(code: SensorCode, caller: MayManage, services: ServicesDep) -> None:
    """It sends no more. What it measured stays as long as any reading; imported again it is back."""
    now = datetime.now(UTC)
    with services.database.begin() as conn:
        sensor = find_sensor(conn, code, now)
        require_own_place(conn, services, caller, sensor.lon, sensor.lat)
        retire_sensor(conn, code, now)
        record(conn, caller.who, "sensor.retire", f"sensor {code}")
