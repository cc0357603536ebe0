"""Leave of staff, with its record. Each function is part of the caller's transaction."""

from datetime import datetime

from sqlalchemy import Connection

from data.audit import Who, record
from patrol.duty.leaves import Leave, LeaveKind, cancel_leave, end_leave, enter_leave
from patrol.duty.staff import lock_person


def grant_leave(
    conn: Connection,
    who: Who,
    staff_id: int,
    *,
    kind: LeaveKind,
    begins_at: datetime,
    ends_at: datetime | None,
    stand_in_id: int | None,
    note: str | None,
    now: datetime,
) -> Leave:
    """Raises NotFound for an unknown person, and what `enter_leave` raises."""
    lock_person(conn, staff_id)
    leave = enter_leave(
        conn,
        staff_id,
        kind=kind,
        begins_at=begins_at,
        ends_at=ends_at,
        stand_in_id=stand_in_id,
        note=note,
        now=now,
        who=who,
    )
    _record(conn, who, "leave.enter", leave)
    return leave


def end_leave_of(
    conn: Connection, who: Who, staff_id: int, leave_id: int, *, at: datetime, now: datetime
) -> Leave:
    """Raises NotFound for an unknown person, and what `end_leave` raises."""
    lock_person(conn, staff_id)
    leave = end_leave(conn, staff_id, leave_id, at=at, now=now)
    _record(conn, who, "leave.end", leave)
    return leave


def cancel_leave_of(
    conn: Connection, who: Who, staff_id: int, leave_id: int, *, now: datetime
) -> Leave:
    """Raises NotFound for an unknown person, and what `cancel_leave` raises."""
    lock_person(conn, staff_id)
    leave = cancel_leave(conn, staff_id, leave_id, now=now)
    _record(conn, who, "leave.cancel", leave)
    return leave


def _record(conn: Connection, who: Who, action: str, leave: Leave) -> None:
    details = {
        "leave": leave.id,
        "kind": leave.kind,
        "from": leave.begins_at.isoformat(),
        "to": None if leave.ends_at is None else leave.ends_at.isoformat(),
        "stand_in": leave.stand_in_id,
    }
    record(conn, who, action, f"staff {leave.staff_id}", details=details)
