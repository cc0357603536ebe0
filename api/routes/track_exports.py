"""Tracks as files to hand on: of one unit, of several, of everybody at home in a grid."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlalchemy import Connection

from api.access import Caller, Permission
from api.answers import LonLat
from api.context import ServicesDep
from api.downloads import place_for_one, send_file, temporary_file
from api.reasons import ReasonQuery, is_own, require_reason
from api.routes.tracks import MayRead, Part, Since, TrackFeature, TrackSummary, Until
from api.routes.units import UnitCode
from api.whom import GridQuery, UnitsQuery, Whom, find_whom
from data.audit import record
from data.exports.provenance import PeriodProvenance
from gis.errors import NotPermitted
from patrol.tracking.units import Unit, find_unit
from patrol.tracks.export import ExportFormat, export_tracks, filename
from patrol.tracks.fixes import check_extent

router = APIRouter(tags=["tracks"])

Format = Annotated[ExportFormat, Query(alias="format")]


class FixesProperties(Part):
    """All fixes of a unit; each list has one entry for a fix. `times` are in seconds since 1970 UTC,
    what is not known is null, and `flags` says why a fix is not believed, "" for one that is."""

    kind: Literal["fixes"]
    times: list[float]
    accuracy_m: list[float | None]
    speed_mps: list[float | None]
    heading_deg: list[float | None]
    altitude_m: list[float | None]
    battery_pct: list[float | None]
    flags: list[str]


class MultiPointGeometry(BaseModel):
    type: Literal["MultiPoint"]
    coordinates: list[LonLat]


class FixesFeature(BaseModel):
    type: Literal["Feature"]
    geometry: MultiPointGeometry
    properties: FixesProperties


class ExportedUnit(TrackSummary):
    unit: str
    name: str


class ExportCollection(Part):
    """Of each unit its trips, stops, gaps and fixes, with its `unit` and `name` in the properties."""

    type: Literal["FeatureCollection"]
    subject: str
    exported_by: str
    exported_at: datetime
    reason: str
    features: list[TrackFeature | FixesFeature]
    units: list[ExportedUnit]


def _content(to: ExportFormat) -> dict[str, Any]:
    """Of an exported file, for the OpenAPI document."""
    if to is ExportFormat.GEOJSON:
        return {"schema": {"$ref": "#/components/schemas/ExportCollection"}}
    return {"schema": {"type": "string", "format": "binary"}}


_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file, which says who exported it, when and why",
        "content": {to.media_type.partition(";")[0]: _content(to) for to in ExportFormat},
    }
}


@router.get(
    "/units/{id}/track/export",
    summary="A track as a file",
    response_class=StreamingResponse,
    responses=_RESPONSES,
)
def export_unit_track(
    *,
    unit_code: UnitCode,
    caller: MayRead,
    services: ServicesDep,
    since: Since,
    until: Until,
    to: Format,
    reason: ReasonQuery = None,
) -> StreamingResponse:
    """All fixes, those that nobody believes marked as such; at most 31 days.

    Needs the permission `export`, but for one's own unit, and always a `reason`.
    """
    with place_for_one(services), services.database.begin(caller.viewer) as conn:
        whom = Whom(units=[find_unit(conn, unit_code, caller.viewer)])
        return _export(conn, whom, caller, since=since, until=until, to=to, reason=reason)


@router.get(
    "/tracks/export",
    summary="Tracks of many units as one file",
    response_model=ExportCollection,
    response_class=StreamingResponse,
    responses=_RESPONSES,
)
def export_many_tracks(
    *,
    caller: MayRead,
    services: ServicesDep,
    since: Since,
    until: Until,
    to: Format,
    units: UnitsQuery = None,
    grid: GridQuery = None,
    reason: ReasonQuery = None,
) -> StreamingResponse:
    """As the export of one unit, for `units` or for everybody at home in a `grid`; at most 31 days, and
    620 units times days. The file comes when it is whole.
    """
    with place_for_one(services), services.database.begin(caller.viewer) as conn:
        whom = find_whom(conn, services.grid_indexes, caller, units=units, grid=grid)
        return _export(conn, whom, caller, since=since, until=until, to=to, reason=reason)


def _export(
    conn: Connection,
    whom: Whom,
    caller: Caller,
    *,
    since: datetime,
    until: datetime,
    to: ExportFormat,
    reason: str | None,
) -> StreamingResponse:
    if Permission.EXPORT not in caller.permissions and not _all_own(whom, caller):
        raise NotPermitted(
            f"The role {caller.role} may export its own track only; for others it needs "
            f"{Permission.EXPORT}. Ask the administrator.",
        )
    why = require_reason(reason, "An export")
    check_extent(len(whom.units), since, until)

    def name_of(unit: Unit) -> str:
        return caller.names.of_unit(unit.name, unit.code)

    provenance = PeriodProvenance(
        subject=whom.title(name_of),
        since=since,
        until=until,
        exported_by=caller.username,
        exported_at=datetime.now(UTC).replace(microsecond=0),
        reason=why,
    )
    with temporary_file() as (file, keep):
        fixes = export_tracks(conn, whom.units, file, to=to, provenance=provenance, name_of=name_of)
        details = whom.details(since, until) | {"fixes": fixes, "format": to}
        record(conn, caller.who, "track.export", whom.subject, reason=why, details=details)
        keep()
    return send_file(file, filename(whom.file_stem, provenance, to=to), to.media_type)


def _all_own(whom: Whom, caller: Caller) -> bool:
    return bool(whom.units) and all(is_own(unit, caller) for unit in whom.units)
