"""Inspections: prepared with their terms, then drawn or cancelled, and never changed after that."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    insert,
    or_,
    select,
    update,
)

from data.schema import inspections
from data.scope import Viewer
from gis.errors import Conflict, NotFound
from patrol.inspection.lottery import Assignment, Terms, commitment_to, draw


class InspectionState(StrEnum):
    PREPARED = "prepared"
    DRAWN = "drawn"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspection:
    """A random inspection. `names` are of its targets and inspectors by their ids; an inspector's id is
    their number on the staff.

    `grid_code` says whose it is; None is the whole installation. Until it is drawn `secret` is for
    nobody to see, and `commitment` stands for it. `witness` says where the public number is from.
    """

    id: int
    name: str
    grid_code: str | None
    terms: Terms
    names: Mapping[str, Mapping[str, str]]
    secret: str
    prepared_at: datetime
    prepared_by_account_id: int | None
    prepared_by: str
    drawn_at: datetime | None = None
    drawn_by_account_id: int | None = None
    drawn_by: str | None = None
    public_number: str | None = None
    witness: str | None = None
    assignments: tuple[Assignment, ...] = ()
    cancelled_at: datetime | None = None
    cancelled_because: str | None = None

    @property
    def commitment(self) -> str:
        return commitment_to(self.secret)

    @property
    def state(self) -> InspectionState:
        if self.drawn_at is not None:
            return InspectionState.DRAWN
        return InspectionState.PREPARED if self.cancelled_at is None else InspectionState.CANCELLED


def insert_inspection(
    conn: Connection,
    *,
    name: str,
    grid_code: str | None,
    terms: Terms,
    names: Mapping[str, Mapping[str, str]],
    secret: str,
    at: datetime,
    account_id: int | None,
    by: str,
) -> Inspection:
    """Prepare one. `secret` is random, and nobody has seen it."""
    values = {
        "name": name,
        "grid_code": grid_code,
        "terms": terms.to_json(),
        "names": names,
        "secret": secret,
        "prepared_at": at,
        "prepared_by_account_id": account_id,
        "prepared_by": by,
    }
    row = conn.execute(insert(inspections).values(values).returning(*inspections.c)).one()
    return _inspection(row)


def draw_inspection(
    conn: Connection,
    inspection: Inspection,
    *,
    public_number: str,
    witness: str,
    at: datetime,
    account_id: int | None,
    by: str,
) -> Inspection:
    """Draw one that `lock_inspection` gave. Raises Conflict when that has been done, or is off."""
    _require_open(inspection)
    drawn = draw(inspection.terms, secret=inspection.secret, public=public_number)
    values: dict[str, Any] = {
        "drawn_at": at,
        "drawn_by_account_id": account_id,
        "drawn_by": by,
        "public_number": public_number,
        "witness": witness,
    }
    written = [{"target": one.target, "inspectors": [*one.inspectors]} for one in drawn]
    _update(conn, inspection, values | {"assignments": written})
    return replace(inspection, **values, assignments=drawn)


def cancel_inspection(
    conn: Connection, inspection: Inspection, *, reason: str, at: datetime
) -> Inspection:
    """Call one off that `lock_inspection` gave and that is not drawn yet. Raises Conflict."""
    _require_open(inspection)
    values: dict[str, Any] = {"cancelled_at": at, "cancelled_because": reason}
    _update(conn, inspection, values)
    return replace(inspection, **values)


def list_inspections(
    conn: Connection, viewer: Viewer, *, before: int | None = None, limit: int
) -> list[Inspection]:
    """Those that `viewer` sees, the newest first, from the first one before the id `before`."""
    statement = (
        select(*inspections.c)
        .where(_seen_by(viewer))
        .order_by(inspections.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(inspections.c.id < before)
    return [_inspection(row) for row in conn.execute(statement)]


def find_inspection(conn: Connection, inspection_id: int, viewer: Viewer) -> Inspection:
    """Raises NotFound, also for one that `viewer` does not see."""
    return _one(conn, inspection_id, viewer, lock=False)


def lock_inspection(conn: Connection, inspection_id: int, viewer: Viewer) -> Inspection:
    """The same; nobody else draws or cancels it until the transaction ends."""
    return _one(conn, inspection_id, viewer, lock=True)


def _one(conn: Connection, inspection_id: int, viewer: Viewer, *, lock: bool) -> Inspection:
    statement = select(*inspections.c).where(inspections.c.id == inspection_id, _seen_by(viewer))
    row = conn.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFound(
            f"There is no inspection {inspection_id}; GET /api/v1/inspections lists them.",
            code="no_such_inspection",
        )
    return _inspection(row)


def _require_open(inspection: Inspection) -> None:
    if inspection.state is not InspectionState.PREPARED:
        raise Conflict(
            f"The inspection {inspection.id} has been {inspection.state} already and does not change "
            "any more; prepare another one.",
            code=f"inspection_{inspection.state}",
        )


def _update(conn: Connection, inspection: Inspection, values: Mapping[str, Any]) -> None:
    conn.execute(update(inspections).where(inspections.c.id == inspection.id).values(dict(values)))


def _seen_by(viewer: Viewer) -> ColumnElement[bool]:
    """Those of the viewer's grids, and those that may send the viewer out."""
    of_their_grids = viewer.scope.condition_on(inspections.c.grid_code)
    listed = inspections.c.terms["inspectors"].contains([str(viewer.staff_id)])
    return of_their_grids if viewer.staff_id is None else or_(of_their_grids, listed)


def _inspection(row: Row[*tuple[Any, ...]]) -> Inspection:
    values = dict(row._mapping)
    assignments = values.pop("assignments") or ()
    return Inspection(
        **values | {"terms": Terms.from_json(values["terms"])},
        assignments=tuple(
            Assignment(target=one["target"], inspectors=tuple(one["inspectors"]))
            for one in assignments
        ),
    )
