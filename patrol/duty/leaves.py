"""Leave of staff (请假): from when to when, and who stands in. What is past stays."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, text, update

from data.audit import Who
from data.schema import staff_leaves
from data.sql import load_sql
from gis.errors import Conflict, InvalidInput, NotFound

_SQL = load_sql("patrol.duty", "ownership.sql")
MOST_NOTE_CHARACTERS = 200


class LeaveKind(StrEnum):
    ANNUAL = "annual"
    SICK = "sick"
    PERSONAL = "personal"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True, slots=True)
class Leave:
    """From `begins_at` until `ends_at`; None: until it is ended. One that was cancelled never was.

    Without `stand_in_id` the deputies of the grids take over.
    """

    id: int
    staff_id: int
    kind: LeaveKind
    begins_at: datetime
    ends_at: datetime | None
    stand_in_id: int | None
    note: str | None
    entered_at: datetime
    entered_by: str
    entered_by_account_id: int | None
    cancelled_at: datetime | None = None


def enter_leave(
    conn: Connection,
    staff_id: int,
    *,
    kind: LeaveKind,
    begins_at: datetime,
    ends_at: datetime | None,
    stand_in_id: int | None,
    note: str | None,
    now: datetime,
    who: Who,
) -> Leave:
    """Leave of somebody, whose row the caller has locked.

    Raises InvalidInput, and Conflict where they, or who stands in, are on leave then already.
    """
    if ends_at is not None and ends_at <= begins_at:
        raise InvalidInput("The leave would end before it begins; swap the times.", field="to")
    if stand_in_id == staff_id:
        raise InvalidInput(
            "Nobody stands in for themselves; name somebody else, or nobody: then the deputies of the "
            "grids take over.",
            field="stand_in",
        )
    leave = Leave(
        id=0,
        staff_id=staff_id,
        kind=kind,
        begins_at=begins_at,
        ends_at=ends_at,
        stand_in_id=stand_in_id,
        note=note,
        entered_at=now,
        entered_by=who.name,
        entered_by_account_id=who.account_id,
    )
    _refuse_overlap(conn, leave)
    if stand_in_id is not None and _overlapping(conn, replace(leave, staff_id=stand_in_id)):
        raise Conflict(
            f"The staff number {stand_in_id} is on leave at that time too; name somebody else in "
            "`stand_in`.",
            code="stand_in_on_leave",
        )
    values = {name: getattr(leave, name) for name in Leave.__slots__ if name != "id"}
    leave_id = conn.execute(
        insert(staff_leaves).values(values).returning(staff_leaves.c.id)
    ).scalar_one()
    return replace(leave, id=leave_id)


def end_leave(
    conn: Connection, staff_id: int, leave_id: int, *, at: datetime, now: datetime
) -> Leave:
    """Let a leave of somebody, whose row the caller has locked, end at another instant: early, or later.

    Raises NotFound, Conflict for one that is over or was cancelled, and InvalidInput for an instant
    before it began.
    """
    leave = _find(conn, staff_id, leave_id)
    _require_open(leave, now)
    if at <= leave.begins_at:
        raise InvalidInput(
            f"The leave begins at {leave.begins_at.isoformat()}; it can only end after that. To take it "
            "back, cancel it.",
            field="to",
        )
    changed = replace(leave, ends_at=at)
    _refuse_overlap(conn, changed)
    _update(conn, leave_id, ends_at=at)
    return changed


def cancel_leave(conn: Connection, staff_id: int, leave_id: int, *, now: datetime) -> Leave:
    """Take back a leave that has not begun, of somebody whose row the caller has locked.

    Raises NotFound, and Conflict for one that has begun or was cancelled.
    """
    leave = _find(conn, staff_id, leave_id)
    _require_open(leave, now)
    if leave.begins_at <= now:
        raise Conflict(
            f"This leave began at {leave.begins_at.isoformat()} already; end it instead (PATCH with "
            "`to`).",
            code="leave_begun",
        )
    _update(conn, leave_id, cancelled_at=now)
    return replace(leave, cancelled_at=now)


def leaves_of(conn: Connection, staff_id: int) -> list[Leave]:
    """All that they ever had, the last first, those that were cancelled too."""
    rows = conn.execute(
        select(staff_leaves)
        .where(staff_leaves.c.staff_id == staff_id)
        .order_by(staff_leaves.c.begins_at.desc(), staff_leaves.c.id.desc())
    )
    return [_leave(row) for row in rows]


def require_present(conn: Connection, staff_id: int, at: datetime) -> None:
    """Raises InvalidInput for somebody who is on leave at the instant."""
    row = conn.execute(text(_SQL["staff_on_leave"]), {"at": at, "staff_id": staff_id}).one_or_none()
    if row is not None:
        until = "" if row.ends_at is None else f" until {row.ends_at.isoformat()}"
        raise InvalidInput(
            f"The staff number {staff_id} is on leave{until}; choose somebody else, or nobody: then it "
            "goes to who answers for the place.",
            field="staff",
            code="on_leave",
        )


def people_of(leaves: Iterable[Leave]) -> set[int]:
    """Those who stand in."""
    return {leave.stand_in_id for leave in leaves if leave.stand_in_id is not None}


def _find(conn: Connection, staff_id: int, leave_id: int) -> Leave:
    row = conn.execute(
        select(staff_leaves).where(
            staff_leaves.c.id == leave_id, staff_leaves.c.staff_id == staff_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound(
            f"The staff number {staff_id} has no leave {leave_id}; GET /api/v1/staff/{staff_id}/leaves "
            "lists them.",
            code="no_such_leave",
            field="leave",
        )
    return _leave(row)


def _require_open(leave: Leave, now: datetime) -> None:
    if leave.cancelled_at is not None:
        raise Conflict("This leave was cancelled; enter another one.", code="leave_cancelled")
    if leave.ends_at is not None and leave.ends_at <= now:
        raise Conflict(
            f"This leave ended at {leave.ends_at.isoformat()} already; what is past stays.",
            code="leave_ended",
        )


def _overlapping(conn: Connection, leave: Leave) -> int | None:
    """The id of another leave of the same person at that time."""
    c = staff_leaves.c
    statement = select(c.id).where(
        c.id != leave.id,
        c.staff_id == leave.staff_id,
        c.cancelled_at.is_(None),
        or_(c.ends_at.is_(None), c.ends_at > leave.begins_at),
    )
    if leave.ends_at is not None:
        statement = statement.where(c.begins_at < leave.ends_at)
    return conn.scalar(statement.order_by(c.id).limit(1))


def _refuse_overlap(conn: Connection, leave: Leave) -> None:
    other = _overlapping(conn, leave)
    if other is not None:
        raise Conflict(
            f"They are on leave at that time already (leave {other}); end or cancel that one first.",
            code="leave_overlaps",
        )


def _update(conn: Connection, leave_id: int, **values: datetime) -> None:
    conn.execute(update(staff_leaves).where(staff_leaves.c.id == leave_id).values(values))


def _leave(row: Row[*tuple[Any, ...]]) -> Leave:
    values = dict(row._mapping)
    return Leave(**values | {"kind": LeaveKind(values["kind"])})
