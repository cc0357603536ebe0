"""Suspected changes: from a map or from two pictures, each a case to look at."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api.access import Caller, Permission, requires
from api.context import Services, ServicesDep
from api.place_imports import RefusedPlace, require_everywhere
from api.uploads import Received, ReceivedFile, form_body, received_files
from data.audit import record
from data.files.untrusted import SUFFIXES, StrangersFile, read_untrusted
from data.rasters import RASTERS, find_changes_untrusted
from gis.errors import InvalidInput
from gis.geojson import geometry_to_geojson
from patrol.cases.case import State
from patrol.changes.service import (
    CATEGORY,
    ChangesReport,
    Intake,
    SuspectedChange,
    Verdict,
    find_change,
    judge_change,
    list_changes,
    take_features,
    take_spots,
)
from patrol.photos.service import MOST_PHOTOS

router = APIRouter(prefix="/changes", tags=["changes"])

MayRead = Annotated[Caller, requires(Permission.READ_CASES)]
MayAct = Annotated[Caller, requires(Permission.ACT_ON_CASES)]
MayManage = Annotated[Caller, requires(Permission.MANAGE_PLACES)]
ChangeId = Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)]

_LEAST_AREA_M2 = 200.0
_FILES = (
    f"A map of areas ({', '.join(sorted(SUFFIXES))}), or two GeoTIFFs (.tif) of the same place, the "
    "earlier first; 64 MB in all."
)
_BODY = form_body(
    {
        "files": {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "description": _FILES,
        },
        "category": {
            "type": "string",
            "description": f"Of the cases; {CATEGORY} if left out.",
        },
        "least_area_m2": {
            "type": "number",
            "description": "Of pictures: smaller changes are left out; 200 if not said.",
        },
        "crs": {"type": "string", "description": "What a map is in."},
    }
)


class ChangeProperties(BaseModel):
    """`score` (0 to 1) says how clear the difference is, null where nobody said. `verdict` is null until
    somebody was there; while the case is sent back it is the last one."""

    source: str
    area_m2: float
    score: float | None
    properties: dict[str, Any]
    found_at: datetime
    case: int
    case_number: str
    case_state: State
    verdict: Verdict | None
    verdict_at: datetime | None


class ChangeFeature(BaseModel):
    type: Literal["Feature"]
    id: int
    geometry: dict[str, Any]
    properties: ChangeProperties

    @classmethod
    def of(cls, change: SuspectedChange) -> "ChangeFeature":
        return cls(
            type="Feature",
            id=change.id,
            geometry=geometry_to_geojson(change.geometry),
            properties=ChangeProperties(
                source=change.source,
                area_m2=round(change.area_m2, 1),
                score=change.score,
                properties=dict(change.properties),
                found_at=change.found_at,
                case=change.case_id,
                case_number=change.case_number,
                case_state=change.case_state,
                verdict=change.verdict,
                verdict_at=change.verdict_at,
            ),
        )


class ChangePage(BaseModel):
    """GeoJSON; `next` is the cursor of the next page, null on the last."""

    type: Literal["FeatureCollection"]
    features: list[ChangeFeature]
    next: int | None


class ChangesAnswer(BaseModel):
    """`cases` are the new ones; `unchanged` areas were suspected before."""

    cases: list[int]
    unchanged: int
    refused: int
    problems: list[RefusedPlace]


class VerdictBody(BaseModel):
    """`note` goes to the case, after the verdict in words, with `photos` of what was found."""

    model_config = ConfigDict(extra="forbid")

    verdict: Verdict
    note: str | None = None
    photos: Annotated[list[UUID], Field(max_length=MOST_PHOTOS)] = []


@router.get("", summary="Suspected changes, the newest first, GeoJSON")
def list_suspected_changes(
    *,
    caller: MayRead,
    services: ServicesDep,
    verdict: Verdict | None = None,
    cursor: Annotated[
        int | None, Query(ge=1, le=2**63 - 1, description="`next` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> ChangePage:
    """Those whose case one sees."""
    with services.database.begin(caller.viewer) as conn:
        found = list_changes(conn, verdict=verdict, after=cursor, count=limit + 1)
    return ChangePage(
        type="FeatureCollection",
        features=[ChangeFeature.of(change) for change in found[:limit]],
        next=found[limit - 1].id if len(found) > limit else None,
    )


@router.post("", summary="Suspected changes from files", openapi_extra=_BODY)
async def create_changes(
    request: Request, caller: MayManage, services: ServicesDep
) -> ChangesAnswer:
    """Each area becomes a case, dispatched to whoever owns the grid. The same files again make none."""
    require_everywhere(caller)
    async with received_files(request, suffixes=SUFFIXES | RASTERS) as received:
        return await to_thread.run_sync(_take, received, caller, services)


def _take(received: Received, caller: Caller, services: Services) -> ChangesAnswer:
    files = [StrangersFile(path=file.path, label=file.label) for file in received.files]
    labels = [file.label for file in files]
    intake = Intake(
        source=" → ".join(labels)[:200],
        actor=caller.actor,
        at=datetime.now(UTC),
        category=received.field("category") or CATEGORY,
    )
    pictures = _are_pictures(received.files)
    if pictures:
        before, after = files
        spots = find_changes_untrusted(before, after, least_area_m2=_least_area_m2(received))
    else:
        maps = read_untrusted(files, crs=received.field("crs"))
        features = [feature for _, read in maps for feature in read.features]
    with services.database.begin(caller.viewer) as conn:
        if pictures:
            report = take_spots(conn, services.cases, spots, intake)
        else:
            report = take_features(conn, services.cases, features, intake)
        details = {"files": labels, "cases": len(report.cases)}
        record(conn, caller.who, "change.import", details=details)
    return _answer(report)


def _are_pictures(files: Sequence[ReceivedFile]) -> bool:
    pictures = [file for file in files if file.path.suffix in RASTERS]
    if pictures and (len(pictures), len(files)) != (2, 2):
        raise InvalidInput(
            "Send two GeoTIFFs and nothing else: the earlier, then the later.", field="files"
        )
    return bool(pictures)


def _least_area_m2(received: Received) -> float:
    word = received.field("least_area_m2")
    try:
        area = _LEAST_AREA_M2 if word is None else float(word)
    except ValueError:
        area = 0.0
    if not 1 <= area <= 1e8:
        raise InvalidInput(
            "least_area_m2 is a number of square metres from 1 on.", field="least_area_m2"
        )
    return area


def _answer(report: ChangesReport) -> ChangesAnswer:
    return ChangesAnswer(
        cases=report.cases,
        unchanged=report.unchanged,
        refused=len(report.refused),
        problems=[RefusedPlace.of(each) for each in report.refused[:200]],
    )


@router.get("/{id}", summary="One suspected change, GeoJSON")
def read_change(change_id: ChangeId, caller: MayRead, services: ServicesDep) -> ChangeFeature:
    with services.database.begin(caller.viewer) as conn:
        return ChangeFeature.of(find_change(conn, change_id))


@router.post("/{id}/verdict", summary="Say what was found there")
def create_verdict(
    change_id: ChangeId, body: VerdictBody, caller: MayAct, services: ServicesDep
) -> ChangeFeature:
    """Its case is accepted and handled with it, by whoever may do that, and goes on to whoever checks.
    One that was handled without a verdict gets it; for another, send the case back (rework, reopen)."""
    with services.database.begin(caller.viewer) as conn:
        change = judge_change(
            conn,
            services.cases,
            change_id,
            body.verdict,
            caller.actor,
            at=datetime.now(UTC),
            note=body.note,
            photos=body.photos,
        )
        details = {"verdict": body.verdict.value, "case": change.case_number}
        record(
            conn,
            caller.who,
            "change.verdict",
            f"suspected change {change_id}",
            details=details,
        )
    return ChangeFeature.of(change)
