"""Duty rosters as they are stored. One never changes, for who came is told from it: it is ended, and
another one is made. Who stood in for whom is `patrol.rosters.substitutions`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    any_,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH

from data.schema import roster_substitutions, rosters
from data.scope import Viewer
from gis.errors import InvalidInput, NotFound
from patrol.rosters.rotation import Rotation, json_to_rotation, rotation_to_json

MOST_TEAMS = 31
MOST_MEMBERS = 100
_ANY_OF_PEOPLE = "$[*].people[*] ? (@ == $people[*])"


@dataclass(frozen=True, kw_only=True, slots=True)
class Team:
    """One leader and N others, by their staff numbers."""

    name: str
    leader: int
    members: tuple[int, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.members) <= MOST_MEMBERS:
            raise InvalidInput(
                f"{self.name} needs 1 to {MOST_MEMBERS} members besides its leader.", field="teams"
            )
        if len({*self.people}) < len(self.people):
            raise InvalidInput(
                f"Somebody is listed twice in {self.name}; everybody stands in a team once.",
                field="teams",
            )

    @property
    def people(self) -> tuple[int, ...]:
        """The leader first."""
        return self.leader, *self.members


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRoster:
    """Whose turn it is in `grid_code`. A shift is of the roster if it begins from `valid_from` to before
    `valid_to`; None is until it is ended."""

    name: str
    grid_code: str
    rotation: Rotation
    teams: tuple[Team, ...]
    valid_from: datetime
    valid_to: datetime | None

    def __post_init__(self) -> None:
        names = {team.name for team in self.teams}
        if not 1 <= len(self.teams) <= MOST_TEAMS:
            raise InvalidInput(f"A roster has 1 to {MOST_TEAMS} teams.", field="teams")
        if len(names) < len(self.teams):
            raise InvalidInput("Two teams have the same name.", field="teams")
        if unknown := self.rotation.teams - names:
            raise InvalidInput(
                f"The cycle names {min(unknown)}, which is none of the teams.", field="cycle"
            )
        if not self.rotation.teams:
            raise InvalidInput("No team has a shift; list one in the cycle.", field="cycle")
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise InvalidInput("valid_to must be after valid_from.", field="valid_to")

    @property
    def people(self) -> frozenset[int]:
        """Everybody's staff number."""
        return frozenset(each for team in self.teams for each in team.people)

    def team(self, name: str) -> Team:
        return next(team for team in self.teams if team.name == name)

    def is_valid_at(self, at: datetime) -> bool:
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to)


@dataclass(frozen=True, kw_only=True, slots=True)
class Roster(NewRoster):
    id: int


def lock_rosters(conn: Connection) -> None:
    """Nobody else makes a roster or a substitution until the transaction ends: whether somebody is free
    depends on all of them."""
    conn.execute(text("SELECT pg_advisory_xact_lock(hashtext('rosters'))"))


def list_rosters(conn: Connection, viewer: Viewer, now: datetime) -> list[Roster]:
    """Those that `viewer` may read and that are not over, in the order in which they were made."""
    return _read(conn, _may_read(viewer), _not_over(now))


def rosters_at(conn: Connection, viewer: Viewer, since: datetime, until: datetime) -> list[Roster]:
    """Those that `viewer` may read with a shift that begins from `since` to `until`, or may have one."""
    r = rosters.c
    return _read(conn, _may_read(viewer), r.valid_from <= until, _not_over(since))


def rosters_of_any(conn: Connection, people: Iterable[int]) -> list[Roster]:
    """All, also over, in which any of these people stands: in a team, or for somebody else."""
    return _read(conn, _has_any(people))


def find_roster(conn: Connection, roster_id: int, viewer: Viewer) -> Roster:
    """Also one that is over. Raises NotFound, also for one that `viewer` may not read."""
    found = _read(conn, rosters.c.id == roster_id, _may_read(viewer))
    if not found:
        raise NotFound(
            f"There is no roster {roster_id}; GET /api/v1/rosters lists them.", field="id"
        )
    return found[0]


def insert_roster(conn: Connection, new: NewRoster) -> int:
    """Returns its id."""
    values = {
        "name": new.name,
        "grid_code": new.grid_code,
        **rotation_to_json(new.rotation),
        "teams": [{"name": team.name, "people": [*team.people]} for team in new.teams],
        "valid_from": new.valid_from,
        "valid_to": new.valid_to,
    }
    return int(conn.execute(insert(rosters).values(values).returning(rosters.c.id)).scalar_one())


def end_roster(conn: Connection, roster: Roster, now: datetime) -> None:
    """The shift that is under way is its last."""
    r = rosters.c
    conn.execute(
        update(rosters)
        .where(r.id == roster.id, _not_over(now))
        .values(valid_to=func.greatest(now, r.valid_from))
    )


def _read(conn: Connection, *conditions: ColumnElement[bool]) -> list[Roster]:
    rows = conn.execute(select(rosters).where(*conditions).order_by(rosters.c.id))
    return [_roster(row) for row in rows]


def _not_over(at: datetime) -> ColumnElement[bool]:
    return or_(rosters.c.valid_to.is_(None), rosters.c.valid_to > at)


def _may_read(viewer: Viewer) -> ColumnElement[bool]:
    """Of one's grids, and where one stands oneself. The policy in the schema asks the same."""
    in_scope = viewer.scope.condition_on(rosters.c.grid_code)
    return in_scope if viewer.staff_id is None else or_(in_scope, _has_any([viewer.staff_id]))


def _has_any(people: Iterable[int]) -> ColumnElement[bool]:
    listed, s = sorted(people), roster_substitutions.c
    in_a_team = func.jsonb_path_exists(
        rosters.c.teams, cast(_ANY_OF_PEOPLE, JSONPATH), cast({"people": listed}, JSONB)
    )
    stands_in = select(s.id).where(
        s.roster_id == rosters.c.id,
        s.substitute_id == any_(literal(listed, ARRAY(BigInteger))),
    )
    return or_(in_a_team, stands_in.exists())


def _roster(row: Row[tuple[Any, ...]]) -> Roster:
    return Roster(
        id=row.id,
        name=row.name,
        grid_code=row.grid_code,
        rotation=json_to_rotation(row.shifts, row.cycle, row.begins_on),
        teams=_teams(row.teams),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _teams(stored: Sequence[dict[str, Any]]) -> tuple[Team, ...]:
    return tuple(
        Team(name=team["name"], leader=team["people"][0], members=tuple(team["people"][1:]))
        for team in stored
    )
