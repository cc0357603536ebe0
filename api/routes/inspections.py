"""Random inspections (双随机、一公开): who inspects what, drawn by a lottery that anyone can verify."""

import secrets
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, status
from pydantic import BaseModel, ConfigDict, Field

from api.access import Caller, Permission, requires
from api.context import ServicesDep
from api.names import Names
from api.reasons import require_reason
from data.audit import record
from gis.errors import NotPermitted
from patrol.duty.staff_roles import StaffRole
from patrol.inspection.inspections import (
    Inspection,
    InspectionState,
    cancel_inspection,
    draw_inspection,
    find_inspection,
    list_inspections,
    lock_inspection,
)
from patrol.inspection.lists import Target
from patrol.inspection.preparing import Plan, prepare

router = APIRouter(prefix="/inspections", tags=["inspections"])

MayRead = Annotated[Caller, requires(Permission.READ_INSPECTIONS)]
MayDraw = Annotated[Caller, requires(Permission.DRAW_INSPECTIONS)]
InspectionNumber = Annotated[int, Path(alias="id", ge=1, lt=2**63)]
_Text = Annotated[str, Field(min_length=1, max_length=200)]


class NewTarget(BaseModel):
    """Something to inspect that is no facility on the map."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(min_length=1, max_length=100)]
    name: _Text


class NewInspection(BaseModel):
    """Targets are the facilities of `facility_kinds` in `grid` and further `targets`; inspectors are the
    staff with a post of one of the `roles` there or for the whole town. Without `grid` it is all of it.
    With `avoid_home` nobody inspects what lies in a grid of their own posts."""

    model_config = ConfigDict(extra="forbid")

    name: _Text
    grid: str | None = None
    facility_kinds: Annotated[list[_Text], Field(max_length=100)] = []
    targets: Annotated[list[NewTarget], Field(max_length=20_000)] = []
    roles: Annotated[list[StaffRole], Field(min_length=1, max_length=len(StaffRole))] = [
        StaffRole.INSPECTOR
    ]
    targets_wanted: Annotated[int, Field(ge=1, le=2_000)]
    team_size: Annotated[int, Field(ge=1, le=100)] = 2
    avoid_home: bool = True


class Draw(BaseModel):
    """`public_number` is read from where nobody of either party governs it, and `witness` says where:
    "the welfare lottery of 1 December", "three dice, thrown by Ms Wang"."""

    model_config = ConfigDict(extra="forbid")

    public_number: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[ -~]+$")]
    witness: _Text


class Cancellation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str


class InspectionItem(BaseModel):
    """`commitment` is the SHA-256 of the server's secret, told before the draw."""

    id: int
    name: str
    grid: str | None
    state: InspectionState
    targets: int
    inspectors: int
    targets_wanted: int
    team_size: int
    digest: str
    commitment: str
    prepared_at: datetime
    drawn_at: datetime | None
    cancelled_at: datetime | None
    cancelled_because: str | None


class InspectionList(BaseModel):
    """`next` is the cursor of the next page, null on the last."""

    items: list[InspectionItem]
    next: str | None


class LotteryTerms(BaseModel):
    """What was fixed beforehand, by ids; an inspector's id is their number on the staff. `digest` is
    the SHA-256 of this as JSON without spaces, members in this order. `avoided` are pairs of an
    inspector and a target."""

    targets: list[str]
    inspectors: list[str]
    targets_wanted: int
    team_size: int
    avoided: list[tuple[str, str]]


class Named(BaseModel):
    id: str
    name: str


class InspectionNames(BaseModel):
    targets: list[Named]
    inspectors: list[Named]


class DrawnAssignment(BaseModel):
    target: str
    inspectors: list[str]


class InspectionAnswer(BaseModel):
    """Everything to draw it again, as `docs/inspections.md` says. `secret` is null until it is drawn."""

    id: int
    name: str
    grid: str | None
    state: InspectionState
    terms: LotteryTerms
    names: InspectionNames
    digest: str
    commitment: str
    secret: str | None
    public_number: str | None
    witness: str | None
    assignments: list[DrawnAssignment]
    prepared_at: datetime
    prepared_by: str
    drawn_at: datetime | None
    drawn_by: str | None
    cancelled_at: datetime | None
    cancelled_because: str | None


