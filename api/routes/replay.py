"""Replay: where many units have been, on one clock."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

import orjson
from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from api.reasons import ReasonQuery, is_own, reason_to_look_back
from api.routes.tracks import Since, Until
from api.whom import GridQuery, UnitsQuery, find_whom
from data.audit import record_look
from patrol.tracks.fixes import check_extent, count_fixes
from patrol.tracks.replay import UnitReplay, replay
from patrol.tracks.stops import Standstill

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
    """`t0` is `from` in milliseconds since 1970 UTC, `asked` how many units were asked for. One without
    a fix is not among the units."""

    since: Annotated[datetime, Field(alias="from")]
    until: Annotated[datetime, Field(alias="to")]
    t0: int
    asked: int
    units: list[ReplayUnit]


@router.get(
    "",
    summary="Many units on one clock",
    response_model=Replay,
    response_class=StreamingResponse,
    responses={200: {"content": {"application/json": {}}}},
)
def read_replay(
    *,
    caller: Annotated[Caller, requires(Permission.READ_TRACKS)],
    services: ServicesDep,
    since: Since,
    until: Until,
    units: UnitsQuery = None,
    grid: GridQuery = None,
    reason: ReasonQuery = None,
) -> StreamingResponse:
    """Fixes that nobody believes are left out. At most 31 days, and 620 units times days.

    The answer is one JSON document, sent as it is read: its first line ends with `"units":[`, each
    further line is one unit, with a comma at its end unless it is the last, and the last line is `]}`.
    Whoever reads it line by line has the first unit at once and knows by the last line that it is whole.

    A look at others goes on the audit, and one at an earlier day needs a `reason`.
    """
    with services.database.begin(caller.viewer) as conn:
        whom = find_whom(conn, services.grid_indexes, caller, units=units, grid=grid)
        is_about_others = not all(is_own(unit, caller) for unit in whom.units)
        why = reason_to_look_back(
            reason, since=since, now=datetime.now(UTC), is_about_others=is_about_others
        )
        check_extent(len(whom.units), since, until)
        if is_about_others:
            # Before anything is shown: what is broken off has been looked at too.
            fixes = count_fixes(conn, [unit.id for unit in whom.units], since, until)
            details = whom.details(since, until) | {"units": whom.codes, "fixes": fixes}
            record_look(conn, caller.who, "replay.read", whom.subject, reason=why, details=details)
    head = {
        "from": since,
        "to": until,
        "t0": round(since.timestamp() * 1000),
        "asked": len(whom.units),
    }
    replays = replay(services.database, caller.viewer, whom.units, since, until)
    return StreamingResponse(
        _lines(head, (_unit(each, caller) for each in replays)), media_type="application/json"
    )


def _lines(head: dict[str, object], units: Iterator[dict[str, object]]) -> Iterator[bytes]:
    yield _json(head)[:-1] + b',"units":['
    separator = b"\n"
    for unit in units:
        yield separator + _json(unit)
        separator = b",\n"
    yield b"\n]}\n"


def _unit(each: UnitReplay, caller: Caller) -> dict[str, object]:
    return {
        "unit": each.unit.code,
        "name": caller.names.of_unit(each.unit.name, each.unit.code),
        "role": each.unit.role,
        "kind": each.unit.kind,
        "t": each.t_ms,
        "lon": each.lon,
        "lat": each.lat,
        "stops": [_stop(stop) for stop in each.stops],
    }


def _stop(stop: Standstill) -> dict[str, object]:
    return {
        "from": stop.since,
        "to": stop.until,
        "lon": round(stop.lon, 6),
        "lat": round(stop.lat, 6),
    }


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
