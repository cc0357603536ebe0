"""Patrol plans: what has to be reached how often."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, status
from pydantic import BaseModel, ConfigDict, Field
from shapely import MultiLineString
from sqlalchemy import Connection

from api.access import Caller, Permission, requires
from api.context import Services, ServicesDep
from api.instants import Instant
from api.windows import WindowBody
from data.audit import record
from gis.cells import FINEST
from gis.errors import InvalidInput, NotFound, NotPermitted
from gis.geojson import geometry_to_geojson
from gis.grid import Grid
from patrol.cases.report import read_text
from patrol.duty.staff_roles import StaffRole
from patrol.plans.checkpoints import checkpoints_with_ids
from patrol.plans.plan import (
    MOST_CHECKPOINTS,
    NewPlan,
    Plan,
    PlanKind,
    check_checkpoints,
    end_plan,
    find_plan,
    insert_plan,
    list_plans,
)
from patrol.plans.rhythm import EveryHours, Rhythm, Weekly, rhythm_to_json
from patrol.plans.roads import USUAL_WIDTH_M, read_roads, roads_of
from patrol.tracking.units import find_unit, units_with_ids
from patrol.tracks.cell_coverage import cells_of

router = APIRouter(prefix="/plans", tags=["plans"])

MayRead = Annotated[Caller, requires(Permission.READ_TRACKS)]
MayManage = Annotated[Caller, requires(Permission.MANAGE_PLANS)]
PlanNumber = Annotated[int, Path(alias="id", ge=1, le=2**63 - 1)]
NAME_LIMIT = 100


class RhythmBody(BaseModel):
    """Either `every_h`, one round of so many hours after the other from `valid_from` on, or a round in
    each of the `windows` that begin on one of the `weekdays`, 1 (Monday) to 7."""

    model_config = ConfigDict(extra="forbid")

    every_h: Annotated[int, Field(ge=1, le=744)] | None = None
    weekdays: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(max_length=7)] | None = None
    windows: Annotated[list[WindowBody], Field(max_length=24)] | None = None

    def read(self) -> Rhythm:
        weekly = self.weekdays is not None or self.windows is not None
        if (self.every_h is None) != weekly:
            raise InvalidInput("Say how often: every_h, or weekdays and windows.", field="rhythm")
        if self.every_h is not None:
            return EveryHours(hours=self.every_h)
        return Weekly(
            weekdays=tuple(sorted({*(self.weekdays or ())})),
            windows=tuple(each.read() for each in self.windows or ()),
        )


class LineGeometry(BaseModel):
    type: Literal["LineString"]
    coordinates: list[list[float]]


class MultiLineGeometry(BaseModel):
    type: Literal["MultiLineString"]
    coordinates: list[list[list[float]]]


Roads = Annotated[LineGeometry | MultiLineGeometry, Field(discriminator="type")]


class PlanBody(BaseModel):
    """`kind` is `points`, with `checkpoints`, `cells`, with a `resolution` of H3, or `roads`, which are
    drawn in WGS-84 and count for whoever comes within `width_m` of them. A round is done when the part
    `at_least` of it was reached; with `in_order` one unit has to reach all checkpoints one after the
    other. It counts who has the `role`, or the `unit`; without either anybody."""

    name: Annotated[str, Field(examples=["水库夜巡"])]
    grid: str
    kind: PlanKind
    checkpoints: Annotated[list[int], Field(max_length=MOST_CHECKPOINTS)] = []
    resolution: Annotated[int, Field(ge=0, le=FINEST)] | None = None
    roads: Roads | None = None
    width_m: Annotated[float, Field(ge=5, le=200)] | None = None
    rhythm: RhythmBody
    in_order: bool = False
    at_least: Annotated[float, Field(gt=0, le=1)] = 1.0
    role: StaffRole | None = None
    unit: str | None = None


class NewPlanBody(PlanBody):
    """Without `valid_from` from now on; without `valid_to` until it is ended. Without `width_m` roads
    count for whoever comes within 20 m."""

    model_config = ConfigDict(extra="forbid")

    valid_from: Instant | None = None
    valid_to: Instant | None = None


class PlanAnswer(PlanBody):
    """`unit` is null, too, where one may not see it; `roads` are in the answer about one plan only."""

    id: int
    valid_from: datetime
    valid_to: datetime | None


class PlanList(BaseModel):
    items: list[PlanAnswer]


@router.get("", summary="The patrol plans in force")
def list_all_plans(caller: MayRead, services: ServicesDep) -> PlanList:
    """Those of one's part of the town and of one's own unit, and those that are still to come."""
    with services.database.begin(caller.viewer) as conn:
        found = list_plans(conn, caller.viewer, datetime.now(UTC))
        return PlanList(items=[_plan(conn, each, caller) for each in found])


@router.post("", status_code=status.HTTP_201_CREATED, summary="Make a patrol plan")
def create_plan(body: NewPlanBody, caller: MayManage, services: ServicesDep) -> PlanAnswer:
    """For a grid of one's own part of the town. It may begin in the past: what was done then counts.

    It never changes; to change it, end it and make another.
    """
    now = datetime.now(UTC)
    with services.database.begin(caller.viewer) as conn:
        new, roads = _read(conn, body, caller, services, now)
        plan = find_plan(conn, insert_plan(conn, new, roads), caller.viewer)
        details = {"name": plan.name, "grid": plan.grid_code}
        record(conn, caller.who, "plan.create", f"plan {plan.id}", details=details)
        return _plan_with_roads(conn, plan, caller)


@router.get("/{id}", summary="One patrol plan")
def read_plan(plan_id: PlanNumber, caller: MayRead, services: ServicesDep) -> PlanAnswer:
    """Also one that is over."""
    with services.database.begin(caller.viewer) as conn:
        return _plan_with_roads(conn, find_plan(conn, plan_id, caller.viewer), caller)


@router.delete("/{id}", status_code=status.HTTP_204_NO_CONTENT, summary="End a patrol plan")
def delete_plan(plan_id: PlanNumber, caller: MayManage, services: ServicesDep) -> None:
    """Its rounds stay as they were; one that is under way is none any more."""
    with services.database.begin(caller.viewer) as conn:
        plan = find_plan(conn, plan_id, caller.viewer)
        _require_scope(plan.grid_code, caller)
        end_plan(conn, plan, datetime.now(UTC))
        record(conn, caller.who, "plan.end", f"plan {plan.id}", details={"name": plan.name})


def _read(
    conn: Connection, body: NewPlanBody, caller: Caller, services: Services, now: datetime
) -> tuple[NewPlan, MultiLineString | None]:
    """A plan that can be used as it is, with its roads if it is about any."""
    name = read_text(body.name, field="name", limit=NAME_LIMIT)
    if name is None:
        raise InvalidInput("Give the plan a name.", field="name")
    index = services.grid_indexes.active(conn)
    if index is None or body.grid not in index.tree:
        raise NotFound(
            "There is no such grid in force; GET /api/v1/grids lists them.", field="grid"
        )
    _require_scope(body.grid, caller)
    unit = None if body.unit is None else find_unit(conn, body.unit, caller.viewer)
    new = NewPlan(
        name=name,
        grid_code=body.grid,
        kind=body.kind,
        checkpoint_ids=tuple(body.checkpoints),
        resolution=body.resolution,
        width_m=body.width_m or (USUAL_WIDTH_M if body.kind is PlanKind.ROADS else None),
        rhythm=body.rhythm.read(),
        in_order=body.in_order,
        at_least=body.at_least,
        role=body.role,
        unit_id=None if unit is None else unit.id,
        valid_from=body.valid_from or now,
        valid_to=body.valid_to,
    )
    check_checkpoints(
        new.checkpoint_ids,
        checkpoints_with_ids(conn, new.checkpoint_ids),
        index.tree.subtree([body.grid]),
        now,
    )
    grid = index.tree[body.grid]
    _require_cells(grid, new.resolution)
    if (body.kind is PlanKind.ROADS) != (body.roads is not None):
        raise InvalidInput("A plan of roads has roads, and no other one has.", field="roads")
    return new, None if body.roads is None else read_roads(body.roads.model_dump(), grid)


def _require_cells(grid: Grid, resolution: int | None) -> None:
    if resolution is not None and not len(cells_of(grid, resolution)):
        raise InvalidInput(
            f"Grid {grid.code} has no cell of resolution {resolution}; ask for finer ones.",
            field="resolution",
        )


def _require_scope(grid_code: str, caller: Caller) -> None:
    if not caller.scope.covers(grid_code):
        raise NotPermitted(f"Grid {grid_code} is not one of yours.", field="grid")


def _plan_with_roads(conn: Connection, plan: Plan, caller: Caller) -> PlanAnswer:
    answer = _plan(conn, plan, caller)
    if plan.kind is not PlanKind.ROADS:
        return answer
    roads = MultiLineGeometry.model_validate(geometry_to_geojson(roads_of(conn, plan.id)))
    return answer.model_copy(update={"roads": roads})


def _plan(conn: Connection, plan: Plan, caller: Caller) -> PlanAnswer:
    ids = [] if plan.unit_id is None else [plan.unit_id]
    unit = next((unit.code for unit in units_with_ids(conn, ids, caller.viewer)), None)
    return PlanAnswer.model_validate(
        {
            "id": plan.id,
            "name": plan.name,
            "grid": plan.grid_code,
            "kind": plan.kind,
            "checkpoints": plan.checkpoint_ids,
            "resolution": plan.resolution,
            "width_m": plan.width_m,
            "rhythm": rhythm_to_json(plan.rhythm),
            "in_order": plan.in_order,
            "at_least": plan.at_least,
            "role": plan.role,
            "unit": unit,
            "valid_from": plan.valid_from,
            "valid_to": plan.valid_to,
        }
    )
