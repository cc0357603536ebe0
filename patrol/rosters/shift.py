"""Shifts with the people who stand in them, after substitutions. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gis.errors import NotFound
from patrol.rosters.roster import NewRoster
from patrol.rosters.rotation import turns_between


@dataclass(frozen=True, kw_only=True, slots=True)
class Substitution:
    """`substitute_id` stands in for `staff_id`, who stood in the shift of a roster that begins at
    `begins_at`, by the rotation or for somebody else."""

    id: int
    roster_id: int
    begins_at: datetime
    staff_id: int
    substitute_id: int
    made_at: datetime
    made_by: str
    made_by_account_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Who stands in a place of a team, and who would by the rotation; `for_id` None: it is theirs."""

    staff_id: int
    for_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift:
    """From `begins_at` to before `ends_at` (UTC). The leader's place is the first."""

    begins_at: datetime
    ends_at: datetime
    team: str
    places: tuple[Place, ...]

    @property
    def people(self) -> frozenset[int]:
        return frozenset(place.staff_id for place in self.places)


def shifts_between(
    roster: NewRoster,
    substitutions: Iterable[Substitution],
    since: datetime,
    until: datetime,
) -> list[Shift]:
    """The shifts that begin from `since` to before `until`, in their order, while the roster is valid.
    `substitutions` are its own, in the order in which they were made."""
    begin = max(since, roster.valid_from)
    end = until if roster.valid_to is None else min(until, roster.valid_to)
    made: dict[datetime, list[Substitution]] = {}
    for one in substitutions:
        made.setdefault(one.begins_at, []).append(one)
    return [
        Shift(
            begins_at=turn.begins_at,
            ends_at=turn.ends_at,
            team=turn.team,
            places=_after(roster.team(turn.team).people, made.get(turn.begins_at, ())),
        )
        for turn in turns_between(roster.rotation, begin, end)
    ]


def shift_that_begins(
    roster: NewRoster, substitutions: Iterable[Substitution], at: datetime
) -> Shift:
    """Raises NotFound."""
    moment = at.resolution
    for shift in shifts_between(roster, substitutions, at, at + moment):
        return shift
    raise NotFound(
        "No shift of the roster begins then; GET /api/v1/rosters/{id}/shifts lists them.",
        field="from",
    )


def first_clash(shifts: Iterable[Shift]) -> tuple[int, Shift] | None:
    """Who first stands in two shifts at the same time, and in which second one."""
    free_at: dict[int, datetime] = {}
    for shift in sorted(shifts, key=lambda each: each.begins_at):
        for person in sorted(shift.people):
            if free_at.get(person, shift.begins_at) > shift.begins_at:
                return person, shift
            free_at[person] = max(free_at.get(person, shift.ends_at), shift.ends_at)
    return None


def _after(people: Sequence[int], made: Iterable[Substitution]) -> tuple[Place, ...]:
    standing = [Place(staff_id=each) for each in people]
    for one in made:
        standing = [
            _taken_over(place, one) if place.staff_id == one.staff_id else place
            for place in standing
        ]
    return tuple(standing)


def _taken_over(place: Place, one: Substitution) -> Place:
    owner = place.staff_id if place.for_id is None else place.for_id
    back = one.substitute_id == owner
    return replace(place, staff_id=one.substitute_id, for_id=None if back else owner)
