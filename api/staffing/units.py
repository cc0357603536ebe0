"""Units. Each function is part of the caller's transaction."""

from collections.abc import Container
from dataclasses import replace

from sqlalchemy import Connection

from api.changes import differences
from data.audit import Who, record
from patrol.duty.appointments import require_grid
from patrol.duty.contact import check_name
from patrol.duty.staff import require_staff
from patrol.tracking.unit_register import UnitEntry, check_unit, insert_unit, update_unit


def create_unit(
    conn: Connection, who: Who, unit: UnitEntry, *, grids: Container[str] | None
) -> None:
    """Raises InvalidInput, and Conflict when the code is taken.

    `grids` are the codes of the edition in force; None before the first, when any code is taken.
    """
    checked = replace(unit, name=check_name(unit.name))
    check_unit(checked)
    require_staff(conn, checked.staff_id)
    require_grid(checked.grid_code, grids)
    insert_unit(conn, checked)
    details = {
        "kind": checked.kind,
        "name": checked.name,
        "role": checked.role,
        "staff": checked.staff_id,
        "grid": checked.grid_code,
        "always_on_duty": checked.always_on_duty,
    }
    record(conn, who, "unit.create", f"unit {checked.code}", details=details)


def change_unit(
    conn: Connection,
    who: Who,
    before: UnitEntry,
    after: UnitEntry,
    *,
    grids: Container[str] | None,
) -> None:
    """`before` is from `find_entry`, locked. What is the same is neither checked nor recorded: a home
    that the edition in force has no more may stay. Raises InvalidInput."""
    if after.name != before.name:
        after = replace(after, name=check_name(after.name))
    if after.always_on_duty != before.always_on_duty:
        check_unit(after)
    if after.staff_id != before.staff_id:
        require_staff(conn, after.staff_id)
    if after.grid_code != before.grid_code:
        require_grid(after.grid_code, grids)
    changed = differences(before, after)
    if changed:
        update_unit(conn, after)
        record(conn, who, "unit.change", f"unit {after.code}", details=changed)
