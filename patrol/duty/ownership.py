"""Ownership: who is on duty, and who owns what happens in a grid.

Exactly one owner: the grid worker on duty of the enclosing grid, else the deputy, else the chief,
else the town's dispatch queue.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, text

from data.sql import load_sql

_SQL = load_sql("patrol.duty", "ownership.sql")


class OwnerReason(StrEnum):
    """Why somebody owns a case."""

    WORKER_ON_DUTY = "worker_on_duty"
    DEPUTY_ON_DUTY = "deputy_on_duty"
    CHIEF = "chief"
    DISPATCH_QUEUE = "dispatch_queue"
    CHOSEN = "chosen"  # by whoever dispatched it, instead of the rule


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
class Post:
    """A post as it stands at one instant. `on_duty` is its holder's state."""

    staff_id: int
    name: str
    role: str
    grid_code: str
    is_deputy: bool
    on_duty: bool


DISPATCH_QUEUE = Owner(
    staff_id=None, name=None, role="dispatcher", reason=OwnerReason.DISPATCH_QUEUE, grid_code=None
)


def owner_among(posts: Iterable[Post], chain: Sequence[str]) -> Owner:
    """The owner of a place whose enclosing grids are `chain`, deepest first.

    The deepest grid decides before the wider ones, a holder before a deputy, an earlier post
    before a later one. A chief need not be on duty: somebody must see the case tonight.
    """
    depth = {code: index for index, code in enumerate(chain)}
    ranked = sorted(
        (post for post in posts if post.grid_code in depth),
        key=lambda post: (depth[post.grid_code], post.is_deputy),
    )
    for post in ranked:
        if post.role == "grid_worker" and post.on_duty:
            reason = OwnerReason.DEPUTY_ON_DUTY if post.is_deputy else OwnerReason.WORKER_ON_DUTY
            return _owner(post, reason)
    for post in ranked:
        if post.role == "grid_chief":
            return _owner(post, OwnerReason.CHIEF)
    return DISPATCH_QUEUE


def owner_of(
    conn: Connection, chain: Sequence[str], at: datetime, *, not_staff_id: int | None = None
) -> Owner:
    """The owner at `at` of a place whose enclosing grids' codes are `chain`, deepest first: as if
    `not_staff_id` held no post."""
    posts = _posts_in(conn, chain, at)
    return owner_among((post for post in posts if post.staff_id != not_staff_id), chain)


def chief_of(conn: Connection, chain: Sequence[str], at: datetime) -> Owner:
    """The chief at `at` of the enclosing grids, the deepest first; else the town's dispatch queue."""
    posts = _posts_in(conn, chain, at)
    return owner_among((post for post in posts if post.role == "grid_chief"), chain)


def owners_of(conn: Connection, chains: Sequence[Sequence[str]], at: datetime) -> list[Owner]:
    """The owner of each of many places, in their order, with one look at the posts."""
    posts_by_grid: dict[str, list[Post]] = {}
    for post in _posts_in(conn, {code for chain in chains for code in chain}, at):
        posts_by_grid.setdefault(post.grid_code, []).append(post)
    return [
        owner_among((post for code in chain for post in posts_by_grid.get(code, ())), chain)
        for chain in chains
    ]


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


def _posts_in(conn: Connection, codes: Iterable[str], at: datetime) -> list[Post]:
    on_duty = staff_on_duty(conn, at)
    rows = conn.execute(text(_SQL["posts_in_grids"]), {"grid_codes": sorted(codes), "at": at})
    return [Post(**row, on_duty=row["staff_id"] in on_duty) for row in rows.mappings()]


def _owner(post: Post, reason: OwnerReason) -> Owner:
    return Owner(
        staff_id=post.staff_id,
        name=post.name,
        role=post.role,
        reason=reason,
        grid_code=post.grid_code,
    )
