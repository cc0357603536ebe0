"""Which grids a unit was in, and who was in a grid."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.access import Caller, Permission, requires
from api.answers import GridName
from api.context import ServicesDep
from api.reasons import ReasonQuery, is_own, reason_to_look_back
from api.routes.grids import Code
from api.routes.tracks import Since, Until
from api.routes.units import UnitCode
from data.audit import record_look
from gis.errors import NotPermitted
from patrol.tracking.units import find_unit
from patrol.tracks.visits import Visit, visits_of_unit, visits_to_grid

router = APIRouter(tags=["tracks"])

MayRead = Annotated[Caller, requires(Permission.READ_TRACKS)]


class VisitAnswer(BaseModel):
    """`from` and `to` are the times of the first and the last fix inside."""

    since: Annotated[datetime, Field(alias="from")]
    until: Annotated[datetime, Field(alias="to")]
    duration_s: float
    fixes: int


class VisitOfUnit(VisitAnswer):
    """`grid` as it was named then."""

    grid: GridName


class VisitsOfUnit(BaseModel):
    unit: str
    items: list[VisitOfUnit]


class VisitToGrid(VisitAnswer):
    unit: str
    name: str
    role: str


class VisitsToGrid(BaseModel):
    grid: str
    items: list[VisitToGrid]


@router.get("/units/{id}/visits", summary="Which grids a unit was in")
def read_visits_of_unit(
    *,
    unit_code: UnitCode,
    caller: MayRead,
    services: ServicesDep,
    since: Since,
    until: Until,
    reason: ReasonQuery = None,
) -> VisitsOfUnit:
    """Grids of level 2 in which it stayed for a minute or longer, in the order of time; at most 31 days.

    A walk along a border does not count as going to and fro. The latest minutes may be missing. A look
    at somebody else's goes on the audit, and one at an earlier day needs a `reason`.
    """
    with services.database.begin(caller.viewer) as conn:
        unit = find_unit(conn, unit_code, caller.viewer)
        own = is_own(unit, caller)
        why = reason_to_look_back(
            reason, since=since, now=datetime.now(UTC), is_about_others=not own
        )
        found = visits_of_unit(conn, unit, since, until)
        if not own:
            details = {**_period(since, until), "visits": len(found)}
            record_look(
                conn, caller.who, "track.read", f"unit {unit.code}", reason=why, details=details
            )
    return VisitsOfUnit(
        unit=unit.code,
        items=[
            VisitOfUnit.model_validate(
                {**_visit(each), "grid": {"code": each.grid.code, "name": each.grid.name}}
            )
            for each in found
        ],
    )


@router.get("/grids/{code}/visits", summary="Who was in a grid")
def read_visits_to_grid(
    *,
    code: Code,
    caller: MayRead,
    services: ServicesDep,
    since: Since,
    until: Until,
    reason: ReasonQuery = None,
) -> VisitsToGrid:
    """Visits of units to a grid of level 2, in the order of time; at most 31 days.

    Each such look goes on the audit, and one at an earlier day needs a `reason`.
    """
    if not caller.scope.covers(code):
        raise NotPermitted(f"Grid {code} is not one of yours.", field="code")
    why = reason_to_look_back(reason, since=since, now=datetime.now(UTC), is_about_others=True)
    with services.database.begin(caller.viewer) as conn:
        found, units = visits_to_grid(conn, code, caller.viewer, since, until)
        details = {**_period(since, until), "units": sorted(unit.code for unit in units.values())}
        record_look(
            conn, caller.who, "grid_visits.read", f"grid {code}", reason=why, details=details
        )
    return VisitsToGrid(
        grid=code,
        items=[
            VisitToGrid.model_validate(
                {
                    **_visit(each),
                    "unit": unit.code,
                    "name": caller.names.of_unit(unit.name, unit.code),
                    "role": unit.role,
                }
            )
            for each in found
            for unit in [units[each.unit_id]]
        ],
    )


def _visit(visit: Visit) -> dict[str, object]:
    return {
        "from": visit.from_at,
        "to": visit.to_at,
        "duration_s": (visit.to_at - visit.from_at).total_seconds(),
        "fixes": visit.fixes,
    }


def _period(since: datetime, until: datetime) -> dict[str, object]:
    return {"from": since.isoformat(), "to": until.isoformat()}
