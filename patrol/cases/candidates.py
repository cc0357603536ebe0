"""Whose a case is by its category: of the grid's owner, a department, or the enforcement."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, text

from data.sql import load_sql
from patrol.categories.category import Category, DispatchRule
from patrol.duty.ownership import DISPATCH_QUEUE, Owner, OwnerReason, owner_of

_SQL = load_sql("patrol.cases", "candidates.sql")


def owner_by_category(
    conn: Connection,
    category: Category,
    chain: Sequence[str],
    at: datetime,
    *,
    not_staff_id: int | None = None,
) -> Owner:
    """The owner at `at` of a case in the grids `chain`, deepest first: never `not_staff_id`, and who
    stands in instead of whoever is on leave. Of several who could have it, the one with the fewest cases
    in hand. Where a department or the enforcement has nobody, it is for the town's dispatch queue, and
    the reason says so."""
    if category.dispatch is DispatchRule.GRID:
        return owner_of(conn, chain, at, not_staff_id=not_staff_id)
    wanted: dict[str, object] = {"at": at, "not_staff": not_staff_id}
    if category.dispatch is DispatchRule.DEPARTMENT:
        name, reason = "department_handlers", OwnerReason.DEPARTMENT
        absent = OwnerReason.DEPARTMENT_ABSENT
        wanted["department"] = category.department
    else:
        name, reason = "enforcement_officers", OwnerReason.ENFORCEMENT
        absent = OwnerReason.ENFORCEMENT_ABSENT
        wanted["grid_codes"] = list(chain)
    row = conn.execute(text(_SQL[name]), wanted).one_or_none()
    if row is None:
        return replace(DISPATCH_QUEUE, reason=absent)
    return Owner(
        staff_id=row.staff_id,
        name=row.name,
        role=row.role,
        reason=OwnerReason.STAND_IN if row.stands_in else reason,
        grid_code=row.grid_code,
    )
