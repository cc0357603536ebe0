"""A unit's days in numbers."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from api.reasons import ReasonQuery, is_own, reason_to_look_back
from api.routes.units import UnitCode
from data.audit import record
from patrol.tracking.units import find_unit
from patrol.tracks.fixes import check_period
from patrol.tracks.unit_days import UnitDay, read_unit_days

router = APIRouter(prefix="/units", tags=["tracks"])

_LONGEST = timedelta(days=366)


class DayAnswer(BaseModel):
    """A working day: from midnight in China, or the end of what was under way then. `flagged` fixes are
    those not believed: counted in `fixes`, and in nothing else."""

    day: date
    fixes: int
    flagged: int
    length_m: float
    moving_s: float
    stopped_s: float
    gap_s: float
    stops: int
    trips: int
    first_at: datetime
    last_at: datetime


class DaysAnswer(BaseModel):
    unit: str
    items: list[DayAnswer]


@router.get("/{id}/days", summary="A unit's days in numbers")
def read_days(
    *,
    unit_code: UnitCode,
    caller: Annotated[Caller, requires(Permission.READ_TRACKS)],
    services: ServicesDep,
    since: Annotated[date, Query(alias="from", description="A day in China.")],
    until: Annotated[date, Query(alias="to", description="Not included; at most 366 days later.")],
    reason: ReasonQuery = None,
) -> DaysAnswer:
    """How far, how long, how many stops, in the order of time. They stay when the fixes of a day are
    dropped; while it goes on the latest minutes may be missing. A look at somebody else's days before
    today needs a `reason`, and each goes on the audit."""
    begin, end = (datetime.combine(day, time(), UTC) for day in (since, until))
    check_period(begin, end, longest=_LONGEST)
    with services.database.begin(caller.viewer) as conn:
        unit = find_unit(conn, unit_code, caller.viewer)
        own = is_own(unit, caller)
        why = reason_to_look_back(
            reason, since=begin, now=datetime.now(UTC), is_about_others=not own
        )
        days = read_unit_days(conn, unit.id, since, until)
        if not own:
            details = {"from": f"{since}", "to": f"{until}", "days": len(days)}
            record(conn, caller.who, "track.read", f"unit {unit.code}", reason=why, details=details)
    return DaysAnswer(unit=unit.code, items=[_answer(day) for day in days])


def _answer(day: UnitDay) -> DayAnswer:
    return DayAnswer(
        day=day.day,
        fixes=day.fixes,
        flagged=day.flagged,
        length_m=round(day.length_m, 1),
        moving_s=day.moving_s,
        stopped_s=day.stopped_s,
        gap_s=day.gap_s,
        stops=day.stops,
        trips=day.trips,
        first_at=day.first_at,
        last_at=day.last_at,
    )
