"""Duty rosters: whose turn it is in a grid."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from api.access import Caller, Permission, requires
from api.answers import RatioAnswer
from api.context import Services, ServicesDep
from api.instants import Instant
from api.names import Names
from api.roster_answers import People, PersonName, require_scope
from api.windows import WindowBody
from data.audit import record
from data.scope import Viewer
from gis.errors import InvalidInput, NotFound
from gis.local_time import LOCAL
from patrol.cases.report import read_text
from patrol.duty.staff import people_with_ids
from patrol.rosters.eligibility import area_of, require_free, require_posts
from patrol.rosters.roster import (
    MOST_MEMBERS,
    MOST_TEAMS,
    NewRoster,
    Roster,
    Team,
    end_roster,
    find_roster,
    insert_roster,
    list_rosters,
    lock_rosters,
)
from patrol.rosters.rotation import MOST_DAYS, MOST_SHIFTS, Gap, Rotation, coverage_of, gaps_in

router = APIRouter(prefix="/rosters", tags=["rosters"])

MayRead = Annotated[Caller, requires(Permission.READ_TRACKS)]
MayManage = Annotated[Caller, requires(Permission.MANAGE_PLANS)]
RosterNumber = Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)]
StaffId = Annotated[int, Field(ge=1, lt=2**63)]
_NAME_LIMIT = 100
_LONGEST_AHEAD = timedelta(days=366)
_Cycle = Annotated[
    list[Annotated[list[str | None], Field(max_length=MOST_SHIFTS)]],
    Field(max_length=MOST_DAYS, examples=[[["一组", "二组", "三组"], ["二组", "三组", "一组"]]]),
]


class TeamBody(BaseModel):
    """One leader and N others, by their numbers on the staff."""

    model_config = ConfigDict(extra="forbid")

    name: str
    leader: StaffId
    members: Annotated[list[StaffId], Field(max_length=MOST_MEMBERS)]


class RosterBody(BaseModel):
    """`cycle` has a line for each day and in it, for each of the `shifts`, the name of a team or null;
    after its last day it begins anew. Its first day is `begins_on`, in China."""

    name: Annotated[str, Field(examples=["镇区昼夜值班"])]
    grid: str
    shifts: Annotated[list[WindowBody], Field(max_length=MOST_SHIFTS)]
    cycle: _Cycle


class NewRosterBody(RosterBody):
    """Without `begins_on` the cycle begins on the day of `valid_from`; without that now, and without
    `valid_to` until it is ended."""

    model_config = ConfigDict(extra="forbid")

    teams: Annotated[list[TeamBody], Field(max_length=MOST_TEAMS)]
    begins_on: date | None = None
    valid_from: Instant | None = None
    valid_to: Instant | None = None


class TeamAnswer(BaseModel):
    name: str
    leader: PersonName
    members: list[PersonName]


class GapAnswer(BaseModel):
    """A time without a team on a day of the cycle, 1 for its first."""

    day: int
    begins: Annotated[str, Field(alias="from", examples=["00:00"])]
    ends: Annotated[str, Field(alias="to", examples=["24:00"])]

    @classmethod
    def of(cls, gap: Gap) -> "GapAnswer":
        begins, ends = (f"{each // 60:02}:{each % 60:02}" for each in (gap.from_min, gap.to_min))
        return cls.model_validate({"day": gap.day, "from": begins, "to": ends})


class RosterAnswer(RosterBody):
    """`gaps` are the times without a team, `covered` the minutes of the cycle with one."""

    id: int
    teams: list[TeamAnswer]
    begins_on: date
    valid_from: datetime
    valid_to: datetime | None
    gaps: list[GapAnswer]
    covered: RatioAnswer


class RosterList(BaseModel):
    items: list[RosterAnswer]


@router.get("", summary="The duty rosters in force")
def list_all_rosters(caller: MayRead, services: ServicesDep) -> RosterList:
    """Those of one's part of the town, and those in which one stands; also those that are to come."""
    with services.database.begin(caller.viewer) as conn:
        found = list_rosters(conn, caller.viewer, datetime.now(UTC))
        return RosterList(items=_answers(conn, found, caller))


