"""The track of one unit, as GeoJSON, and as a file to hand on."""

import re
from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.access import Caller, Permission, requires
from api.answers import GeoJsonResponse, GridName, LineGeometry, PointGeometry
from api.context import ServicesDep
from api.instants import Instant
from api.reasons import ReasonQuery, is_own, reason_to_look_back, require_reason
from api.routes.units import UnitCode
from data.audit import record, record_look
from gis.errors import NotPermitted
from patrol.tracking.units import find_unit
from patrol.tracks.export import ExportFormat, export_track, filename
from patrol.tracks.geojson import track_to_geojson
from patrol.tracks.provenance import Provenance
from patrol.tracks.track import UnitTrack, track_of

router = APIRouter(prefix="/units", tags=["tracks"])

MayRead = Annotated[Caller, requires(Permission.READ_TRACKS)]
Since = Annotated[Instant, Query(alias="from")]
Until = Annotated[Instant, Query(alias="to", description="Not included.")]


def _schema(to: ExportFormat) -> dict[str, str]:
    """Of an exported file, for the OpenAPI document."""
    if to is ExportFormat.GEOJSON:
        return {"$ref": "#/components/schemas/TrackCollection"}
    return {"type": "string"}


class Part(BaseModel):
    """`from` and `to` are the times of the part's first and last fix."""

    since: Annotated[datetime, Field(alias="from")]
    until: Annotated[datetime, Field(alias="to")]


class TripProperties(Part):
    """`times` are those of the vertices, in seconds since 1970 UTC."""

    kind: Literal["trip"]
    times: list[float]
    length_m: float


class StopProperties(Part):
    """A stay within 100 m for at least 5 minutes; `grid` is null outside all."""

    kind: Literal["stop"]
    duration_s: float
    grid: GridName | None


class GapProperties(Part):
    """More than 5 minutes without a fix."""

    kind: Literal["gap"]
    duration_s: float


class TrackFeature(BaseModel):
    type: Literal["Feature"]
    geometry: LineGeometry | PointGeometry
    properties: TripProperties | StopProperties | GapProperties


class TrackSummary(BaseModel):
    """`flagged` fixes are those not believed, such as jumps: stored, but not part of anything here."""

    fixes: int
    flagged: int
    length_m: float
    moving_s: float
    stopped_s: float
    gap_s: float
    first_at: datetime | None
    last_at: datetime | None


class TrackCollection(Part):
    type: Literal["FeatureCollection"]
    features: list[TrackFeature]
    unit: str
    summary: TrackSummary


@router.get(
    "/{id}/track",
    summary="Where a unit has been",
    response_model=TrackCollection,
    response_class=GeoJsonResponse,
)
def read_track(
    *,
    unit_code: UnitCode,
    caller: MayRead,
    services: ServicesDep,
    since: Since,
    until: Until,
    reason: ReasonQuery = None,
) -> Response:
    """Trips, stops and gaps, each in the order of time; at most 31 days.

    A look at somebody else's track goes on the audit, and one at an earlier day needs a `reason`.
    """
    with services.database.begin(caller.viewer) as conn:
        unit = find_unit(conn, unit_code, caller.viewer)
        own = is_own(unit, caller)
        why = reason_to_look_back(
            reason, since=since, now=datetime.now(UTC), is_about_others=not own
        )
        track = track_of(conn, unit, since, until)
        if not own:
            details = _details(track, since, until)
            record_look(
                conn, caller.who, "track.read", f"unit {unit.code}", reason=why, details=details
            )
    return GeoJsonResponse(
        orjson.dumps(track_to_geojson(track, since, until), option=orjson.OPT_SERIALIZE_NUMPY)
    )


@router.get(
    "/{id}/track/export",
    summary="A track as a file",
    response_class=Response,
    responses={
        200: {
            "description": "The file, which says who exported it, when and why",
            "content": {
                to.media_type.partition(";")[0]: {"schema": _schema(to)} for to in ExportFormat
            },
        }
    },
)
def export_unit_track(
    *,
    unit_code: UnitCode,
    caller: MayRead,
    services: ServicesDep,
    since: Since,
    until: Until,
    to: Annotated[ExportFormat, Query(alias="format")],
    reason: ReasonQuery = None,
) -> Response:
    """GPX has a segment for each trip and a waypoint for each stop, GeoJSON is that of the track, CSV
    has a row for each fix. Needs the permission `export`, but for one's own unit, and always a `reason`.
    """
    with services.database.begin(caller.viewer) as conn:
        unit = find_unit(conn, unit_code, caller.viewer)
        if Permission.EXPORT not in caller.permissions and not is_own(unit, caller):
            raise NotPermitted(
                f"The role {caller.role} may export its own track only; for others it needs "
                f"{Permission.EXPORT}. Ask the administrator.",
            )
        why = require_reason(reason, "An export")
        track = track_of(conn, unit, since, until)
        provenance = Provenance(
            name=caller.names.of_unit(unit.name, unit.code),
            exported_by=caller.username,
            exported_at=datetime.now(UTC).replace(microsecond=0),
            reason=why,
        )
        file = export_track(track, since, until, to=to, provenance=provenance)
        details = {**_details(track, since, until), "format": to}
        record(conn, caller.who, "track.export", f"unit {unit.code}", reason=why, details=details)
    name = filename(track, since, until, to=to)
    return Response(
        file, media_type=to.media_type, headers={"Content-Disposition": _as_attachment(name)}
    )


def _details(track: UnitTrack, since: datetime, until: datetime) -> dict[str, object]:
    """What the audit says of a look at a track."""
    return {"from": since.isoformat(), "to": until.isoformat(), "fixes": len(track.track)}


def _as_attachment(name: str) -> str:
    """RFC 6266: the name in ASCII for programs of old, and as it is for the others."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
