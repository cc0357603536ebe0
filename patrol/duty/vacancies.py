"""How a grid is staffed: whether anybody answers for it at its own level, and for how long."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from patrol.duty.ownership import Owner, Post, owner_among, posts_in


class Staffing(StrEnum):
    """Of a grid's own post, not of those above it, nor of who acts beside it."""

    HELD = "held"
    ENDING = "ending"  # soon, and nobody is appointed from then on
    ON_LEAVE = "on_leave"  # its holder is, and nobody stands in
    VACANT = "vacant"  # nobody holds it, though a deputy may act


@dataclass(frozen=True, kw_only=True, slots=True)
class StaffedGrid:
    """A grid, who would own a case there at the instant, how its own post is held, and whether it has a
    deputy (on duty or not) who is not on leave, or somebody stands in for that one.

    `changes_at` is when that changes: when its last holder's post ends, the first of its holders is back
    from leave, or the next one's post begins. None: nobody knows.
    """

    grid_code: str
    owner: Owner
    staffing: Staffing
    has_deputy: bool
    changes_at: datetime | None

    @property
    def is_ownerless(self) -> bool:
        """Whether nobody holds its post or stands in for who does, whoever answers meanwhile."""
        return self.staffing in (Staffing.VACANT, Staffing.ON_LEAVE)


def staffed_grids(
    conn: Connection, chains: Sequence[Sequence[str]], at: datetime, until: datetime
) -> list[StaffedGrid]:
    """Of each of many grids, given by the codes of itself and its ancestors, with one look at the posts.
    A post that ends by `until` ends soon."""
    by_grid: dict[str, list[Post]] = {}
    for post in posts_in(conn, {code for chain in chains for code in chain}, at, until=until):
        by_grid.setdefault(post.grid_code, []).append(post)
    staffed = []
    for chain in chains:
        around = [post for code in chain for post in by_grid.get(code, ()) if post.valid_from <= at]
        own = by_grid.get(chain[0], ())
        staffing, changes_at = staffing_of(own, at=at, until=until)
        staffed.append(
            StaffedGrid(
                grid_code=chain[0],
                owner=owner_among(around, chain),
                staffing=staffing,
                has_deputy=any(
                    post.is_deputy and post.valid_from <= at and post.acting is not None
                    for post in own
                ),
                changes_at=changes_at,
            )
        )
    return staffed


def staffing_of(
    posts: Iterable[Post], *, at: datetime, until: datetime
) -> tuple[Staffing, datetime | None]:
    """Of one grid by its own posts, those that begin by `until` among them, and when that changes."""
    holders = [post for post in posts if not post.is_deputy]
    present = [post for post in holders if post.valid_from <= at]
    if not present:
        return Staffing.VACANT, min((post.valid_from for post in holders), default=None)
    if all(post.acting is None for post in present):
        back = [post.back_at for post in present if post.back_at is not None]
        return Staffing.ON_LEAVE, min(back, default=None)
    ends_at = _held_until(holders, at, until)
    if ends_at is None or ends_at > until:
        return Staffing.HELD, None
    return Staffing.ENDING, ends_at


def _held_until(holders: Sequence[Post], at: datetime, until: datetime) -> datetime | None:
    """The first instant from `at` on at which nobody holds a post, as far as `until`; None: none."""
    while at <= until:
        ends = [
            post.valid_to
            for post in holders
            if post.valid_from <= at and (post.valid_to is None or post.valid_to > at)
        ]
        known = [end for end in ends if end is not None]
        if len(known) < len(ends):
            return None
        if not ends:
            return at
        at = max(known)
    return at
