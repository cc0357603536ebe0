"""The shifts of a roster: who stands in them, and who came."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api.access import Caller
from api.answers import RatioAnswer
from api.context import ServicesDep
from api.reasons import ReasonQuery, reason_to_look_back
from api.roster_answers import People, PlaceName, sees_others
from api.routes.roster_substitutions import SubstitutionAnswer
from api.routes.rosters import MayRead, RosterNumber
from api.routes.tracks import Since, Until
from data.audit import record_look
from patrol.duty.staff import people_with_ids
from patrol.rosters.attendance import Attendance
from patrol.rosters.results import ShiftResult, results_of
from patrol.rosters.roster import Roster, find_roster
from patrol.rosters.shift import Place
from patrol.tracks.fixes import check_period

router = APIRouter(prefix="/rosters", tags=["rosters"])

_LONGEST = timedelta(days=31)


class AttendanceAnswer(BaseModel):
    """`first_at` is when somebody was on duty first, the beginning of the shift for whoever was before;
    whole minutes. Of a shift under way it is as far as that has come."""

    absent: bool
    first_at: datetime | None
    late_min: int | None
    on_duty_min: int

    @classmethod
    def of(cls, attendance: Attendance) -> "AttendanceAnswer":
        return cls(
            absent=attendance.is_absent,
            first_at=attendance.first_at,
            late_min=attendance.late_min,
            on_duty_min=attendance.on_duty_min,
        )


class PlaceAnswer(PlaceName):
    """`attendance` is null before the shift begins, and where one may not know it."""

    attendance: AttendanceAnswer | None


class ShiftAnswer(BaseModel):
    """`complete` counts those who came among the leader and all members, `covered` the minutes with at
    least one of them among those that have passed; null before the shift begins."""

    begins_at: Annotated[datetime, Field(alias="from")]
    ends_at: Annotated[datetime, Field(alias="to")]
    team: str
    leader: PlaceAnswer
    members: list[PlaceAnswer]
    substitutions: list[SubstitutionAnswer]
    complete: RatioAnswer | None
    covered: RatioAnswer | None


class ShiftsAnswer(BaseModel):
    """Of the shifts that are over: `complete` counts those to which everybody came, `covered` their
    minutes with somebody there."""

    roster: int
    name: str
    complete: RatioAnswer
    covered: RatioAnswer
    items: list[ShiftAnswer]


@router.get("/{id}/shifts", summary="A roster's shifts, and who came")
def read_shifts(
    *,
    roster_id: RosterNumber,
    caller: MayRead,
    services: ServicesDep,
    since: Since,
    until: Until,
    reason: ReasonQuery = None,
) -> ShiftsAnswer:
    """The shifts that begin in the period, at most 31 days, with their teams after substitutions. Who
    came is worked out of duty sessions as they are known now.

    Whoever sees only themselves, or stands in a roster of somebody else's grid, is told their own
    attendance alone. A look at other people's goes on the audit, and one at an earlier day needs a
    `reason`.
    """
    now = datetime.now(UTC)
    check_period(since, until, longest=_LONGEST)
    with services.database.begin(caller.viewer) as conn:
        roster = find_roster(conn, roster_id, caller.viewer)
        about_others = sees_others(roster, caller)
        why = reason_to_look_back(reason, since=since, now=now, is_about_others=about_others)
        results = results_of(conn, roster, since, until, now)
        people = people_with_ids(conn, roster.people | results.substitutes)
        if about_others and since < now:
            details = {"from": since.isoformat(), "to": until.isoformat()}
            subject = f"roster {roster.id}"
            record_look(conn, caller.who, "roster.read", subject, reason=why, details=details)
    return ShiftsAnswer(
        roster=roster.id,
        name=roster.name,
        complete=RatioAnswer.of(results.complete),
        covered=RatioAnswer.of(results.covered),
        items=[_shift(each, roster, people, caller) for each in results.shifts],
    )


def _shift(result: ShiftResult, roster: Roster, people: People, caller: Caller) -> ShiftAnswer:
    shift, attendance = result.shift, result.attendance
    came = (None,) * len(shift.places) if attendance is None else attendance.people
    leader, *members = (
        _place(place, each, roster, people, caller)
        for place, each in zip(shift.places, came, strict=True)
    )
    return ShiftAnswer.model_validate(
        {
            "from": shift.begins_at,
            "to": shift.ends_at,
            "team": shift.team,
            "leader": leader,
            "members": members,
            "substitutions": [
                SubstitutionAnswer.of(one, people, caller.names) for one in result.substitutions
            ],
            "complete": None if attendance is None else RatioAnswer.of(attendance.complete),
            "covered": None if attendance is None else RatioAnswer.of(attendance.covered),
        }
    )


def _place(
    place: Place,
    attendance: Attendance | None,
    roster: Roster,
    people: People,
    caller: Caller,
) -> PlaceAnswer:
    is_told = sees_others(roster, caller) or place.staff_id == caller.staff_id
    return PlaceAnswer(
        **PlaceName.in_place(place, people, caller.names).model_dump(),
        attendance=AttendanceAnswer.of(attendance) if attendance and is_told else None,
    )
