"""Where units are now."""

from datetime import UTC, datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Response

from api.access import Caller, Permission, requires
from api.answers import GeoJsonResponse
from api.context import ServicesDep
from api.position_answers import PositionCollection, position_properties
from patrol.tracking.positions import read_positions, seen_by
from patrol.tracking.presence import Thresholds

router = APIRouter(prefix="/positions", tags=["tracking"])

MayRead = Annotated[Caller, requires(Permission.READ_POSITIONS)]


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
                "properties": position_properties(position, caller.names),
            }
            for position in seen_by(caller.viewer, positions)
        ],
        "seq": max((position.seq for position in positions), default=0),
        "server_time": now,
        "thresholds": _thresholds(thresholds),
    }
    return GeoJsonResponse(orjson.dumps(answer))


def _thresholds(thresholds: Thresholds) -> dict[str, float]:
    return {
        "moving_mps": thresholds.moving_mps,
        "stale_s": thresholds.stale_s,
        "offline_s": thresholds.offline_s,
    }
