"""Where units are: a picture of now, and a stream of what changes."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from api.access import Caller, Permission, requires
from api.answers import GridName, PointGeometry
from api.context import ServicesDep
from data.scope import Viewer
from gis.errors import InvalidInput
from patrol.tracking.live import LivePositions
from patrol.tracking.positions import Position, read_positions, seen_by
from patrol.tracking.presence import State, Thresholds

router = APIRouter(prefix="/positions", tags=["tracking"])

MayRead = Annotated[Caller, requires(Permission.READ_POSITIONS)]

HEARTBEAT_S = 15.0
LONGEST_STREAM_S = 900.0
"""Then a viewer comes again with the number they have, and access is checked anew."""


class PositionProperties(BaseModel):
    """A unit's latest fix, `at` the time of the device. `grid` is where it was, null outside all."""

    unit: str
    name: str
    role: str
    kind: str
    at: datetime
    state: State
    accuracy_m: float | None
    speed_mps: float | None
    heading_deg: float | None
    altitude_m: float | None
    battery_pct: float | None
    grid: GridName | None


class PositionFeature(BaseModel):
    type: Literal["Feature"]
    id: str
    geometry: PointGeometry
    properties: PositionProperties


class PresenceThresholds(BaseModel):
    """When a unit counts as moving, and after how long without a fix as stale and as offline."""

    moving_mps: float
    stale_s: float
    offline_s: float


class PositionCollection(BaseModel):
    """`seq` is the number of this picture; the stream goes on from it."""

    type: Literal["FeatureCollection"]
    features: list[PositionFeature]
    seq: int
    server_time: datetime
    thresholds: PresenceThresholds


@router.get("", summary="Where units are", response_model=PositionCollection)
def list_positions(caller: MayRead, services: ServicesDep) -> Response:
    now = datetime.now(UTC)
    thresholds = services.live.thresholds
    with services.database.begin(caller.viewer) as conn:
        positions = read_positions(conn, now, thresholds)
    answer = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": position.unit,
                "geometry": {"type": "Point", "coordinates": [position.lon, position.lat]},
                "properties": _properties(position),
            }
            for position in seen_by(caller.viewer, positions)
        ],
        "seq": max((position.seq for position in positions), default=0),
        "server_time": now,
        "thresholds": _thresholds(thresholds),
    }
    return Response(orjson.dumps(answer), media_type="application/geo+json")


@router.get(
    "/stream",
    summary="What changes, as it changes",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def stream_positions(
    caller: MayRead,
    services: ServicesDep,
    after: Annotated[int | None, Query(ge=0, description="`seq` of the picture one has.")] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Server-Sent Events `positions`: `{"server_time", "items": [the properties with lon and lat]}`.

    The event's id is its number. Whoever comes back with `Last-Event-ID` gets all that changed since;
    without that or `after` the first event holds every position. A slow reader gets the latest
    position of each unit and not every one.
    """
    if last_event_id is not None:
        if not last_event_id.isdecimal():
            raise InvalidInput("Last-Event-ID is the id of an event of this stream.")
        after = int(last_event_id)
    return StreamingResponse(
        _events(services.live, caller.viewer, after or 0),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},  # or nginx holds events back
    )


async def _events(live: LivePositions, viewer: Viewer, after: int) -> AsyncIterator[bytes]:
    ends_at = time.monotonic() + LONGEST_STREAM_S
    yield b"retry: 2000\n\n"
    with live.subscribe(viewer, after=after) as subscription:
        while time.monotonic() < ends_at:
            positions = await subscription.take(within_s=HEARTBEAT_S)
            if positions:
                yield _event(subscription.seq, positions)
            else:
                yield b": still here\n\n"


def _event(seq: int, positions: list[Position]) -> bytes:
    server_time = datetime.now(UTC).isoformat().encode()
    items = b",".join(map(_item, positions))
    data = b'{"server_time":"%b","items":[%b]}' % (server_time, items)
    return b"id: %d\nevent: positions\ndata: %b\n\n" % (seq, data)


@lru_cache(maxsize=20_000)  # a position goes to every viewer and is encoded once
def _item(position: Position) -> bytes:
    return orjson.dumps({**_properties(position), "lon": position.lon, "lat": position.lat})


def _properties(position: Position) -> dict[str, Any]:
    return {
        "unit": position.unit,
        "name": position.name,
        "role": position.role,
        "kind": position.kind,
        "at": position.at,
        "state": position.state,
        "accuracy_m": position.accuracy_m,
        "speed_mps": position.speed_mps,
        "heading_deg": position.heading_deg,
        "altitude_m": position.altitude_m,
        "battery_pct": position.battery_pct,
        "grid": None
        if position.grid_code is None
        else {"code": position.grid_code, "name": position.grid_name},
    }


def _thresholds(thresholds: Thresholds) -> dict[str, float]:
    return {
        "moving_mps": thresholds.moving_mps,
        "stale_s": thresholds.stale_s,
        "offline_s": thresholds.offline_s,
    }
