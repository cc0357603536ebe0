"""The register of units: making them and changing them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from data.schema import units
from gis.errors import Conflict, InvalidInput, NotFound
from patrol.tracking.positions import touch_position

_LONGEST_CODE = 100


class UnitKind(StrEnum):
    PERSON = "person"
    VEHICLE = "vehicle"


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitEntry:
    """`code` is the public identifier. `grid_code` is its home; None is the whole installation.

    A vehicle that is `always_on_duty` has a terminal that knows no shifts.
    """

    code: str
    kind: UnitKind
    name: str
    role: str
    staff_id: int | None = None
    grid_code: str | None = None
    always_on_duty: bool = False


def check_unit(unit: UnitEntry) -> None:
    """Raises InvalidInput. That the staff and the grid exist is for the caller to see to."""
    code = unit.code
    if not 1 <= len(code) <= _LONGEST_CODE or not code.isprintable() or code != code.strip():
        raise InvalidInput(
            f"A unit's code is 1 to {_LONGEST_CODE} printable characters, without spaces around it.",
            field="id",
        )
    if "/" in code or "," in code or code in (".", ".."):
        # They would end the code in an address (/units/GW-01/track, /replay?units=a,b).
        raise InvalidInput("A unit's code has no / and no comma in it; write GW-017.", field="id")
    if unit.kind is UnitKind.PERSON and unit.always_on_duty:
        raise InvalidInput(
            "A person cannot be always on duty: only a vehicle whose terminal knows no shifts can.",
            field="always_on_duty",
        )


def find_entry(conn: Connection, code: str, *, lock: bool = False) -> UnitEntry | None:
    """With `lock` nobody else changes it until the transaction ends."""
    statement = select(*_COLUMNS).where(units.c.code == code)
    if lock:
        statement = statement.with_for_update(key_share=True)  # fixes of the unit still come in
    row = conn.execute(statement).one_or_none()
    return None if row is None else _entry(row)


def list_entries(conn: Connection) -> list[UnitEntry]:
    """All of them, by code."""
    return [_entry(row) for row in conn.execute(select(*_COLUMNS).order_by(units.c.code))]


def insert_unit(conn: Connection, unit: UnitEntry) -> None:
    """Raises Conflict when the code is taken."""
    try:
        with conn.begin_nested():
            conn.execute(
                insert(units).values(code=unit.code, kind=unit.kind.value, **_values(unit))
            )
    except IntegrityError as error:
        raise Conflict(
            f"There is already a unit {unit.code}; choose another code, or change that one.",
            code="unit_taken",
            field="id",
        ) from error


def update_unit(conn: Connection, unit: UnitEntry) -> None:
    """Everything but its code and kind. Those who watch it live see the change. Raises NotFound."""
    changed = update(units).where(units.c.code == unit.code).values(_values(unit))
    unit_id = conn.execute(changed.returning(units.c.id)).scalar_one_or_none()
    if unit_id is None:
        raise no_such_unit(unit.code)
    touch_position(conn, unit_id)


def no_such_unit(code: str) -> NotFound:
    return NotFound(f"There is no unit {code!r}; GET /api/v1/units lists them.", field="unit")


_COLUMNS = (
    units.c.code,
    units.c.kind,
    units.c.name,
    units.c.role,
    units.c.staff_id,
    units.c.grid_code,
    units.c.always_on_duty,
)


def _entry(row: Row[*tuple[Any, ...]]) -> UnitEntry:
    return UnitEntry(**{**row._mapping, "kind": UnitKind(row.kind)})


def _values(unit: UnitEntry) -> Mapping[str, Any]:
    return {
        "name": unit.name,
        "role": unit.role,
        "staff_id": unit.staff_id,
        "grid_code": unit.grid_code,
        "always_on_duty": unit.always_on_duty,
    }
