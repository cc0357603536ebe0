"""Appointing people to posts, and ending that."""

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Row,
    Text,
    any_,
    insert,
    literal,
    or_,
    select,
    update,
)

from data.schema import posts
from data.scope import Scope
from gis.errors import Conflict, InvalidInput, NotFound
from patrol.duty.departments import require_department
from patrol.duty.staff_roles import StaffRole


@dataclass(frozen=True, kw_only=True, slots=True)
class Appointment:
    """A post that somebody holds from `valid_from` until `valid_to`; None: until it is ended.

    `grid_code` None is the whole installation. `department` is a handler's.
    """

    id: int
    staff_id: int
    role: str
    grid_code: str | None
    is_deputy: bool
    valid_from: datetime
    valid_to: datetime | None
    department: str | None = None


def begin_post(
    conn: Connection,
    staff_id: int,
    *,
    role: StaffRole,
    grid_code: str | None,
    is_deputy: bool = False,
    department: str | None = None,
    valid_from: datetime,
    valid_to: datetime | None = None,
    grids: Container[str] | None,
) -> Appointment:
    """Appoint somebody, whose row the caller has locked.

    `grids` are the codes of the edition in force, or to be in force when a post to come begins; None
    before the first, when any code is taken.
    Raises InvalidInput, and Conflict for a post that they hold then already, be it as the deputy.
    """
    if grid_code is None and role.works_in_a_grid:
        raise InvalidInput(
            f"A {role} works in a grid: say which. Only a dispatcher, an enforcement officer and a "
            "department handler work for the whole town.",
            field="grid",
        )
    require_grid(grid_code, grids)
    if department is not None and role is not StaffRole.DEPARTMENT_HANDLER:
        raise InvalidInput(
            f"A {role} is in no department; leave it out, or make them a department handler.",
            field="department",
        )
    require_department(conn, department)
    if valid_to is not None and valid_to <= valid_from:
        raise InvalidInput("The post would end before it begins; swap the dates.", field="to")
    post = Appointment(
        id=0,
        staff_id=staff_id,
        role=role.value,
        grid_code=grid_code,
        is_deputy=is_deputy,
        valid_from=valid_from,
        valid_to=valid_to,
        department=department,
    )
    _refuse_overlap(conn, post)
    values = asdict(post)
    del values["id"]
    post_id = conn.execute(insert(posts).values(values).returning(posts.c.id)).scalar_one()
    return replace(post, id=post_id)


def end_post(
    conn: Connection, staff_id: int, post_id: int, *, at: datetime, now: datetime
) -> Appointment:
    """End a post of somebody, whose row the caller has locked, at an instant; one to come too.

    Raises NotFound, Conflict for a post that has ended, and InvalidInput for an instant before it began.
    """
    post = find_post(conn, staff_id, post_id)
    if post.valid_to is not None and post.valid_to <= now:
        raise Conflict(
            f"This post ended at {post.valid_to.isoformat()} already; what is past stays.",
            code="post_ended",
        )
    if at <= post.valid_from:
        raise InvalidInput(
            f"The post begins at {post.valid_from.isoformat()}; it can only end after that.",
            field="to",
        )
    ended = replace(post, valid_to=at)
    _refuse_overlap(conn, ended)
    conn.execute(update(posts).where(posts.c.id == post_id).values(valid_to=at))
    return ended


def find_post(conn: Connection, staff_id: int, post_id: int) -> Appointment:
    """Raises NotFound, also for a post of somebody else."""
    row = conn.execute(
        select(posts).where(posts.c.id == post_id, posts.c.staff_id == staff_id)
    ).one_or_none()
    if row is None:
        raise NotFound(
            f"The staff number {staff_id} has no post {post_id}; GET /api/v1/staff lists them.",
            code="no_such_post",
            field="post",
        )
    return _appointment(row)


def appointments_of(
    conn: Connection, staff_ids: Iterable[int], at: datetime
) -> dict[int, list[Appointment]]:
    """By staff id, the posts that have not ended at `at`, in the order in which they were made."""
    rows = conn.execute(
        select(posts).where(posts.c.staff_id.in_(staff_ids), current(at)).order_by(posts.c.id)
    )
    held: dict[int, list[Appointment]] = defaultdict(list)
    for row in rows:
        held[row.staff_id].append(_appointment(row))
    return held


def holders_among(
    conn: Connection,
    staff_ids: Iterable[int],
    grid_codes: Iterable[str],
    *,
    town_wide: bool,
    at: datetime,
) -> frozenset[int]:
    """Those of the staff who hold a post in one of these grids at an instant; or, with `town_wide`, one
    for the whole town."""
    p = posts.c
    there = p.grid_code == any_(literal(sorted(grid_codes), ARRAY(Text)))
    return frozenset(
        conn.scalars(
            select(p.staff_id).where(
                p.staff_id.in_(staff_ids),
                or_(there, p.grid_code.is_(None)) if town_wide else there,
                p.valid_from <= at,
                current(at),
            )
        )
    )


def current(at: datetime) -> ColumnElement[bool]:
    """The posts that have not ended; those to come as well."""
    return or_(posts.c.valid_to.is_(None), posts.c.valid_to > at)


def held_in(scope: Scope) -> ColumnElement[bool]:
    return scope.condition_on(posts.c.grid_code)


def require_grid(code: str | None, grids: Container[str] | None) -> None:
    """Raises InvalidInput unless `code` is one of `grids`, where there are any to be one of."""
    if code is not None and grids is not None and code not in grids:
        raise InvalidInput(
            f"There is no grid {code} in the edition in force, or in the one that is set to be when it "
            "begins; look its code up on the map or with GET /api/v1/grids (`at`).",
            field="grid",
            code="no_such_grid",
        )


def _refuse_overlap(conn: Connection, post: Appointment) -> None:
    overlapping = select(posts).where(
        posts.c.id != post.id,
        posts.c.staff_id == post.staff_id,
        posts.c.role == post.role,
        posts.c.grid_code.is_not_distinct_from(post.grid_code),
        posts.c.department.is_not_distinct_from(post.department),
        current(post.valid_from),
    )
    if post.valid_to is not None:
        overlapping = overlapping.where(posts.c.valid_from < post.valid_to)
    row = conn.execute(overlapping.order_by(posts.c.id).limit(1)).one_or_none()
    if row is not None:
        where = "for the whole town" if post.grid_code is None else f"in {post.grid_code}"
        raise Conflict(
            f"They are {post.role} {where} at that time already (post {row.id}); end that post first.",
            code="post_overlaps",
        )


def _appointment(row: Row[*tuple[Any, ...]]) -> Appointment:
    return Appointment(**row._mapping)
