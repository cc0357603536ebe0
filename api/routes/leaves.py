"""Leave of staff: who is away from when to when, and who stands in."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from api import staffing
from api.access import Caller, Permission, requires
from api.context import ServicesDep
from api.instants import Instant
from api.names import Names
from api.roster_answers import People, PersonName
from api.routes.staff import StaffNumber
from gis.errors import InvalidInput, NotFound
from patrol.cases.report import read_text
from patrol.duty.leaves import MOST_NOTE_CHARACTERS, Leave, LeaveKind, leaves_of, people_of
from patrol.duty.staff import find_staff, people_with_ids

router = APIRouter(prefix="/staff", tags=["staff"])

MayManage = Annotated[Caller, requires(Permission.MANAGE_PLANS, Permission.ADMINISTER)]
_Number = Annotated[int, Field(ge=1, lt=2**63)]
LeaveNumber = Annotated[_Number, Path(alias="leave")]


class LeaveItem(BaseModel):
    """`to` is null until somebody ends it, `stand_in` where the deputies of the grids take over.
    `cancelled_at`: it was taken back, and never was."""

    id: int
    kind: LeaveKind
    from_: Annotated[datetime, Field(alias="from")]
    to: datetime | None
    stand_in: PersonName | None
    note: str | None
    entered_at: datetime
    entered_by: str
    cancelled_at: datetime | None

    @classmethod
    def of(cls, leave: Leave, people: People, names: Names) -> "LeaveItem":
        stand_in = leave.stand_in_id
        values: Mapping[str, object] = {
            "id": leave.id,
            "kind": leave.kind,
            "from": leave.begins_at,
            "to": leave.ends_at,
            "stand_in": None if stand_in is None else PersonName.of(stand_in, people, names),
            "note": leave.note and names.in_text(leave.note),
            "entered_at": leave.entered_at,
            "entered_by": names.of_actor(leave.entered_by, leave.entered_by_account_id),
            "cancelled_at": leave.cancelled_at,
        }
        return cls.model_validate(values)


class LeaveList(BaseModel):
    items: list[LeaveItem]


class NewLeave(BaseModel):
    """`from` is now unless given; without `to` it goes on until it is ended. `stand_in` is a number on
    the staff."""

    model_config = ConfigDict(extra="forbid")

    kind: LeaveKind
    from_: Annotated[Instant | None, Field(alias="from")] = None
    to: Instant | None = None
    stand_in: _Number | None = None
    note: str | None = None


class LeaveEnd(BaseModel):
    model_config = ConfigDict(extra="forbid")

    to: Instant


@router.get("/{id}/leaves", summary="Somebody's leave, the last first")
def list_leaves(staff_id: StaffNumber, caller: MayManage, services: ServicesDep) -> LeaveList:
    """All of it, what was cancelled too; of whoever holds a post in one's grids."""
    with services.database.begin(caller.viewer) as conn:
        _require_theirs(conn, staff_id, caller)
        return LeaveList(items=_items(conn, leaves_of(conn, staff_id), caller))


@router.post(
    "/{id}/leaves", status_code=status.HTTP_201_CREATED, summary="Write down somebody's leave"
)
def enter_leave(
    staff_id: StaffNumber, body: NewLeave, caller: MayManage, services: ServicesDep
) -> LeaveItem:
    """Meanwhile they own nothing in any of their posts, on duty or not. Who stands in is in their
    place; without one the deputies and the chief take over. Cases that they have stay with them.

    409 `leave_overlaps` where they are on leave then already, `stand_in_on_leave` where the other is.
    """
    now = datetime.now(UTC)
    with services.database.begin(caller.viewer) as conn:
        _require_theirs(conn, staff_id, caller)
        if body.stand_in is not None:
            _require_stand_in(conn, body.stand_in, caller)
        leave = staffing.grant_leave(
            conn,
            caller.who,
            staff_id,
            kind=body.kind,
            begins_at=body.from_ or now,
            ends_at=body.to,
            stand_in_id=body.stand_in,
            note=read_text(body.note, field="note", limit=MOST_NOTE_CHARACTERS),
            now=now,
        )
        return _items(conn, [leave], caller)[0]


@router.patch("/{id}/leaves/{leave}", summary="End somebody's leave early, or later")
def end_leave(
    staff_id: StaffNumber,
    leave_id: LeaveNumber,
    body: LeaveEnd,
    caller: MayManage,
    services: ServicesDep,
) -> LeaveItem:
    with services.database.begin(caller.viewer) as conn:
        _require_theirs(conn, staff_id, caller)
        leave = staffing.end_leave_of(
            conn, caller.who, staff_id, leave_id, at=body.to, now=datetime.now(UTC)
        )
        return _items(conn, [leave], caller)[0]


@router.post("/{id}/leaves/{leave}/cancel", summary="Take back a leave that has not begun")
def cancel_leave(
    staff_id: StaffNumber, leave_id: LeaveNumber, caller: MayManage, services: ServicesDep
) -> LeaveItem:
    """It stays on the record as cancelled. 409 `leave_begun`: end it instead."""
    with services.database.begin(caller.viewer) as conn:
        _require_theirs(conn, staff_id, caller)
        leave = staffing.cancel_leave_of(
            conn, caller.who, staff_id, leave_id, now=datetime.now(UTC)
        )
        return _items(conn, [leave], caller)[0]


def _require_theirs(conn: Connection, staff_id: int, caller: Caller) -> None:
    """Raises NotFound for somebody whom `GET /staff` does not show them."""
    everybody = Permission.ADMINISTER in caller.permissions
    find_staff(conn, staff_id, scope=caller.scope, everybody=everybody, at=datetime.now(UTC))


def _require_stand_in(conn: Connection, staff_id: int, caller: Caller) -> None:
    try:
        _require_theirs(conn, staff_id, caller)
    except NotFound as error:
        raise InvalidInput(error.message, code=error.code, field="stand_in") from error


def _items(conn: Connection, leaves: Iterable[Leave], caller: Caller) -> list[LeaveItem]:
    listed = list(leaves)
    people = people_with_ids(conn, people_of(listed))
    return [LeaveItem.of(leave, people, caller.names) for leave in listed]
