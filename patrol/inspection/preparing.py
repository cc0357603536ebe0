"""Preparing an inspection: its lists are made and fixed, and the server commits to its secret."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from gis.errors import InvalidInput
from gis.tree import GridTree
from patrol.duty.staff_roles import StaffRole
from patrol.inspection.inspections import Inspection, insert_inspection
from patrol.inspection.lists import Inspector, Target, at_home, facilities_in, inspectors_in
from patrol.inspection.lottery import Terms


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What is to be inspected by whom: the facilities of some kinds and further `targets` in the grid
    `grid_code` (None: anywhere), by staff with a post of one of the `roles` there or for the whole town.

    With `avoid_home` nobody inspects what lies in a grid of their own posts.
    """

    name: str
    grid_code: str | None
    facility_kinds: Collection[str]
    targets: Collection[Target]
    roles: Collection[StaffRole]
    targets_wanted: int
    team_size: int
    avoid_home: bool


def prepare(
    conn: Connection,
    plan: Plan,
    *,
    tree: GridTree | None,
    secret: str,
    at: datetime,
    account_id: int | None,
    by: str,
) -> Inspection:
    """Fix the lists as they are at `at`. `secret` is random. Raises InvalidInput and NotFound."""
    within = None
    if plan.grid_code is not None:
        if tree is None:
            raise InvalidInput("There is no grid edition in force yet.", field="grid")
        within = tree.subtree([plan.grid_code])
    targets = [*plan.targets]
    if plan.facility_kinds:
        targets += facilities_in(conn, plan.facility_kinds, tree, within)
    inspectors = inspectors_in(conn, plan.roles, at, within)
    _refuse_repeated(targets)
    terms = Terms(
        targets=frozenset(target.id for target in targets),
        inspectors=frozenset(inspector.id for inspector in inspectors),
        targets_wanted=plan.targets_wanted,
        team_size=plan.team_size,
        avoided=frozenset(at_home(inspectors, targets, tree)) if plan.avoid_home else frozenset(),
    )
    return insert_inspection(
        conn,
        name=plan.name,
        grid_code=plan.grid_code,
        terms=terms,
        names={"targets": _names(targets), "inspectors": _names(inspectors)},
        secret=secret,
        at=at,
        account_id=account_id,
        by=by,
    )


def _names(listed: Iterable[Target | Inspector]) -> dict[str, str]:
    return {one.id: one.name for one in listed}


def _refuse_repeated(targets: Iterable[Target]) -> None:
    seen: set[str] = set()
    for target in targets:
        if target.id in seen:
            raise InvalidInput(
                f"{target.id!r} is among the targets more than once; list it once.", field="targets"
            )
        seen.add(target.id)
