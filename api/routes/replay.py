"""Replay: where many units have been, on one clock."""

from datetime import UTC, datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from api.reasons import ReasonQuery, is_own, reason_to_look_back
from api.routes.tracks import Since, Until
from api.whom import GridQuery, UnitsQuery, find_whom
from data.audit import record_look
from gis.track import Stop
from patrol.tracks.replay import replay

router = APIRouter(prefix="/replay", tags=["tracks"])


class ReplayStop(BaseModel):
    since: Annotated[datetime, Field(alias="from")]
    until: Annotated[datetime, Field(alias="to")]
    lon: float
    lat: float


class ReplayUnit(BaseModel):
    """In `t`, `lon` and `lat` the first number is absolute and each other is the difference from the
    one before. `t` counts milliseconds from `t0`; `lon` and `lat` are millionths of a degree."""

    unit: str
    name: str
    role: str
    kind: str
    t: list[int]
    lon: list[int]
    lat: list[int]
    stops: list[ReplayStop]


class Replay(BaseModel):
    """`t0` is `from` in milliseconds since 1970 UTC. A unit without a fix is not among the units."""

    since: Annotated[datetime, Field(alias="from")]
    until: Annotated[datetime, Field(alias="to")]
    t0: int
    units: list[ReplayUnit]


@router.get("", summary="Many units on one clock", response_model=Replay)
def read_replay(
    *,
    caller: Annotated[Caller, requires(Permission.READ_TRACKS)],
    services: ServicesDep,
    since: Since,
    until: Until,
    units: UnitsQuery = None,
    grid: GridQuery = None,
    reason: ReasonQuery = None,
) -> Response:
    """Fixes that nobody believes, such as jumps, are left out.

    A look at others goes on the audit, and one at an earlier day needs a `reason`.
    """
    with services.database.begin(caller.viewer) as conn:
        whom = find_whom(conn, services.grid_indexes, caller, units=units, grid=grid)
        is_about_others = not all(is_own(unit, caller) for unit in whom.units)
        why = reason_to_look_back(
            reason, since=since, now=datetime.now(UTC), is_about_others=is_about_others
        )
        replays = replay(conn, whom.units, since, until)
        if is_about_others:
            record_look(
                conn,
                caller.who,
                "replay.read",
                whom.subject,
                reason=why,
                details={
                    "from": since.isoformat(),
                    "to": until.isoformat(),
                    "units": whom.codes,
                    "fixes": sum(len(each.t_ms) for each in replays),
                },
            )
    answer = {
        "from": since,
        "to": until,
        "t0": round(since.timestamp() * 1000),
        "units": [
            {
                "unit": each.unit.code,
                "name": caller.names.of_unit(each.unit.name, each.unit.code),
                "role": each.unit.role,
                "kind": each.unit.kind,
                "t": each.t_ms,
                "lon": each.lon,
                "lat": each.lat,
                "stops": [_stop(stop) for stop in each.stops],
            }
            for each in replays
        ],
    }
    return Response(
        orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json"
    )


def _stop(stop: Stop) -> dict[str, object]:
    return {
        "from": datetime.fromtimestamp(stop.from_s, UTC),
        "to": datetime.fromtimestamp(stop.to_s, UTC),
        "lon": round(stop.lon, 6),
        "lat": round(stop.lat, 6),
    }
