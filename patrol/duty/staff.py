"""The people on the staff, with the posts they hold and what they carry."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from data.schema import posts, staff, units
from data.scope import Scope
from gis.errors import InvalidInput, NotFound
from patrol.duty.appointments import Appointment, appointments_of, current, held_in
from patrol.tracking.positions import touch_position


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """What is written down about somebody, each in the form that `patrol.duty.contact` gives it."""

    name: str
    phone: str | None = None
    identity_number: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffMember:
    """`posts` are those that have not ended, the earlier made first; `units` the codes of what they
    carry."""

    id: int
    person: Person
    posts: tuple[Appointment, ...]
    units: tuple[str, ...]


def list_staff(
    conn: Connection,
    *,
    scope: Scope,
    everybody: bool = False,
    at: datetime,
    after: int | None = None,
    limit: int | None = None,
) -> list[StaffMember]:
    """The staff with a post in `scope` that has not ended at `at`, by id, from the first one after
    `after`. With `everybody` those without any post too."""
    statement = _seen(scope, everybody, at).order_by(staff.c.id).limit(limit)
    if after is not None:
        statement = statement.where(staff.c.id > after)
    return _members(conn, conn.execute(statement).all(), at)


def find_staff(
    conn: Connection, staff_id: int, *, scope: Scope, everybody: bool = False, at: datetime
) -> StaffMember:
    """Raises NotFound, also for somebody whom `list_staff` would not show."""
    row = conn.execute(_seen(scope, everybody, at).where(staff.c.id == staff_id)).one_or_none()
    if row is None:
        raise no_such_staff(staff_id)
    return _members(conn, [row], at)[0]


def lock_person(conn: Connection, staff_id: int) -> Person:
    """What is written down about them, which nobody else changes until the transaction ends.

    Raises NotFound.
    """
    row = conn.execute(
        select(*_PERSON).where(staff.c.id == staff_id).with_for_update(key_share=True)
    ).one_or_none()
    if row is None:
        raise no_such_staff(staff_id)
    return _person(row)


def insert_staff(conn: Connection, person: Person) -> int:
    """The new id."""
    values = {
        "name": person.name,
        "phone": person.phone,
        "identity_number": person.identity_number,
    }
    return int(conn.execute(insert(staff).values(values).returning(staff.c.id)).scalar_one())


def update_staff(conn: Connection, staff_id: int, person: Person) -> None:
    """A unit bears the name of its person: one that had the old name gets the new one."""
    before = lock_person(conn, staff_id)
    conn.execute(
        update(staff)
        .where(staff.c.id == staff_id)
        .values(name=person.name, phone=person.phone, identity_number=person.identity_number)
    )
    if before.name != person.name:
        renamed = (
            update(units)
            .where(units.c.staff_id == staff_id, units.c.name == before.name)
            .values(name=person.name)
            .returning(units.c.id)
        )
        for unit_id in conn.scalars(renamed).all():
            touch_position(conn, unit_id)


def require_staff(conn: Connection, staff_id: int | None) -> None:
    """Raises InvalidInput when this is somebody who is not there."""
    found = select(staff.c.id).where(staff.c.id == staff_id)
    if staff_id is not None and conn.execute(found).first() is None:
        raise InvalidInput(_NOBODY.format(staff_id), code="no_such_staff", field="staff")


def people_named(conn: Connection, name: str) -> dict[int, Person]:
    """By id, everybody of exactly this name."""
    rows = conn.execute(select(staff.c.id, *_PERSON).where(staff.c.name == name))
    return {row.id: _person(row) for row in rows}


def people_with_ids(conn: Connection, ids: Iterable[int]) -> dict[int, Person]:
    """By id, those of them that there are."""
    rows = conn.execute(select(staff.c.id, *_PERSON).where(staff.c.id.in_(ids)))
    return {row.id: _person(row) for row in rows}


def no_such_staff(staff_id: int) -> NotFound:
    return NotFound(_NOBODY.format(staff_id), code="no_such_staff", field="staff")


_NOBODY = "There is nobody with the staff number {}; GET /api/v1/staff lists who there is."
_PERSON = (staff.c.name, staff.c.phone, staff.c.identity_number)


def _person(row: Row[*tuple[Any, ...]]) -> Person:
    return Person(name=row.name, phone=row.phone, identity_number=row.identity_number)


def _seen(scope: Scope, everybody: bool, at: datetime) -> Select[*tuple[Any, ...]]:
    statement = select(staff.c.id, *_PERSON)
    if everybody:
        return statement
    holds_one = select(posts.c.id).where(
        posts.c.staff_id == staff.c.id, current(at), held_in(scope)
    )
    return statement.where(holds_one.exists())


def _members(
    conn: Connection, rows: Sequence[Row[*tuple[Any, ...]]], at: datetime
) -> list[StaffMember]:
    ids = [row.id for row in rows]
    held, carried = appointments_of(conn, ids, at), _units_of(conn, ids)
    return [
        StaffMember(
            id=row.id,
            person=_person(row),
            posts=tuple(held.get(row.id, ())),
            units=tuple(carried.get(row.id, ())),
        )
        for row in rows
    ]


def _units_of(conn: Connection, staff_ids: Iterable[int]) -> dict[int, list[str]]:
    rows = conn.execute(
        select(units.c.staff_id, units.c.code)
        .where(units.c.staff_id.in_(staff_ids))
        .order_by(units.c.code)
    )
    codes: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        codes[row.staff_id].append(row.code)
    return codes
