"""Who was near a place."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from api.coordinates import read_position
from api.reasons import ReasonQuery, require_reason
from api.routes.tracks import Since, Until
from data.audit import record
from gis.crs import Crs
from gis.passages import Passage
from patrol.tracks.nearby import FURTHEST_M, NearbyUnit, find_nearby

router = APIRouter(prefix="/nearby", tags=["tracks"])


class PassageAnswer(BaseModel):
    """`from` and `to`: inside the radius; `closest_at`: nearest, `closest_m` away. `interpolated`: no
    fix lies inside, only the straight way between two fixes."""

    since: Annotated[datetime, Field(alias="from")]
    until: Annotated[datetime, Field(alias="to")]
    closest_at: datetime
    closest_m: float
    interpolated: bool


class NearbyUnitAnswer(BaseModel):
    """`closest_m` is the least of its passages, `inside_s` how long they lasted together."""

    unit: str
    name: str
    role: str
    kind: str
    closest_m: float
    inside_s: float
    passages: list[PassageAnswer]


class NearbyAnswer(BaseModel):
    """The nearest first. Fixes that arrived after `as_of` may be missing; null: none is."""

    as_of: datetime | None
    items: list[NearbyUnitAnswer]


@router.get("", summary="Who was near a place")
def read_nearby(
    *,
    caller: Annotated[Caller, requires(Permission.READ_TRACKS)],
    services: ServicesDep,
    lon: Annotated[float, Query(examples=[118.6721])],
    lat: Annotated[float, Query(examples=[34.5302])],
    since: Since,
    until: Until,
    radius_m: Annotated[float, Query(ge=1, le=FURTHEST_M)] = 100.0,
    crs: Crs = Crs.WGS84,
    reason: ReasonQuery = None,
) -> NearbyAnswer:
    """The units that came within the radius, when and how near, in at most 7 days.

    Between two fixes less than 5 minutes apart a unit is taken to go straight; through a gap nobody is
    taken to go anywhere. It is a look at many people's past: it always needs a `reason` and always goes
    on the audit, with whom it found.
    """
    place = read_position(lon, lat, crs)
    why = require_reason(reason, "A look at who was near a place")
    with services.database.begin(caller.viewer) as conn:
        nearby = find_nearby(conn, caller.viewer, place, radius_m, (since, until))
        details = {
            "from": since.isoformat(),
            "to": until.isoformat(),
            "radius_m": radius_m,
            "units": [each.unit.code for each in nearby.units],
        }
        subject = f"place {place[0]:.5f},{place[1]:.5f}"
        record(conn, caller.who, "nearby.read", subject, reason=why, details=details)
    return NearbyAnswer(as_of=nearby.as_of, items=[_answer(each, caller) for each in nearby.units])


def _answer(nearby: NearbyUnit, caller: Caller) -> NearbyUnitAnswer:
    unit = nearby.unit
    return NearbyUnitAnswer(
        unit=unit.code,
        name=caller.names.of_unit(unit.name, unit.code),
        role=unit.role,
        kind=unit.kind,
        closest_m=round(nearby.closest.closest_m, 1),
        inside_s=round(sum(each.to_s - each.from_s for each in nearby.passages), 1),
        passages=[_passage(each) for each in nearby.passages],
    )


def _passage(passage: Passage) -> PassageAnswer:
    return PassageAnswer.model_validate(
        {
            "from": _instant(passage.from_s),
            "to": _instant(passage.to_s),
            "closest_at": _instant(passage.closest_s),
            "closest_m": round(passage.closest_m, 1),
            "interpolated": passage.interpolated,
        }
    )


def _instant(t_s: float) -> datetime:
    return datetime.fromtimestamp(round(t_s, 3), UTC)
