"""Who would own a case in each grid, and which grids nobody answers for."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.access import Caller, Permission, requires
from api.answers import GridName
from api.context import ServicesDep
from api.instants import Instant
from gis.grid import Grid
from patrol.duty.ownership import OwnerReason
from patrol.duty.vacancies import StaffedGrid, Staffing, staffed_grids

router = APIRouter()

_ENDING_WITHIN_DAYS = 14


class Which(StrEnum):
    """`ownerless`: vacant, or on leave without anybody who stands in, whoever answers meanwhile."""

    ALL = "all"
    OWNERLESS = "ownerless"
    ENDING = "ending"


_WANTED: Mapping[Which, Callable[[StaffedGrid], bool]] = MappingProxyType(
    {
        Which.ALL: lambda _one: True,
        Which.OWNERLESS: lambda one: one.is_ownerless,
        Which.ENDING: lambda one: one.staffing is Staffing.ENDING,
    }
)


class AnsweringOwner(BaseModel):
    """Who a case would go to; nobody for `dispatch_queue`. `grid` is that of the post."""

    staff: int | None
    name: str | None
    role: str
    reason: OwnerReason
    grid: str | None


class GridOwnership(BaseModel):
    """`owner` is who answers there now and would get a case: perhaps a deputy, or the chief above.
    `staffing` is how the grid's own post is held, vacant or not, and `has_deputy` whether somebody is
    appointed beside it, on duty or not. `changes_at`: when the post ends, its holder is back, or the
    next one's begins; null where nobody knows."""

    grid: GridName
    parent: GridName | None
    staffing: Staffing
    has_deputy: bool
    changes_at: datetime | None
    owner: AnsweringOwner


class OwnershipCounts(BaseModel):
    """Of all one's grids without grids below. About posts: `ownerless` = `vacant` + `on_leave`, of which
    `with_deputy` have one. About who answers now: `queued` are those where nobody does, whose cases
    would wait in the dispatch queue."""

    grids: int
    held: int
    ending: int
    on_leave: int
    vacant: int
    ownerless: int
    with_deputy: int
    queued: int


class GridOwners(BaseModel):
    """`items` by code; `counts` are of all of them, whichever are asked for."""

    at: datetime
    counts: OwnershipCounts
    items: list[GridOwnership]


@router.get("/owners", summary="Who would own a case in each grid, and which grids lack an owner")
def list_grid_owners(
    caller: Annotated[Caller, requires(Permission.READ_GRIDS)],
    services: ServicesDep,
    which: Which = Which.ALL,
    within_days: Annotated[
        int,
        Query(
            ge=1, le=366, description="A post that ends by then, with nobody after, is `ending`."
        ),
    ] = _ENDING_WITHIN_DAYS,
    at: Annotated[
        Instant | None,
        Query(
            description="By the grids, posts, leave and duty of then, also to come: an edition that "
            "is set to take effect by then counts. Else of now."
        ),
    ] = None,
) -> GridOwners:
    """The grids of one's part of the town that have none below them."""
    instant = at or datetime.now(UTC)
    with services.database.begin() as conn:
        indexes = services.grid_indexes
        index = indexes.active(conn) if at is None else indexes.at(at, conn)
        chains = (
            [] if index is None else [index.tree.chain(leaf.code) for leaf in index.tree.leaves]
        )
        chains = [
            # A grid that is yet to be is one's own as the one that it lies in is.
            chain
            for chain in chains
            if any(caller.scope.covers(grid.code) for grid in chain)
        ]
        staffed = staffed_grids(
            conn,
            [[grid.code for grid in chain] for chain in chains],
            instant,
            instant + timedelta(days=within_days),
        )
    items = [
        _item(chain, one, caller)
        for chain, one in sorted(
            zip(chains, staffed, strict=True), key=lambda each: each[1].grid_code
        )
        if _WANTED[which](one)
    ]
    return GridOwners(at=instant, counts=_counts(staffed), items=items)


def _item(chain: Sequence[Grid], one: StaffedGrid, caller: Caller) -> GridOwnership:
    names = [GridName(code=grid.code, name=grid.name) for grid in chain[:2]]
    owner = one.owner
    return GridOwnership(
        grid=names[0],
        parent=names[1] if len(names) > 1 else None,
        staffing=one.staffing,
        has_deputy=one.has_deputy,
        changes_at=one.changes_at,
        owner=AnsweringOwner(
            staff=owner.staff_id,
            name=None if owner.name is None else caller.names.of_post(owner.name, owner.role),
            role=owner.role,
            reason=owner.reason,
            grid=owner.grid_code,
        ),
    )


def _counts(staffed: list[StaffedGrid]) -> OwnershipCounts:
    of = Counter(one.staffing for one in staffed)
    return OwnershipCounts(
        grids=len(staffed),
        held=of[Staffing.HELD],
        ending=of[Staffing.ENDING],
        on_leave=of[Staffing.ON_LEAVE],
        vacant=of[Staffing.VACANT],
        ownerless=sum(one.is_ownerless for one in staffed),
        with_deputy=sum(one.is_ownerless and one.has_deputy for one in staffed),
        queued=sum(one.owner.reason is OwnerReason.DISPATCH_QUEUE for one in staffed),
    )
