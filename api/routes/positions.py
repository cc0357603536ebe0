"""Where units are: a picture of now, and a stream of what changes."""

import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from api.access import Caller, Permission, requires
from api.alert_answers import AlertAnswer
from api.answers import GeoJsonResponse, GridName, PointGeometry
from api.context import Services, ServicesDep
from api.names import Names
from api.standing import Standing
from gis.errors import InvalidInput
from patrol.alerts.listing import Alert
from patrol.tracking.positions import Position, read_positions, seen_by
from patrol.tracking.presence import State, Thresholds

router = APIRouter(prefix="/positions", tags=["tracking"])

MayRead = Annotated[Caller, requires(Permission.READ_POSITIONS)]

HEARTBEAT_S = 15.0
LONGEST_STREAM_S = 900.0
"""Then a viewer comes again with the number they have."""

_LONGEST_NUMBER = 19  # digits of `seq`; Python refuses to read thousands


class PositionProperties(BaseModel):
    """A unit's latest fix, `at` the time of the device. `grid` is where it was, null outside all. On
    duty it counts as stale and as offline once the fix is older than so many seconds: that depends on
    how often its device reports."""

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
    stale_after_s: float
    offline_after_s: float
    grid: GridName | None


class PositionFeature(BaseModel):
    type: Literal["Feature"]
    id: str
    geometry: PointGeometry
    properties: PositionProperties


class PresenceThresholds(BaseModel):
    """When a unit counts as moving, and after how long without a fix as stale and as offline if its
    device reports often enough."""

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


@router.get(
    "",
    summary="Where units are",
    response_model=PositionCollection,
    response_class=GeoJsonResponse,
)
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
                "properties": _properties(position, caller.names),
            }
            for position in seen_by(caller.viewer, positions)
        ],
        "seq": max((position.seq for position in positions), default=0),
        "server_time": now,
        "thresholds": _thresholds(thresholds),
    }
    return GeoJsonResponse(orjson.dumps(answer))


@router.get(
    "/stream",
    summary="What changes, as it changes",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def stream_positions(
    request: Request,
    caller: MayRead,
    services: ServicesDep,
    after: Annotated[int | None, Query(ge=0, description="`seq` of the picture one has.")] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Server-Sent Events `positions`: `{"server_time", "items": [the properties with lon and lat]}`, and
    `alerts`: `{"server_time", "items": [as GET /alerts has them]}`.

    The event's id is its number. Whoever comes back with `Last-Event-ID` gets all that changed since;
    without that or `after` the first events hold every position and every open alert. A slow reader gets
    the latest position of each unit and not every one. An alert that is no longer `open` is sent once
    more.
    """
    if last_event_id is not None:
        if not last_event_id.isdecimal() or len(last_event_id) > _LONGEST_NUMBER:
            raise InvalidInput("Last-Event-ID is the id of an event of this stream.")
        after = int(last_event_id)
    return StreamingResponse(
        _events(services, caller, Standing(request, caller, services.identities), after or 0),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},  # or nginx holds events back
    )


async def _events(
    services: Services, caller: Caller, standing: Standing, after: int
) -> AsyncIterator[bytes]:
    ends_at = time.monotonic() + LONGEST_STREAM_S
    with_names = caller.names.shown
    yield b"retry: 2000\n\n"
    with (
        services.live.subscribe(caller.viewer, after=after) as subscription,
        services.identities.watched(by=subscription.wake),
    ):
        while time.monotonic() < ends_at:
            positions = await subscription.take(within_s=HEARTBEAT_S)
            if not await standing.holds():
                break  # they come back as whoever they are now, or are turned away
            alerts = subscription.take_alerts()
            # The last one carries the number: who loses the connection between them has seen neither.
            if alerts:
                seq = None if positions else subscription.seq
                yield _event("alerts", seq, [_alert(alert, caller.names) for alert in alerts])
            if positions:
                items = [_item(position, with_names) for position in positions]
                yield _event("positions", subscription.seq, items)
            if not alerts and not positions:
                yield b": still here\n\n"


def _event(name: str, seq: int | None, items: Sequence[bytes]) -> bytes:
    server_time = datetime.now(UTC).isoformat().encode()
    data = b'{"server_time":"%b","items":[%b]}' % (server_time, b",".join(items))
    number = b"" if seq is None else b"id: %d\n" % seq
    return b"%bevent: %b\ndata: %b\n\n" % (number, name.encode(), data)


def _alert(alert: Alert, names: Names) -> bytes:
    return AlertAnswer.of(alert, names).model_dump_json().encode()


@lru_cache(maxsize=20_000)  # a position goes to every viewer and is encoded once, or twice
def _item(position: Position, with_names: bool) -> bytes:
    properties = _properties(position, Names(with_names))
    return orjson.dumps({**properties, "lon": position.lon, "lat": position.lat})


def _properties(position: Position, names: Names) -> dict[str, Any]:
    return {
        "unit": position.unit,
        "name": names.of_unit(position.name, position.unit),
        "role": position.role,
        "kind": position.kind,
        "at": position.at,
        "state": position.state,
        "accuracy_m": position.accuracy_m,
        "speed_mps": position.speed_mps,
        "heading_deg": position.heading_deg,
        "altitude_m": position.altitude_m,
        "battery_pct": position.battery_pct,
        "stale_after_s": position.stale_after_s,
        "offline_after_s": position.offline_after_s,
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
