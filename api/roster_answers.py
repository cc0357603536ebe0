"""What the routes about duty rosters share: people in answers, and who is told about whom."""

from collections.abc import Iterable, Mapping

from pydantic import BaseModel
from sqlalchemy import Connection

from api.access import Caller
from api.names import Names
from gis.errors import NotPermitted
from patrol.duty.staff import Person, people_with_ids
from patrol.rosters.roster import Roster
from patrol.rosters.shift import Place

People = Mapping[int, Person]
"""By their numbers on the staff."""


class PersonName(BaseModel):
    """Whoever may not read names is shown the number on the staff instead."""

    staff: int
    name: str

    @classmethod
    def of(cls, staff_id: int, people: People, names: Names) -> "PersonName":
        return cls(staff=staff_id, name=names.of_staff(people[staff_id].name, staff_id))


class PlaceName(PersonName):
    """`instead_of` is whose place it is by the rotation, where that is somebody else."""

    instead_of: PersonName | None

    @classmethod
    def in_place(cls, place: Place, people: People, names: Names) -> "PlaceName":
        owner = None if place.for_id is None else PersonName.of(place.for_id, people, names)
        return cls(
            staff=place.staff_id,
            name=PersonName.of(place.staff_id, people, names).name,
            instead_of=owner,
        )


def people_in(conn: Connection, places: Iterable[Place]) -> People:
    """Those who stand in them, and whose they are."""
    listed = list(places)
    owners = {place.for_id for place in listed if place.for_id is not None}
    return people_with_ids(conn, owners | {place.staff_id for place in listed})


def sees_others(roster: Roster, caller: Caller) -> bool:
    """Whether they are told who of a roster came, besides themselves: as with positions, not whoever
    sees only themselves, nor whoever merely stands in a roster of somebody else's grid."""
    return not caller.viewer.only_self and caller.scope.covers(roster.grid_code)


def require_scope(grid_code: str, caller: Caller) -> None:
    """Raises NotPermitted for a grid outside the caller's."""
    if not caller.scope.covers(grid_code):
        raise NotPermitted(f"Grid {grid_code} is not one of yours.", field="grid")
