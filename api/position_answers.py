"""Positions in answers."""

from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import orjson
from pydantic import BaseModel

from api.answers import GridName, PointGeometry
from api.names import Names
from patrol.tracking.positions import Position
from patrol.tracking.presence import State


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


@lru_cache(maxsize=20_000)  # a position goes to every viewer and is encoded once, or twice
def encode_position(position: Position, with_names: bool) -> bytes:
    properties = position_properties(position, Names(with_names))
    return orjson.dumps({**properties, "lon": position.lon, "lat": position.lat})


def position_properties(position: Position, names: Names) -> dict[str, Any]:
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
