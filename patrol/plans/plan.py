"""Patrol plans as they are stored. One never changes, for its rounds depend on it: it is ended, and
another one is made."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from geoalchemy2.shape import from_shape
from shapely import MultiLineString
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    func,
    insert,
    or_,
    select,
    update,
)

from data.schema import patrol_plans, units
from data.scope import Viewer
from gis.errors import InvalidInput, NotFound
from patrol.plans.checkpoints import Checkpoint
from patrol.plans.rhythm import Rhythm, json_to_rhythm, rhythm_to_json
from patrol.plans.rounds import Demand

MOST_CHECKPOINTS = 100


class PlanKind(StrEnum):
    POINTS = "points"
    CELLS = "cells"
    ROADS = "roads"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPlan:
    """What has to be reached in `grid_code` and below it: checkpoints, in the order of `checkpoint_ids`,
    or the grid's cells of a `resolution`, or roads, which count for whoever comes within `width_m`; what
    it is not about is empty or None.

    It counts who has the `role` or is the unit `unit_id`; both None is anybody. `valid_to` is not
    included; None is until it is ended.
    """

    name: str
    grid_code: str
    kind: PlanKind
    checkpoint_ids: tuple[int, ...]
    resolution: int | None
    width_m: float | None
    rhythm: Rhythm
    in_order: bool
    at_least: float
    role: str | None
    unit_id: int | None
    valid_from: datetime
    valid_to: datetime | None

    def __post_init__(self) -> None:
        for kind, what, has in (
            (PlanKind.POINTS, "checkpoints", bool(self.checkpoint_ids)),
            (PlanKind.CELLS, "resolution", self.resolution is not None),
            (PlanKind.ROADS, "width_m", self.width_m is not None),
        ):
            if has != (self.kind is kind):
                raise InvalidInput(
                    f"A plan of {kind} has {what}, and no other one has.", field=what
                )
        if len({*self.checkpoint_ids}) < len(self.checkpoint_ids):
            raise InvalidInput("A checkpoint is listed twice.", field="checkpoints")
        if self.in_order and (self.kind is not PlanKind.POINTS or self.at_least < 1):
            raise InvalidInput(
                "Only checkpoints have an order, and only all of them together.", field="in_order"
            )
        if self.role is not None and self.unit_id is not None:
            raise InvalidInput("Name a role or a unit, not both.", field="role")
        if self.valid_to is not None and self.valid_to <= self.valid_from:
            raise InvalidInput("valid_to must be after valid_from.", field="valid_to")

    @property
    def demand(self) -> Demand:
        return Demand(at_least=self.at_least, in_order=self.in_order)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan(NewPlan):
    """`unit` is the code of its unit. `created_at` is when it was made, whenever it begins."""

    id: int
    unit: str | None
    created_at: datetime


def check_checkpoints(
    wanted: Sequence[int], found: dict[int, Checkpoint], codes: frozenset[str], now: datetime
) -> None:
    """Raise InvalidInput unless all that are wanted are in force and lie in one of the grids."""
    for checkpoint_id in wanted:
        one = found.get(checkpoint_id)
        if one is None or one.grid_code not in codes:
            raise InvalidInput(
                f"There is no checkpoint {checkpoint_id} in the grid of the plan.",
                field="checkpoints",
            )
        if one.valid_to is not None and one.valid_to <= now:
            raise InvalidInput(f"The checkpoint {one.name} is ended.", field="checkpoints")


def list_plans(conn: Connection, viewer: Viewer, now: datetime) -> list[Plan]:
    """Those that `viewer` may read and that are not over, in the order in which they were made."""
    p = patrol_plans.c
    query = _PLANS.where(or_(p.valid_to.is_(None), p.valid_to > now), is_read_by(viewer))
    return [_plan(row) for row in conn.execute(query.order_by(p.id))]


def plans_valid_after(conn: Connection, since: datetime) -> list[Plan]:
    """Everybody's that were not over by then, in the order in which they were made."""
    p = patrol_plans.c
    query = _PLANS.where(or_(p.valid_to.is_(None), p.valid_to > since))
    return [_plan(row) for row in conn.execute(query.order_by(p.id))]


def find_plan(conn: Connection, plan_id: int, viewer: Viewer) -> Plan:
    """Also one that is over. Raises NotFound, also for one that `viewer` may not read."""
    query = _PLANS.where(patrol_plans.c.id == plan_id, is_read_by(viewer))
    row = conn.execute(query).one_or_none()
    if row is None:
        raise NotFound(f"There is no plan {plan_id}; GET /api/v1/plans lists them.", field="id")
    return _plan(row)


def insert_plan(conn: Connection, new: NewPlan, roads: MultiLineString | None = None) -> int:
    """With the `roads` of a plan of roads. Returns its id."""
    values = {
        **{name: getattr(new, name) for name in _COLUMNS},
        "kind": new.kind.value,
        "checkpoint_ids": [*new.checkpoint_ids],
        "rhythm": rhythm_to_json(new.rhythm),
        "geom": None if roads is None else from_shape(roads, srid=4326),
    }
    inserted = insert(patrol_plans).values(values).returning(patrol_plans.c.id)
    return int(conn.execute(inserted).scalar_one())


def end_plan(conn: Connection, plan: Plan, now: datetime) -> None:
    """A round that is under way is none any more."""
    p = patrol_plans.c
    conn.execute(
        update(patrol_plans)
        .where(p.id == plan.id, or_(p.valid_to.is_(None), p.valid_to > now))
        .values(valid_to=func.greatest(now, p.valid_from))
    )


_COLUMNS = tuple(field.name for field in fields(NewPlan))
_PLANS: Select[Any] = select(
    *(c for c in patrol_plans.c if c is not patrol_plans.c.geom), units.c.code.label("unit")
).select_from(patrol_plans.outerjoin(units, units.c.id == patrol_plans.c.unit_id))


def is_read_by(viewer: Viewer) -> ColumnElement[bool]:
    """`Viewer.reads_plan` as a condition on plans with their units. `segments_for_plan` and
    `viewer_plans` in the schema ask the same."""
    in_scope = viewer.scope.condition_on(patrol_plans.c.grid_code)
    return (
        in_scope if viewer.staff_id is None else or_(in_scope, units.c.staff_id == viewer.staff_id)
    )


def _plan(row: Row[tuple[object, ...]]) -> Plan:
    return Plan(
        id=row.id,
        unit=row.unit,
        created_at=row.created_at,
        **{
            **{name: row._mapping[name] for name in _COLUMNS},
            "kind": PlanKind(row.kind),
            "checkpoint_ids": tuple(row.checkpoint_ids),
            "rhythm": json_to_rhythm(row.rhythm),
        },
    )
