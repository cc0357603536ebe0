"""Units, and whether they are on duty."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from sqlalchemy import Connection

from api.access import Caller, Permission, requires
from api.answers import GridName
from api.context import Services, ServicesDep
from api.names import Names
from data.scope import Scope, Viewer
from patrol.duty.ownership import units_on_duty
from patrol.duty.sessions import begin_duty, end_duty
from patrol.tracking.duty import off_duty_fixes_on
from patrol.tracking.units import Unit, find_unit, list_units

router = APIRouter(prefix="/units", tags=["tracking"])

UnitCode = Annotated[str, Path(alias="id", examples=["GW-017"])]
MayRead = Annotated[Caller, requires(Permission.READ_POSITIONS)]


class UnitAnswer(BaseModel):
    """`grid` is its home, null everywhere. A grid that the edition in force does not have is named by
    its code. `off_duty_fixes_today` were refused since midnight UTC because the unit was off duty."""

    id: str
    kind: str
    name: str
    role: str
    grid: GridName | None
    on_duty: bool
    off_duty_fixes_today: int


class UnitPage(BaseModel):
    """`next` is the cursor of the next page, null on the last."""

    items: list[UnitAnswer]
    next: str | None


class Duty(BaseModel):
    on: bool


@router.get("", summary="Units, by their identifier")
def list_all_units(
    caller: MayRead,
    services: ServicesDep,
    cursor: Annotated[str | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> UnitPage:
    with services.database.begin(caller.viewer) as conn:
        units = list_units(conn, caller.viewer, after=cursor, limit=limit + 1)
        items = unit_answers(conn, services, units[:limit], caller.names)
    return UnitPage(items=items, next=items[-1].id if len(units) > limit else None)


@router.get("/{id}", summary="One unit")
def read_unit(unit_code: UnitCode, caller: MayRead, services: ServicesDep) -> UnitAnswer:
    with services.database.begin(caller.viewer) as conn:
        unit = find_unit(conn, unit_code, caller.viewer)
        return unit_answers(conn, services, [unit], caller.names)[0]


@router.post("/{id}/duty", summary="Begin or end duty")
def set_duty(
    unit_code: UnitCode,
    duty: Duty,
    caller: Annotated[Caller, requires(Permission.POST_FIXES_ANY, Permission.POST_FIXES_OWN)],
    services: ServicesDep,
) -> UnitAnswer:
    """Field staff say it of their own unit, a gateway of any. Saying it twice changes nothing."""
    any_unit = Permission.POST_FIXES_ANY in caller.permissions
    viewer = Viewer(scope=Scope.everything(), staff_id=caller.staff_id, only_self=not any_unit)
    now = datetime.now(UTC)
    with services.database.begin(viewer) as conn:
        unit = find_unit(conn, unit_code, viewer)
        if duty.on:
            begin_duty(conn, unit.id, now)
        else:
            end_duty(conn, unit.id, now)
        return unit_answers(conn, services, [unit], caller.names)[0]


def unit_answers(
    conn: Connection, services: Services, units: Sequence[Unit], names: Names
) -> list[UnitAnswer]:
    index = services.grid_indexes.active(conn)
    grids = {} if index is None else index.tree.by_code
    now = datetime.now(UTC)
    on_duty = units_on_duty(conn, now)
    off_duty_fixes = off_duty_fixes_on(conn, now.date(), [unit.id for unit in units])
    return [
        UnitAnswer(
            id=unit.code,
            kind=unit.kind,
            name=names.of_unit(unit.name, unit.code),
            role=unit.role,
            grid=None
            if unit.grid_code is None
            else GridName(
                code=unit.grid_code,
                name=grids[unit.grid_code].name if unit.grid_code in grids else unit.grid_code,
            ),
            on_duty=unit.id in on_duty,
            off_duty_fixes_today=off_duty_fixes.get(unit.id, 0),
        )
        for unit in units
    ]