@router.get("", summary="Random inspections, the newest first")
def list_all_inspections(
    caller: MayRead,
    services: ServicesDep,
    cursor: Annotated[int | None, Query(ge=1, lt=2**63, description="`next` of a page.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> InspectionList:
    with services.database.begin(caller.viewer) as conn:
        found = list_inspections(conn, caller.viewer, before=cursor, limit=limit + 1)
    shown = found[:limit]
    return InspectionList(
        items=[_item(inspection) for inspection in shown],
        next=str(shown[-1].id) if len(found) > limit else None,
    )


@router.post("", status_code=status.HTTP_201_CREATED, summary="Prepare a random inspection")
def prepare_inspection(
    body: NewInspection, caller: MayDraw, services: ServicesDep
) -> InspectionAnswer:
    """Fixes the lists and commits to a secret. Publish `digest` and `commitment`, and draw when the
    public number is known."""
    if not caller.scope.covers(body.grid):
        raise NotPermitted(
            "This account may draw inspections in its own grids only; name one of them as `grid`.",
            field="grid",
        )
    plan = Plan(
        name=body.name,
        grid_code=body.grid,
        facility_kinds=body.facility_kinds,
        targets=[Target(id=target.id, name=target.name) for target in body.targets],
        roles=body.roles,
        targets_wanted=body.targets_wanted,
        team_size=body.team_size,
        avoid_home=body.avoid_home,
    )
    with services.database.begin(caller.viewer) as conn:
        index = services.grid_indexes.active(conn)
        inspection = prepare(
            conn,
            plan,
            tree=None if index is None else index.tree,
            secret=secrets.token_hex(16),
            at=datetime.now(UTC),
            account_id=caller.account_id,
            by=caller.name,
        )
        details = {"digest": inspection.terms.digest, "commitment": inspection.commitment}
        record(conn, caller.who, "inspection.prepare", _subject(inspection), details=details)
    return _answer(inspection, caller.names)


@router.get("/{id}", summary="A random inspection, with everything to verify it")
def read_inspection(
    inspection_id: InspectionNumber, caller: MayRead, services: ServicesDep
) -> InspectionAnswer:
    with services.database.begin(caller.viewer) as conn:
        inspection = find_inspection(conn, inspection_id, caller.viewer)
    return _answer(inspection, caller.names)


@router.post("/{id}/draw", summary="Draw who inspects what")
def draw_prepared_inspection(
    inspection_id: InspectionNumber, body: Draw, caller: MayDraw, services: ServicesDep
) -> InspectionAnswer:
    """Once: what was drawn does not change any more. 409 when that has been done, or was called off."""
    with services.database.begin(caller.viewer) as conn:
        drawn = draw_inspection(
            conn,
            lock_inspection(conn, inspection_id, caller.viewer),
            public_number=body.public_number,
            witness=body.witness,
            at=datetime.now(UTC),
            account_id=caller.account_id,
            by=caller.name,
        )
        details = {"public_number": body.public_number, "witness": body.witness}
        record(conn, caller.who, "inspection.draw", _subject(drawn), details=details)
    return _answer(drawn, caller.names)


@router.post("/{id}/cancel", summary="Call a random inspection off that is not drawn yet")
def cancel_prepared_inspection(
    inspection_id: InspectionNumber, body: Cancellation, caller: MayDraw, services: ServicesDep
) -> InspectionAnswer:
    """It stays on the list, with the reason."""
    reason = require_reason(body.reason, "Calling an inspection off")
    with services.database.begin(caller.viewer) as conn:
        cancelled = cancel_inspection(
            conn,
            lock_inspection(conn, inspection_id, caller.viewer),
            reason=reason,
            at=datetime.now(UTC),
        )
        record(conn, caller.who, "inspection.cancel", _subject(cancelled), reason=reason)
    return _answer(cancelled, caller.names)


def _item(inspection: Inspection) -> InspectionItem:
    terms = inspection.terms
    return InspectionItem(
        id=inspection.id,
        name=inspection.name,
        grid=inspection.grid_code,
        state=inspection.state,
        targets=len(terms.targets),
        inspectors=len(terms.inspectors),
        targets_wanted=terms.targets_wanted,
        team_size=terms.team_size,
        digest=terms.digest,
        commitment=inspection.commitment,
        prepared_at=inspection.prepared_at,
        drawn_at=inspection.drawn_at,
        cancelled_at=inspection.cancelled_at,
        cancelled_because=inspection.cancelled_because,
    )


def _answer(inspection: Inspection, names: Names) -> InspectionAnswer:
    drawn_by = inspection.drawn_by
    return InspectionAnswer(
        id=inspection.id,
        name=inspection.name,
        grid=inspection.grid_code,
        state=inspection.state,
        terms=LotteryTerms(**inspection.terms.to_json()),
        names=InspectionNames(
            targets=[Named(id=id_, name=name) for id_, name in inspection.names["targets"].items()],
            inspectors=[
                Named(id=number, name=names.of_staff(name, int(number)))
                for number, name in inspection.names["inspectors"].items()
            ],
        ),
        digest=inspection.terms.digest,
        commitment=inspection.commitment,
        secret=inspection.secret if inspection.state is InspectionState.DRAWN else None,
        public_number=inspection.public_number,
        witness=inspection.witness,
        assignments=[
            DrawnAssignment(target=one.target, inspectors=list(one.inspectors))
            for one in inspection.assignments
        ],
        prepared_at=inspection.prepared_at,
        prepared_by=names.of_actor(inspection.prepared_by, inspection.prepared_by_account_id),
        drawn_at=inspection.drawn_at,
        drawn_by=drawn_by and names.of_actor(drawn_by, inspection.drawn_by_account_id),
        cancelled_at=inspection.cancelled_at,
        cancelled_because=inspection.cancelled_because,
    )


def _subject(inspection: Inspection) -> str:
    return f"inspection {inspection.id}"
