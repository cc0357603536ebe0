"""What became of the rounds of a patrol plan: as an answer, and as a file to hand on."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from api.access import Caller, Permission, requires
from api.answers import RatioAnswer
from api.context import Services, ServicesDep
from api.downloads import place_for_one, send_file, temporary_file
from api.keeping import require_kept
from api.reasons import ReasonQuery, reason_to_look_back, require_reason
from api.routes.plans import MayRead, PlanNumber
from api.routes.tracks import Since, Until
from data.audit import record, record_look
from data.exports.provenance import PeriodProvenance
from patrol.plans.checkpoints import Checkpoint
from patrol.plans.plan import find_plan
from patrol.plans.record import PlanRecord, RecordFormat, record_filename, write_record
from patrol.plans.results import PlanResults, results_of
from patrol.plans.rounds import Arrival, RoundResult, RoundState
from patrol.tracking.units import Unit

router = APIRouter(prefix="/plans", tags=["plans"])


class CheckpointResult(BaseModel):
    """`reached_at` is when somebody had come first, and stayed as long as asked; null is nobody. `unit`
    is null, too, where one may not see it."""

    id: int
    name: str
    reached_at: datetime | None
    unit: str | None


class RoundAnswer(BaseModel):
    """`in_order` is null where that is not asked; of cells and roads there are no `checkpoints`. `units`
    reached any of it, as far as one may see them."""

    begins_at: Annotated[datetime, Field(alias="from")]
    ends_at: Annotated[datetime, Field(alias="to")]
    state: RoundState
    covered: RatioAnswer
    in_order: bool | None
    checkpoints: list[CheckpointResult]
    units: list[str]


class RoundsAnswer(BaseModel):
    """`covered` are the targets of all rounds that are over, `done` those of these rounds that were
    done. Fixes that arrived after `as_of` may be missing; null: none is."""

    plan: int
    name: str
    as_of: datetime | None
    covered: RatioAnswer
    done: RatioAnswer
    items: list[RoundAnswer]


@router.get("/{id}/rounds", summary="What became of a plan's rounds")
def read_rounds(
    *,
    plan_id: PlanNumber,
    caller: MayRead,
    services: ServicesDep,
    since: Since,
    until: Until,
    reason: ReasonQuery = None,
) -> RoundsAnswer:
    """The rounds that begin in the period, at most 31 days: what was required, reached and missed, when,
    and by which of the units that one may see.

    A checkpoint is reached by coming within its radius, on the straight way between two fixes less than
    5 minutes apart too. It is worked out of the tracks as they are known now: what a phone sends late
    counts. A look at it goes on the audit, and one at an earlier day needs a `reason`, but for whoever
    sees only themselves.
    """
    now = datetime.now(UTC)
    about_others = not caller.viewer.only_self
    why = reason_to_look_back(reason, since=since, now=now, is_about_others=about_others)
    require_kept(since, now, services.settings)
    with services.database.begin(caller.viewer) as conn:
        results = _results(conn, plan_id, caller, services, (since, until))
        if about_others:
            details = _details(results, since, until)
            record_look(
                conn, caller.who, "plan.read", f"plan {plan_id}", reason=why, details=details
            )
    return RoundsAnswer(
        plan=plan_id,
        name=results.plan.name,
        as_of=results.as_of,
        covered=RatioAnswer.of(results.covered(now)),
        done=RatioAnswer.of(results.fulfilled(now)),
        items=[_round(each, results, now) for each in results.rounds],
    )


_RECORD: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file, which says who exported it, when and why",
        "content": {
            to.media_type.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
            for to in RecordFormat
        },
    }
}


@router.get(
    "/{id}/record",
    summary="The record of a plan as a file",
    response_class=StreamingResponse,
    responses=_RECORD,
)
def export_record(
    *,
    plan_id: PlanNumber,
    caller: Annotated[Caller, requires(Permission.EXPORT)],
    services: ServicesDep,
    since: Since,
    until: Until,
    to: Annotated[RecordFormat, Query(alias="format")],
    reason: ReasonQuery = None,
) -> StreamingResponse:
    """The rounds that begin in the period, at most 31 days: a row for each checkpoint of each, or for
    each round of cells or roads. Always needs a `reason`, and is on the audit.
    """
    now = datetime.now(UTC)
    why = require_reason(reason, "An export")
    require_kept(since, now, services.settings)

    def name_of(unit: Unit) -> str:
        return caller.names.of_unit(unit.name, unit.code)

    with (
        place_for_one(services),
        services.database.begin(caller.viewer) as conn,
        temporary_file() as (file, keep),
    ):
        results = _results(conn, plan_id, caller, services, (since, until))
        provenance = PeriodProvenance(
            subject=f"plan {plan_id} {results.plan.name}",
            since=since,
            until=until,
            exported_by=caller.username,
            exported_at=now.replace(microsecond=0),
            reason=why,
        )
        written = PlanRecord(results=results, now=now, name_of=name_of)
        write_record(written, file, to=to, provenance=provenance)
        details = _details(results, since, until) | {"format": to}
        record(conn, caller.who, "plan.export", f"plan {plan_id}", reason=why, details=details)
        keep()
    return send_file(file, record_filename(plan_id, provenance, to=to), to.media_type)


def _results(
    conn: Connection,
    plan_id: int,
    caller: Caller,
    services: Services,
    period: tuple[datetime, datetime],
) -> PlanResults:
    plan = find_plan(conn, plan_id, caller.viewer)
    index = services.grid_indexes.active(conn)
    grid = None if index is None else index.tree.by_code.get(plan.grid_code)
    return results_of(conn, caller.viewer, plan, grid, period)


def _details(results: PlanResults, since: datetime, until: datetime) -> dict[str, object]:
    """For the audit: whom the look found."""
    return {"from": since.isoformat(), "to": until.isoformat(), "units": results.codes}


def _round(result: RoundResult, results: PlanResults, now: datetime) -> RoundAnswer:
    return RoundAnswer.model_validate(
        {
            "from": result.round.begins_at,
            "to": result.round.ends_at,
            "state": result.state(now),
            "covered": RatioAnswer.of(result.covered),
            "in_order": result.in_order,
            "checkpoints": [
                _checkpoint(one, arrival, results)
                for one, arrival in zip(results.checkpoints, result.arrivals, strict=False)
            ],
            "units": sorted(
                results.units[unit_id].code
                for unit_id in result.unit_ids
                if unit_id in results.units
            ),
        }
    )


def _checkpoint(one: Checkpoint, arrival: Arrival | None, results: PlanResults) -> CheckpointResult:
    if arrival is None:
        return CheckpointResult(id=one.id, name=one.name, reached_at=None, unit=None)
    unit = results.units.get(arrival.unit_id)
    return CheckpointResult(
        id=one.id,
        name=one.name,
        reached_at=datetime.fromtimestamp(round(arrival.at_s, 3), UTC),
        unit=None if unit is None else unit.code,
    )
