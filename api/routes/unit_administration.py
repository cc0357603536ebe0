"""Making units and changing them."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, status
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from api import staffing
from api.access import Caller, Permission, requires
from api.changes import changes_in
from api.context import Services, ServicesDep
from api.routes.units import UnitAnswer, UnitCode, unit_answers
from data.editions import active_grid_codes
from data.scope import Viewer
from patrol.duty.staff_roles import StaffRole
from patrol.tracking.unit_register import UnitEntry, UnitKind, find_entry, no_such_unit
from patrol.tracking.units import find_unit

router = APIRouter(prefix="/units", tags=["tracking"])

MayAdminister = Annotated[Caller, requires(Permission.ADMINISTER)]


class RegisteredUnit(UnitAnswer):
    """`staff` is the number of whoever carries it. The terminal of a vehicle that is `always_on_duty`
    knows no shifts."""

    staff: int | None
    always_on_duty: bool


class NewUnit(BaseModel):
    """`grid` is its home; without one it belongs to the whole town."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(examples=["GW-017"])]
    kind: UnitKind
    name: str
    role: StaffRole
    staff: int | None = None
    grid: str | None = None
    always_on_duty: bool = False


class UnitChange(BaseModel):
    """What is left out stays as it is. null takes `staff` or `grid` away."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    role: StaffRole | None = None
    staff: int | None = None
    grid: str | None = None
    always_on_duty: bool | None = None


@router.post("", status_code=status.HTTP_201_CREATED, summary="Make a unit")
def create_unit(body: NewUnit, caller: MayAdminister, services: ServicesDep) -> RegisteredUnit:
    unit = UnitEntry(
        code=body.id,
        kind=body.kind,
        name=body.name,
        role=body.role,
        staff_id=body.staff,
        grid_code=body.grid,
        always_on_duty=body.always_on_duty,
    )
    with services.database.begin(Viewer.everything()) as conn:
        staffing.create_unit(conn, caller.who, unit, grids=active_grid_codes(conn))
        return _answer(conn, body.id, caller, services)


@router.patch("/{id}", summary="Change a unit")
def change_unit(
    unit_code: UnitCode, body: UnitChange, caller: MayAdminister, services: ServicesDep
) -> RegisteredUnit:
    """Its code and kind are for good: what it did stays under them."""
    changes = changes_in(body, clearable={"staff", "grid"})
    with services.database.begin(Viewer.everything()) as conn:
        before = find_entry(conn, unit_code, lock=True)
        if before is None:
            raise no_such_unit(unit_code)
        after = replace(before, **changes)
        staffing.change_unit(conn, caller.who, before, after, grids=active_grid_codes(conn))
        return _answer(conn, unit_code, caller, services)


def _answer(conn: Connection, code: str, caller: Caller, services: Services) -> RegisteredUnit:
    unit = find_unit(conn, code, Viewer.everything())
    entry = find_entry(conn, code)
    assert entry is not None
    [answer] = unit_answers(conn, services, [unit], caller.names)
    return RegisteredUnit(
        **answer.model_dump(), staff=entry.staff_id, always_on_duty=entry.always_on_duty
    )
