"""Who is on duty: by the rosters, and really."""

from collections.abc import Container
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from api.access import Caller
from api.context import Services, ServicesDep
from api.instants import Instant
from api.masking import mask_phone
from api.roster_answers import People, PlaceName, people_in, require_scope, sees_others
from api.routes.rosters import MayRead
from gis.errors import NotFound
from gis.local_time import local_midnight
from patrol.duty.ownership import staff_on_duty
from patrol.rosters.results import shifts_at
from patrol.rosters.roster import Roster
from patrol.rosters.shift import Place, Shift

router = APIRouter(prefix="/duty", tags=["rosters"])


class PersonOnDuty(PlaceName):
    """`on_duty` says whether they are in a duty session; null for another day or the future, and where
    one may not know it. `phone` is masked."""

    phone: Annotated[str | None, Field(examples=["138****1234"])]
    on_duty: bool | None


class TeamOnDuty(BaseModel):
    roster: int
    name: str
    grid: str
    begins_at: Annotated[datetime, Field(alias="from")]
    ends_at: Annotated[datetime, Field(alias="to")]
    team: str
    leader: PersonOnDuty
    members: list[PersonOnDuty]


class DutyAnswer(BaseModel):
    at: datetime
    items: list[TeamOnDuty]


@router.get("", summary="Who is on duty")
def read_duty(
    caller: MayRead,
    services: ServicesDep,
    grid: Annotated[str | None, Query(description="This one and those below it.")] = None,
    at: Annotated[Instant | None, Query(description="Now, if left out.")] = None,
) -> DutyAnswer:
    """Whose shift it is by the rosters, after substitutions, and who of them really is on duty; of one's
    part of the town, and where one stands oneself."""
    now = datetime.now(UTC)
    moment = at or now
    with services.database.begin(caller.viewer) as conn:
        codes = None if grid is None else _codes(conn, grid, caller, services)
        found = shifts_at(conn, caller.viewer, moment, codes)
        people = people_in(conn, (place for _, shift in found for place in shift.places))
        is_known = local_midnight(now) <= moment <= now
        present = staff_on_duty(conn, moment) if is_known else None
    return DutyAnswer(
        at=moment,
        items=[_team(roster, shift, people, present, caller) for roster, shift in found],
    )


def _codes(conn: Connection, grid: str, caller: Caller, services: Services) -> frozenset[str]:
    index = services.grid_indexes.active(conn)
    if index is None or grid not in index.tree:
        raise NotFound(
            "There is no such grid in force; GET /api/v1/grids lists them.", field="grid"
        )
    require_scope(grid, caller)
    return index.tree.subtree([grid])


def _team(
    roster: Roster,
    shift: Shift,
    people: People,
    present: Container[int] | None,
    caller: Caller,
) -> TeamOnDuty:
    def person(place: Place) -> PersonOnDuty:
        phone = people[place.staff_id].phone if caller.names.shown else None
        is_told = sees_others(roster, caller) or place.staff_id == caller.staff_id
        return PersonOnDuty(
            **PlaceName.in_place(place, people, caller.names).model_dump(),
            phone=phone and mask_phone(phone),
            on_duty=place.staff_id in present if present is not None and is_told else None,
        )

    leader, *members = map(person, shift.places)
    return TeamOnDuty.model_validate(
        {
            "roster": roster.id,
            "name": roster.name,
            "grid": roster.grid_code,
            "from": shift.begins_at,
            "to": shift.ends_at,
            "team": shift.team,
            "leader": leader,
            "members": members,
        }
    )
