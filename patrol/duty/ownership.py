"""Ownership: who is on duty, and who owns what happens in a grid.

Exactly one owner: the grid worker on duty of the enclosing grid, else the deputy, else the chief,
else the town's dispatch queue. Whoever is on leave owns nothing; in their posts acts who stands in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, text

from data.sql import load_sql

_SQL = load_sql("patrol.duty", "ownership.sql")


class OwnerReason(StrEnum):
    """Why somebody owns a case."""

    WORKER_ON_DUTY = "worker_on_duty"
    DEPUTY_ON_DUTY = "deputy_on_duty"
    CHIEF = "chief"
    STAND_IN = "stand_in"  # for somebody on leave, whatever their post
    DISPATCH_QUEUE = "dispatch_queue"
    CHOSEN = "chosen"  # by whoever dispatched it, instead of the rule
    DEPARTMENT = "department"  # handles what is of this category
    DEPARTMENT_ABSENT = "department_absent"  # nobody of it is there: the dispatch queue
    ENFORCEMENT = "enforcement"  # an enforcement officer
    ENFORCEMENT_ABSENT = "enforcement_absent"  # none is there: the dispatch queue
    RETURNED = "returned"  # by whoever had it: to the chief, and by the chief to the dispatch queue
    ESCALATED = "escalated"  # to the chief; or to the town or county: nobody, the desk sees to it


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """Who answers for a place. `grid_code` is the grid of the post that makes them its owner.

    In the dispatch queue nobody does yet: `staff_id`, `name` and `grid_code` are None.
    """

    staff_id: int | None
    name: str | None
    role: str
    reason: OwnerReason
    grid_code: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Acting:
    """Somebody who acts in a post: its holder, or who stands in for them."""

    staff_id: int
    name: str
    on_duty: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """A post as it stands at one instant. `on_leave` is its holder's state, `back_at` when that leave
    ends, None: not known. `stand_in` is None too where that one is on leave as well."""

    holder: Acting
    role: str
    grid_code: str
    is_deputy: bool
    valid_from: datetime
    valid_to: datetime | None = None
    on_leave: bool = False
    back_at: datetime | None = None
    stand_in: Acting | None = None

    @property
    def acting(self) -> Acting | None:
        return self.stand_in if self.on_leave else self.holder


DISPATCH_QUEUE = Owner(
    staff_id=None, name=None, role="dispatcher", reason=OwnerReason.DISPATCH_QUEUE, grid_code=None
)


def owner_among(
    posts: Iterable[Post], chain: Sequence[str], *, not_staff_id: int | None = None
) -> Owner:
    """The owner of a place whose enclosing grids are `chain`, deepest first: never `not_staff_id`.

    The deepest grid decides before the wider ones, a holder before a deputy, an earlier post
    before a later one. A chief need not be on duty: somebody must see the case tonight. Who stands in
    for somebody on leave is in their place.
    """
    depth = {code: index for index, code in enumerate(chain)}
    ranked = sorted(
        (
            (post, post.acting)
            for post in posts
            if post.grid_code in depth
            and post.acting is not None
            and post.acting.staff_id != not_staff_id
        ),
        key=lambda each: (depth[each[0].grid_code], each[0].is_deputy),
    )
    for post, acting in ranked:
        if post.role == "grid_worker" and acting.on_duty:
            reason = OwnerReason.DEPUTY_ON_DUTY if post.is_deputy else OwnerReason.WORKER_ON_DUTY
            return _owner(post, acting, reason)
    for post, acting in ranked:
        if post.role == "grid_chief":
            return _owner(post, acting, OwnerReason.CHIEF)
    return DISPATCH_QUEUE


def owner_of(
    conn: Connection, chain: Sequence[str], at: datetime, *, not_staff_id: int | None = None
) -> Owner:
    """The owner at `at` of a place whose enclosing grids' codes are `chain`, deepest first: never
    `not_staff_id`."""
    return owner_among(posts_in(conn, chain, at), chain, not_staff_id=not_staff_id)


def chief_of(conn: Connection, chain: Sequence[str], at: datetime) -> Owner:
    """The chief at `at` of the enclosing grids, the deepest first; else the town's dispatch queue."""
    [chief] = chiefs_of(conn, [chain], at)
    return chief


def owners_of(conn: Connection, chains: Sequence[Sequence[str]], at: datetime) -> list[Owner]:
    """The owner of each of many places, in their order, with one look at the posts."""
    return _each(posts_in(conn, _codes(chains), at), chains)


def chiefs_of(conn: Connection, chains: Sequence[Sequence[str]], at: datetime) -> list[Owner]:
    """The same of the chiefs."""
    posts = posts_in(conn, _codes(chains), at)
    return _each((post for post in posts if post.role == "grid_chief"), chains)


def posts_in(
    conn: Connection, codes: Iterable[str], at: datetime, *, until: datetime | None = None
) -> list[Post]:
    """The posts of workers and chiefs in these grids at `at`, the earliest first; with `until` also
    those that begin by then. Who is on duty or on leave is as of `at`."""
    parameters = {"grid_codes": sorted(codes), "at": at, "until": until or at}
    return [_post(row) for row in conn.execute(text(_SQL["posts_in_grids"]), parameters)]


def units_on_duty(
    conn: Connection, at: datetime, unit_ids: Sequence[int] | None = None
) -> frozenset[int]:
    """The ids of the units on duty at `at`, those that are always on duty among them: of all units, or
    of these."""
    parameters = {"at": at, "unit_ids": None if unit_ids is None else [*unit_ids]}
    return frozenset(conn.scalars(text(_SQL["units_on_duty"]), parameters))


def staff_on_duty(conn: Connection, at: datetime) -> frozenset[int]:
    """The ids of the staff with a unit that is in a duty session at `at`."""
    return frozenset(conn.scalars(text(_SQL["staff_on_duty"]), {"at": at}))


def _codes(chains: Iterable[Iterable[str]]) -> set[str]:
    return {code for chain in chains for code in chain}


def _each(posts: Iterable[Post], chains: Iterable[Sequence[str]]) -> list[Owner]:
    by_grid: dict[str, list[Post]] = {}
    for post in posts:
        by_grid.setdefault(post.grid_code, []).append(post)
    return [
        owner_among((post for code in chain for post in by_grid.get(code, ())), chain)
        for chain in chains
    ]


def _post(row: Row[*tuple[Any, ...]]) -> Post:
    stand_in = None
    if row.stand_in_id is not None:
        stand_in = Acting(
            staff_id=row.stand_in_id, name=row.stand_in_name, on_duty=row.stand_in_on_duty
        )
    return Post(
        holder=Acting(staff_id=row.staff_id, name=row.name, on_duty=row.on_duty),
        role=row.role,
        grid_code=row.grid_code,
        is_deputy=row.is_deputy,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        on_leave=row.on_leave,
        back_at=row.back_at,
        stand_in=stand_in,
    )


def _owner(post: Post, acting: Acting, reason: OwnerReason) -> Owner:
    return Owner(
        staff_id=acting.staff_id,
        name=acting.name,
        role=post.role,
        reason=OwnerReason.STAND_IN if post.on_leave else reason,
        grid_code=post.grid_code,
    )
