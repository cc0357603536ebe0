"""Facilities: lists of any kind of them, one by hand, and imports that can be taken back."""

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
from data.places import POINT_SUFFIXES
from gis.crs import Crs
from layers.facilities.facility import Facility, read_changes, read_code, stable_code
from layers.facilities.importing import import_facilities, take_back
from layers.facilities.kinds import title_of
from layers.facilities.store import (
    FacilityImport,
    count_kinds,
    delete_facility,
    find_facility,
    insert_facility,
    list_facilities,
    list_imports,
    update_facility,
)

router = APIRouter(prefix="/facilities", tags=["facilities"])

MayRead = Annotated[Caller, requires(Permission.READ_LAYERS)]
MayManage = Annotated[Caller, requires(Permission.MANAGE_PLACES)]
FacilityCode = Annotated[str, Path(alias="code", examples=["LD-00001"])]
Properties = dict[str, str | bool | int | float | None]
_KIND = {"type": "string", "description": "Of all of them; else each says its own."}


class FacilityBody(BaseModel):
    """Of the `properties` those that are named are changed, and null takes one away."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[str | None, Field(examples=["street_lamp", "路灯"])] = None
    name: str | None = None
    properties: Properties | None = None
    lon: float | None = None
    lat: float | None = None
    crs: Crs = Crs.WGS84

    def place(self) -> tuple[float, float] | None:
        return read_place(self.lon, self.lat, self.crs)


_FIELDS = {"kind", "name", "properties"}


class NewFacilityBody(FacilityBody):
    """One without a code gets one of its kind, name and place, as in a file."""

    code: Annotated[str | None, Field(pattern="^[^/]*$", description="Without a slash.")] = None
    kind: Annotated[str, Field(examples=["street_lamp", "路灯"])]
    name: str
    lon: float
    lat: float


class FacilityProperties(BaseModel):
    """`import_id` is the import that wrote it last; null for what somebody wrote by hand since."""

    code: str
    kind: str
    name: str
    properties: dict[str, Any]
    import_id: int | None


class FacilityFeature(BaseModel):
    type: Literal["Feature"]
    id: str
    geometry: PointGeometry
    properties: FacilityProperties

    @classmethod
    def of(cls, facility: Facility) -> "FacilityFeature":
        return cls(
            type="Feature",
            id=facility.code,
            geometry=PointGeometry(type="Point", coordinates=(facility.lon, facility.lat)),
            properties=FacilityProperties(
                code=facility.code,
                kind=facility.kind,
                name=facility.name,
                properties=dict(facility.properties),
                import_id=facility.import_id,
            ),
        )


class FacilityPage(BaseModel):
    """GeoJSON; `next` is the cursor of the next page, null on the last."""

    type: Literal["FeatureCollection"]
    features: list[FacilityFeature]
    next: str | None


class FacilityKind(BaseModel):
    kind: str
    title_zh: str
    title_en: str
    count: int


class FacilityKinds(BaseModel):
    items: list[FacilityKind]


class FacilityImportItem(BaseModel):
    id: int
    name: str
    made_by: str
    made_at: datetime
    new: int
    changed: int

    @classmethod
    def of(cls, one: FacilityImport) -> "FacilityImportItem":
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class FacilityImports(BaseModel):
    items: list[FacilityImportItem]


class FacilityImportAnswer(ImportAnswer):
    """`id` is the import, to take it back; null when it changed nothing."""

    id: int | None


@router.get("", summary="Facilities, by their code, GeoJSON")
def list_all_facilities(
    *,
    _caller: MayRead,
    services: ServicesDep,
    bbox: Annotated[str | None, Query(description="west,south,east,north in degrees.")] = None,
    kind: str | None = None,
    import_id: Annotated[int | None, Query(alias="import", ge=1, le=2**63 - 1)] = None,
    cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> FacilityPage:
    box = None if bbox is None else read_box(bbox)
    with services.database.begin() as conn:
        found = list_facilities(
            conn,
            kind=kind,
            box=None if box is None else (box.west, box.south, box.east, box.north),
            import_id=import_id,
            after=cursor,
            count=limit + 1,
        )
    return FacilityPage(
        type="FeatureCollection",
        features=[FacilityFeature.of(facility) for facility in found[:limit]],
        next=found[limit - 1].code if len(found) > limit else None,
    )


@router.get("/kinds", summary="The kinds of facilities there are")
def list_facility_kinds(_caller: MayRead, services: ServicesDep) -> FacilityKinds:
    with services.database.begin() as conn:
        counts = count_kinds(conn)
    return FacilityKinds(
        items=[
            FacilityKind(
                kind=kind, title_zh=title_of(kind).zh, title_en=title_of(kind).en, count=count
            )
            for kind, count in counts.items()
        ]
    )


@router.get("/imports", summary="Imports of facilities, the latest first")
def list_facility_imports(_caller: MayManage, services: ServicesDep) -> FacilityImports:
    with services.database.begin() as conn:
        return FacilityImports(items=[FacilityImportItem.of(one) for one in list_imports(conn)])


@router.post("/import", summary="Facilities from files", openapi_extra=import_body(kind=_KIND))
async def import_facility_files(
    request: Request, caller: MayManage, services: ServicesDep
) -> FacilityImportAnswer:
    """Columns name and kind (名称, 类型), code if there is one; whatever else there is becomes a
    property. What has no code gets one that is the same the next time, so the same files again change
    nothing. Lines and areas become a point on them."""
    require_everywhere(caller)
    async with received_files(request, suffixes=POINT_SUFFIXES) as received:
        return await to_thread.run_sync(_import, received, caller, services)


def _import(received: Received, caller: Caller, services: Services) -> FacilityImportAnswer:
    files = read_received(received)
    with services.database.begin() as conn:
        import_id, report = import_facilities(
            conn,
            files,
            kind=received.field("kind"),
            name=", ".join(labels(files))[:200],
            by=caller.username,
            at=datetime.now(UTC),
        )
        subject = None if import_id is None else f"facility import {import_id}"
        details = {"files": labels(files), **report.counts}
        record(conn, caller.who, "facility.import", subject, details=details)
    return FacilityImportAnswer(id=import_id, **ImportAnswer.of(report).model_dump())


@router.delete(
    "/imports/{id}", status_code=status.HTTP_204_NO_CONTENT, summary="Take an import back"
)
def take_import_back(
    import_id: Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)],
    caller: MayManage,
    services: ServicesDep,
) -> None:
    """What it made is gone and what it changed is as before, but for what a later import changed."""
    require_everywhere(caller)
    with services.database.begin() as conn:
        name = take_back(conn, import_id)
        record(
            conn,
            caller.who,
            "facility.take_back",
            f"facility import {import_id}",
            details={"name": name},
        )


@router.post("", status_code=status.HTTP_201_CREATED, summary="Add a facility")
def create_facility(
    body: NewFacilityBody, caller: MayManage, services: ServicesDep
) -> FacilityFeature:
    lon, lat = read_position(body.lon, body.lat, body.crs)
    fields = read_changes(body.model_dump(include=_FIELDS), {})
    code = read_code(body.code) or stable_code(fields["kind"], fields["name"], lon, lat)
    with services.database.begin() as conn:
        require_own_place(conn, services, caller, lon, lat)
        facility = insert_facility(conn, code, fields, lon, lat)
        details = {"kind": facility.kind, "name": facility.name}
        record(conn, caller.who, "facility.create", f"facility {code}", details=details)
    return FacilityFeature.of(facility)


@router.get("/{code}", summary="One facility, GeoJSON")
def read_facility(code: FacilityCode, _caller: MayRead, services: ServicesDep) -> FacilityFeature:
    with services.database.begin() as conn:
        return FacilityFeature.of(find_facility(conn, code))


@router.patch("/{code}", summary="Change or move a facility")
def change_facility(
    code: FacilityCode, body: FacilityBody, caller: MayManage, services: ServicesDep
) -> FacilityFeature:
    """What is left out stays as it is; null for `properties` clears them all. It stays as it is changed
    here when the import that wrote it is taken back."""
    said, place = changes_in(body, clearable={"properties"}), body.place()
    with services.database.begin() as conn:
        facility = find_facility(conn, code, lock=True)
        for lon, lat in [(facility.lon, facility.lat), *([place] if place else [])]:
            require_own_place(conn, services, caller, lon, lat)
        fields = read_changes(said, facility.properties)
        if fields or place:
            facility = update_facility(conn, code, fields, place)
            details = {"changed": sorted([*fields, *(["place"] if place else [])])}
            record(conn, caller.who, "facility.change", f"facility {code}", details=details)
    return FacilityFeature.of(facility)


@router.delete("/{code}", status_code=status.HTTP_204_NO_CONTENT, summary="Remove a facility")
def remove_facility(code: FacilityCode, caller: MayManage, services: ServicesDep) -> None:
    """It is made again by a file that has it."""
    with services.database.begin() as conn:
        facility = find_facility(conn, code, lock=True)
        require_own_place(conn, services, caller, facility.lon, facility.lat)
        delete_facility(conn, code)
        details = {"kind": facility.kind, "name": facility.name}
        record(conn, caller.who, "facility.delete", f"facility {code}", details=details)
