"""Staff and their posts. Each function is part of the caller's transaction."""

from collections.abc import Container
from datetime import datetime

from sqlalchemy import Connection

from api.changes import differences
from api.masking import mask_identity_number, mask_phone
from data.audit import Who, record
from patrol.duty.appointments import Appointment, begin_post, end_post
from patrol.duty.contact import check_identity_number, check_name, check_phone
from patrol.duty.staff import Person, insert_staff, lock_person, update_staff
from patrol.duty.staff_roles import StaffRole

_SHOWN = {"phone": mask_phone, "identity_number": mask_identity_number}


def create_staff(conn: Connection, who: Who, person: Person) -> int:
    """The new staff number. Raises InvalidInput."""
    checked = _checked(person)
    staff_id = insert_staff(conn, checked)
    details = {
        "name": checked.name,
        "phone": None if checked.phone is None else mask_phone(checked.phone),
    }
    record(conn, who, "staff.create", _subject(staff_id), details=details)
    return staff_id


def change_staff(conn: Connection, who: Who, staff_id: int, before: Person, after: Person) -> None:
    """`before` is from `lock_person`. What is the same is not recorded. Raises InvalidInput."""
    checked = _checked(after)
    changed = differences(before, checked, shown=_SHOWN)
    if changed:
        update_staff(conn, staff_id, checked)
        record(conn, who, "staff.change", _subject(staff_id), details=changed)


def appoint(
    conn: Connection,
    who: Who,
    staff_id: int,
    *,
    role: StaffRole,
    grid_code: str | None,
    is_deputy: bool,
    department: str | None = None,
    valid_from: datetime,
    valid_to: datetime | None = None,
    grids: Container[str] | None,
) -> Appointment:
    """Raises NotFound for an unknown person, and what `begin_post` raises."""
    lock_person(conn, staff_id)
    post = begin_post(
        conn,
        staff_id,
        role=role,
        grid_code=grid_code,
        is_deputy=is_deputy,
        department=department,
        valid_from=valid_from,
        valid_to=valid_to,
        grids=grids,
    )
    details = {
        "post": post.id,
        "role": role,
        "grid": grid_code,
        "is_deputy": is_deputy,
        "from": valid_from.isoformat(),
        "to": None if valid_to is None else valid_to.isoformat(),
    }
    if department is not None:
        details["department"] = department
    record(conn, who, "post.begin", _subject(staff_id), details=details)
    return post


def end_appointment(
    conn: Connection, who: Who, staff_id: int, post_id: int, *, at: datetime, now: datetime
) -> Appointment:
    """Raises NotFound for an unknown person, and what `end_post` raises."""
    lock_person(conn, staff_id)
    post = end_post(conn, staff_id, post_id, at=at, now=now)
    details = {
        "post": post.id,
        "role": post.role,
        "grid": post.grid_code,
        "is_deputy": post.is_deputy,
        "to": at.isoformat(),
    }
    record(conn, who, "post.end", _subject(staff_id), details=details)
    return post


def _checked(person: Person) -> Person:
    phone, identity_number = person.phone, person.identity_number
    return Person(
        name=check_name(person.name),
        phone=None if phone is None else check_phone(phone),
        identity_number=None if identity_number is None else check_identity_number(identity_number),
    )


def _subject(staff_id: int) -> str:
    return f"staff {staff_id}"
