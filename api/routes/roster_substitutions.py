"""Who stands in for whom in a shift of a roster."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict, Field

from api.context import ServicesDep
from api.instants import Instant
from api.names import Names
from api.roster_answers import People, PersonName, require_scope
from api.routes.rosters import MayManage, RosterNumber, StaffId
from data.audit import record
from data.scope import Viewer
from gis.errors import NotFound
from patrol.duty.staff import people_with_ids
from patrol.rosters.eligibility import area_of, require_free_for, require_posts
from patrol.rosters.roster import find_roster, lock_rosters
from patrol.rosters.shift import Substitution, shift_that_begins
from patrol.rosters.substitutions import (
    check_substitution,
    insert_substitution,
    read_substitutions,
)

router = APIRouter(prefix="/rosters", tags=["rosters"])


class SubstitutionAnswer(BaseModel):
    staff: PersonName
    substitute: PersonName
    made_at: datetime
    made_by: str

    @classmethod
    def of(cls, one: Substitution, people: People, names: Names) -> "SubstitutionAnswer":
        return cls(
            staff=PersonName.of(one.staff_id, people, names),
            substitute=PersonName.of(one.substitute_id, people, names),
            made_at=one.made_at,
            made_by=names.of_actor(one.made_by, one.made_by_account_id),
        )


class NewSubstitution(BaseModel):
    """`from` is when the shift begins. `staff` stands in it, by the rotation or for somebody else."""

    model_config = ConfigDict(extra="forbid")

    begins_at: Annotated[Instant, Field(alias="from")]
    staff: StaffId
    substitute: StaffId


@router.post(
    "/{id}/substitutions",
    status_code=status.HTTP_201_CREATED,
    summary="Let somebody stand in for somebody else",
)
def create_substitution(
    roster_id: RosterNumber, body: NewSubstitution, caller: MayManage, services: ServicesDep
) -> SubstitutionAnswer:
    """In one shift; who made it and when stays on the record. It is never taken back: whoever comes
    after all stands in for their substitute."""
    now = datetime.now(UTC)
    # Whether somebody is free depends on rosters that the caller may not see.
    with services.database.begin(Viewer.everything()) as conn:
        roster = find_roster(conn, roster_id, caller.viewer)
        require_scope(roster.grid_code, caller)
        lock_rosters(conn)
        made = read_substitutions(conn, [roster.id], body.begins_at, body.begins_at)
        shift = shift_that_begins(roster, made, body.begins_at)
        check_substitution(shift, staff_id=body.staff, substitute_id=body.substitute, now=now)
        index = services.grid_indexes.active(conn)
        if index is None or roster.grid_code not in index.tree:
            raise NotFound(
                f"The grid {roster.grid_code} of the roster is not in force any more; end the roster "
                "and make another one.",
                field="id",
            )
        area = area_of(index.tree, roster.grid_code, caller.scope)
        require_posts(conn, [body.substitute], area, shift.begins_at, field="substitute")
        require_free_for(conn, body.substitute, shift)
        one = insert_substitution(
            conn,
            roster,
            shift,
            staff_id=body.staff,
            substitute_id=body.substitute,
            now=now,
            who=caller.who,
        )
        details = {
            "from": shift.begins_at.isoformat(),
            "staff": body.staff,
            "substitute": body.substitute,
        }
        record(conn, caller.who, "roster.substitute", f"roster {roster.id}", details=details)
        people = people_with_ids(conn, [body.staff, body.substitute])
    return SubstitutionAnswer.of(one, people, caller.names)