@router.post("", status_code=status.HTTP_201_CREATED, summary="Make a duty roster")
def create_roster(body: NewRosterBody, caller: MayManage, services: ServicesDep) -> RosterAnswer:
    """For a grid of one's own part of the town. Times without a team are told in `gaps`. Refused is
    somebody without a post there (422 `no_post`), or in two teams at the same time (409 `stands_twice`).

    It never changes; to change it, end it and make another.
    """
    require_scope(body.grid, caller)
    # Whether somebody is free depends on rosters that the caller may not see.
    with services.database.begin(Viewer.everything()) as conn:
        new = _read(conn, body, caller, services, datetime.now(UTC))
        lock_rosters(conn)
        require_free(conn, new)
        roster = find_roster(conn, insert_roster(conn, new), caller.viewer)
        details = {"name": roster.name, "grid": roster.grid_code}
        record(conn, caller.who, "roster.create", f"roster {roster.id}", details=details)
        return _answers(conn, [roster], caller)[0]


@router.get("/{id}", summary="One duty roster")
def read_roster(roster_id: RosterNumber, caller: MayRead, services: ServicesDep) -> RosterAnswer:
    """Also one that is over."""
    with services.database.begin(caller.viewer) as conn:
        return _answers(conn, [find_roster(conn, roster_id, caller.viewer)], caller)[0]


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, summary="End a duty roster")
def delete_roster(roster_id: RosterNumber, caller: MayManage, services: ServicesDep) -> None:
    """Its shifts stay as they were; the one that is under way is its last."""
    with services.database.begin(caller.viewer) as conn:
        roster = find_roster(conn, roster_id, caller.viewer)
        require_scope(roster.grid_code, caller)
        end_roster(conn, roster, datetime.now(UTC))
        record(conn, caller.who, "roster.end", f"roster {roster.id}", details={"name": roster.name})


def _read(
    conn: Connection, body: NewRosterBody, caller: Caller, services: Services, now: datetime
) -> NewRoster:
    """A roster that can be used as it is."""
    index = services.grid_indexes.active(conn)
    if index is None or body.grid not in index.tree:
        raise NotFound(
            "There is no such grid in force; GET /api/v1/grids lists them.", field="grid"
        )
    valid_from = body.valid_from or now
    if valid_from > now + _LONGEST_AHEAD:
        raise InvalidInput("A roster begins at most a year ahead.", field="valid_from")
    new = NewRoster(
        name=_name(body.name, "name"),
        grid_code=body.grid,
        rotation=Rotation(
            shifts=tuple(each.read() for each in body.shifts),
            cycle=tuple(
                tuple(None if team is None else _name(team, "cycle") for team in day)
                for day in body.cycle
            ),
            begins_on=body.begins_on or valid_from.astimezone(LOCAL).date(),
        ),
        teams=tuple(
            Team(name=_name(each.name, "teams"), leader=each.leader, members=tuple(each.members))
            for each in body.teams
        ),
        valid_from=valid_from,
        valid_to=body.valid_to,
    )
    area = area_of(index.tree, body.grid, caller.scope)
    require_posts(conn, new.people, area, valid_from, field="teams")
    return new


def _name(text: str, field: str) -> str:
    name = read_text(text, field=field, limit=_NAME_LIMIT)
    if name is None:
        raise InvalidInput("A roster has a name, and so has each team.", field=field)
    return name


def _answers(conn: Connection, found: Sequence[Roster], caller: Caller) -> list[RosterAnswer]:
    people = people_with_ids(conn, {each for roster in found for each in roster.people})
    return [_answer(roster, people, caller.names) for roster in found]


def _answer(roster: Roster, people: People, names: Names) -> RosterAnswer:
    rotation = roster.rotation
    teams: list[dict[str, Any]] = [
        {
            "name": team.name,
            "leader": PersonName.of(team.leader, people, names),
            "members": [PersonName.of(each, people, names) for each in team.members],
        }
        for team in roster.teams
    ]
    return RosterAnswer.model_validate(
        {
            "id": roster.id,
            "name": roster.name,
            "grid": roster.grid_code,
            "shifts": [each.to_json() for each in rotation.shifts],
            "teams": teams,
            "cycle": rotation.cycle,
            "begins_on": rotation.begins_on,
            "valid_from": roster.valid_from,
            "valid_to": roster.valid_to,
            "gaps": [GapAnswer.of(each) for each in gaps_in(rotation)],
            "covered": RatioAnswer.of(coverage_of(rotation)),
        }
    )
