"""Open cases and the grids of another edition.

A case gets the grid at its position by an event of its own; its owner stays, unless none of the grids
that they hold a post in is there any more: then the usual rule finds another. A closed case keeps its
grid for ever.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from data.schema import posts
from gis.tree import GridTree
from patrol.cases import store
from patrol.cases.actions import Action
from patrol.cases.case import SYSTEM, Assignment, Case, Placement
from patrol.cases.details import Reattributed
from patrol.cases.dispatch import placement_in
from patrol.cases.events import Event, next_event
from patrol.cases.folding import apply
from patrol.cases.workflow import permit
from patrol.duty.ownership import owners_of
from patrol.redivision.telling import tell_of_new_owners


@dataclass(frozen=True, kw_only=True, slots=True)
class Reattribution:
    """How many open cases there were, how many are in another grid now, and with another owner."""

    cases: int
    moved: int
    reassigned: int


def reattribute(
    conn: Connection,
    edition_id: int,
    tree_of: Callable[[], GridTree],
    *,
    at: datetime,
    note: str,
) -> Reattribution:
    """Give every open case its grid in an edition, in the transaction that puts it in force, and tell
    those whose they become or were."""
    cases = store.lock_open_cases(conn)
    if not cases:
        return Reattribution(cases=0, moved=0, reassigned=0)
    tree = tree_of()
    placements = [placement_in(edition_id, tree, case.lon, case.lat) for case in cases]
    assignments = _assignments(conn, cases, placements, tree, at)
    changed: list[Case] = []
    events: list[Event] = []
    for case, placement, assignment in zip(cases, placements, assignments, strict=True):
        transition = permit(case, Action.REATTRIBUTE, SYSTEM, note=None, at=at)
        details = Reattributed(placement=placement, assignment=assignment)
        events.append(next_event(case, transition, SYSTEM, at, note=note, details=details))
        changed.append(apply(case, events[-1]))
    store.update_cases(conn, changed)
    store.insert_events(conn, events)
    pairs = list(zip(cases, changed, strict=True))
    tell_of_new_owners(conn, edition_id, pairs, tree, at)
    return Reattribution(
        cases=len(cases),
        moved=sum(a.placement.grid_code != b.placement.grid_code for a, b in pairs),
        reassigned=sum(a.assignment != b.assignment for a, b in pairs),
    )


def _assignments(
    conn: Connection,
    cases: Sequence[Case],
    placements: Sequence[Placement],
    tree: GridTree,
    at: datetime,
) -> list[Assignment | None]:
    owners = {case.assignment.staff_id for case in cases if case.assignment is not None}
    homeless = _homeless(conn, owners, tree, at)
    without = [
        number
        for number, case in enumerate(cases)
        if case.assignment is not None and case.assignment.staff_id in homeless
    ]
    chains = [_chain(tree, placements[number]) for number in without]
    found = dict(zip(without, owners_of(conn, chains, at), strict=True)) if without else {}
    return [
        Assignment.of(found[number]) if number in found else case.assignment
        for number, case in enumerate(cases)
    ]


def _homeless(
    conn: Connection, staff_ids: set[int | None], tree: GridTree, at: datetime
) -> frozenset[int]:
    """Of these staff those who hold posts, but none in a grid that is there."""
    p = posts.c
    rows = conn.execute(
        select(p.staff_id, func.array_agg(p.grid_code).label("codes"))
        .where(
            p.staff_id.in_([each for each in staff_ids if each is not None]),
            p.valid_from <= at,
            (p.valid_to.is_(None)) | (p.valid_to > at),
        )
        .group_by(p.staff_id)
    )
    return frozenset(
        row.staff_id
        for row in rows
        if all(code is not None and code not in tree for code in row.codes)
    )


def _chain(tree: GridTree, placement: Placement) -> list[str]:
    code = placement.grid_code
    return [] if code is None else [grid.code for grid in tree.chain(code)]
