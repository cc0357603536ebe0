"""The track of one unit, as GeoJSON."""

from datetime import UTC, datetime
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.access import Caller, Permission, requires
from api.answers import GeoJsonResponse, GridName, LineGeometry, PointGeometry
from api.context import ServicesDep
from api.instants import Instant
from api.reasons import ReasonQuery, is_own, reason_to_look_back
from api.routes.units import UnitCode
from data.audit import record_look
from patrol.tracking.units import find_unit
from patrol.tracks.geojson import track_to_geojson
from patrol.tracks.track import UnitTrack, track_of

router = APIRouter(prefix="/units", tags=["tracks"])

MayRead = Annotated[Caller, requires(Permission.READ_TRACKS)]
Since = Annotated[Instant, Query(alias="from")]
Until = Annotated[Instant, Query(alias="to", description="Not included.")]


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


def _details(track: UnitTrack, since: datetime, until: datetime) -> dict[str, object]:
    """What the audit says of a look at a track."""
    return {"from": since.isoformat(), "to": until.isoformat(), "fixes": len(track.track)}
