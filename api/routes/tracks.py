"""The track of one unit, as GeoJSON."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import numpy as np
import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from api.access import Caller, Permission, requires
from api.answers import GridName, LineGeometry, PointGeometry
from api.context import ServicesDep
from api.instants import Instant
from api.routes.units import UnitCode
from gis.geojson import DIGITS
from patrol.tracking.units import find_unit
from patrol.tracks.track import UnitTrack, track_of

router = APIRouter(prefix="/units", tags=["tracks"])

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


@router.get("/{id}/track", summary="Where a unit has been", response_model=TrackCollection)
def read_track(
    unit_code: UnitCode,
    caller: Annotated[Caller, requires(Permission.READ_TRACKS)],
    services: ServicesDep,
    since: Since,
    until: Until,
) -> Response:
    """Trips, stops and gaps, each in the order of time; at most 31 days."""
    with services.database.begin(caller.viewer) as conn:
        track = track_of(conn, find_unit(conn, unit_code, caller.viewer), since, until)
    answer = {
        "type": "FeatureCollection",
        "unit": track.unit.code,
        "from": since,
        "to": until,
        "summary": _summary(track),
        "features": [*_trips(track), *_stops(track), *_gaps(track)],
    }
    return Response(
        orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/geo+json"
    )


def _trips(track: UnitTrack) -> Iterator[dict[str, Any]]:
    for trip in track.analysis.trips:
        properties = {
            "kind": "trip",
            "from": _instant(trip.from_s),
            "to": _instant(trip.to_s),
            "length_m": round(trip.length_m, 1),
            "times": track.track.t_s[trip.fixes].round(3),
        }
        yield _feature("LineString", _coordinates(track, trip.fixes), properties)


def _stops(track: UnitTrack) -> Iterator[dict[str, Any]]:
    for index, stop in enumerate(track.analysis.stops):
        grid = track.stop_grids.get(index)
        properties = {
            "kind": "stop",
            "from": _instant(stop.from_s),
            "to": _instant(stop.to_s),
            "duration_s": stop.duration_s,
            "grid": None if grid is None else {"code": grid.code, "name": grid.name},
        }
        yield _feature("Point", [round(stop.lon, DIGITS), round(stop.lat, DIGITS)], properties)


def _gaps(track: UnitTrack) -> Iterator[dict[str, Any]]:
    for gap in track.analysis.gaps:
        properties = {
            "kind": "gap",
            "from": _instant(gap.from_s),
            "to": _instant(gap.to_s),
            "duration_s": gap.duration_s,
        }
        ends = _coordinates(track, np.array([gap.before, gap.after]))
        yield _feature("LineString", ends, properties)


def _summary(track: UnitTrack) -> dict[str, Any]:
    analysis, t_s = track.analysis, track.track.t_s
    return {
        "fixes": len(t_s),
        "flagged": int(np.count_nonzero(analysis.flags)),
        "length_m": round(analysis.length_m, 1),
        "moving_s": analysis.moving_s,
        "stopped_s": analysis.stopped_s,
        "gap_s": analysis.gap_s,
        "first_at": _instant(t_s.item(0)) if len(t_s) else None,
        "last_at": _instant(t_s.item(-1)) if len(t_s) else None,
    }


def _feature(kind: str, coordinates: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": properties,
    }


def _coordinates(track: UnitTrack, fixes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    lonlat = np.column_stack([track.track.lon[fixes], track.track.lat[fixes]])
    return lonlat.round(DIGITS)


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
