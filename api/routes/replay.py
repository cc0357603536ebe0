"""Replay: where many units have been, on one clock."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from api.access import Caller, Permission, requires
from api.context import Services, ServicesDep
from api.reasons import ReasonQuery, is_own, reason_to_look_back
from api.routes.tracks import Since, Until
from data.audit import record_look
from gis.errors import InvalidInput, NotFound, NotPermitted
from gis.track import Stop
from patrol.tracking.units import Unit, find_unit, units_at_home_in
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
    units: Annotated[str | None, Query(description="Identifiers, separated by commas.")] = None,
    grid: Annotated[str | None, Query(description="The units at home in it and below.")] = None,
    reason: ReasonQuery = None,
) -> Response:
    """Fixes that nobody believes, such as jumps, are left out.

    A look at others goes on the audit, and one at an earlier day needs a `reason`.
    """
    with services.database.begin(caller.viewer) as conn:
        chosen = _units(conn, services, caller, units, grid)
        is_about_others = not all(is_own(unit, caller) for unit in chosen)
        why = reason_to_look_back(
            reason, since=since, now=datetime.now(UTC), is_about_others=is_about_others
        )
        replays = replay(conn, chosen, since, until)
        if is_about_others:
            record_look(
                conn,
                caller.who,
                "replay.read",
                _subject(chosen, grid),
                reason=why,
                details={
                    "from": since.isoformat(),
                    "to": until.isoformat(),
                    "units": [unit.code for unit in chosen],
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


def _units(
    conn: Connection, services: Services, caller: Caller, codes: str | None, grid: str | None
) -> Sequence[Unit]:
    viewer = caller.viewer
    if (codes is None) == (grid is None):
        raise InvalidInput("Ask for units=GW-001,GW-002 or for grid=CODE.", field="units")
    if codes is not None:
        return [find_unit(conn, code, viewer) for code in dict.fromkeys(codes.split(","))]
    assert grid is not None
    index = services.grid_indexes.active(conn)
    if index is None:
        raise NotFound("No grid edition is active; import and activate one.", field="grid")
    below = index.tree.subtree([grid])
    if not caller.scope.covers(grid):
        raise NotPermitted(f"Grid {grid} is not one of yours.", field="grid")
    return units_at_home_in(conn, below, viewer)


def _subject(units: Sequence[Unit], grid: str | None) -> str | None:
    """What the audit names first; several units are in the details."""
    if grid is not None:
        return f"grid {grid}"
    return f"unit {units[0].code}" if len(units) == 1 else None


def _stop(stop: Stop) -> dict[str, object]:
    return {
        "from": datetime.fromtimestamp(stop.from_s, UTC),
        "to": datetime.fromtimestamp(stop.to_s, UTC),
        "lon": round(stop.lon, 6),
        "lat": round(stop.lat, 6),
    }
