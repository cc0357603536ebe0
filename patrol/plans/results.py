"""What became of a plan's rounds: worked out of the stored segments of tracks whenever somebody asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from data.scope import Viewer
from data.sql import load_sql
from data.tracks.segments import Bounds, Vertices, box_parameters, vertices_of
from gis.errors import InvalidInput
from gis.grid import Grid
from gis.local_time import LOCAL
from gis.ratio import Ratio
from patrol.plans.checkpoints import Checkpoint, checkpoints_with_ids
from patrol.plans.plan import Plan, PlanKind
from patrol.plans.rhythm import Round, rounds_between
from patrol.plans.roads import roads_of
from patrol.plans.rounds import RoundResult
from patrol.plans.targets import CellTargets, PointTargets, RoadTargets, Targets
from patrol.tracking.units import Unit, units_with_ids
from patrol.tracks.cell_coverage import cells_of
from patrol.tracks.fixes import check_period

_SQL = load_sql("patrol.plans", "plans.sql")

LONGEST = timedelta(days=31)
MOST_TARGETS = 20_000
"""Rounds times checkpoints of one answer."""
_MOST_SEGMENTS = 20_000


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanResults:
    """`checkpoints` are in the order of the plan. `units` has those whom the viewer sees, by
    `units.id`: the result is the same for everybody, and who it was is not for everybody to know.
    Fixes that arrived after `as_of` may not be in it yet; None is all are."""

    plan: Plan
    checkpoints: Sequence[Checkpoint]
    rounds: Sequence[RoundResult]
    units: Mapping[int, Unit]
    as_of: datetime | None

    @property
    def codes(self) -> list[str]:
        """Of the units."""
        return sorted(unit.code for unit in self.units.values())

    def over(self, now: datetime) -> list[RoundResult]:
        return [each for each in self.rounds if each.round.ends_at <= now]

    def covered(self, now: datetime) -> Ratio:
        """Of the targets of all rounds that are over."""
        return Ratio.sum(each.covered for each in self.over(now))

    def fulfilled(self, now: datetime) -> Ratio:
        """Of the rounds that are over, those that were done."""
        over = self.over(now)
        return Ratio(reached=sum(each.is_fulfilled for each in over), required=len(over))


def results_of(
    conn: Connection,
    viewer: Viewer,
    plan: Plan,
    grid: Grid | None,
    period: tuple[datetime, datetime],
) -> PlanResults:
    """Of the rounds that begin in the period, of a plan that `viewer` may read. `grid` is that of the
    plan; only a plan of cells needs it.

    Raises InvalidInput for a period that is empty or longer than LONGEST, or has more than MOST_TARGETS,
    and for so much that happened there that it would take long.
    """
    check_period(*period, longest=LONGEST)
    rounds = rounds_between(
        plan.rhythm, *period, valid_from=plan.valid_from, valid_to=plan.valid_to
    )
    if len(rounds) * max(len(plan.checkpoint_ids), 1) > MOST_TARGETS:
        raise InvalidInput(
            f"These are more than {MOST_TARGETS:,} rounds times checkpoints; ask for a shorter period.",
            field="to",
            code="too_many",
        )
    targets = targets_of(conn, plan, grid)
    results = judge(conn, plan, targets, rounds) if rounds else []
    ids = {unit_id for result in results for unit_id in result.unit_ids}
    return PlanResults(
        plan=plan,
        checkpoints=targets.checkpoints,
        rounds=results,
        units={unit.id: unit for unit in units_with_ids(conn, ids, viewer)},
        as_of=facts_as_of(conn, rounds),
    )


def targets_of(conn: Connection, plan: Plan, grid: Grid | None) -> Targets:
    """Raises InvalidInput for cells of a grid that is not in force any more or too large."""
    match plan.kind:
        case PlanKind.POINTS:
            found = checkpoints_with_ids(conn, plan.checkpoint_ids)
            return PointTargets(checkpoints=[found[each] for each in plan.checkpoint_ids])
        case PlanKind.CELLS:
            return _cells(plan, grid)
        case PlanKind.ROADS:
            assert plan.width_m is not None
            return RoadTargets.of(roads_of(conn, plan.id), plan.width_m)


def judge(
    conn: Connection, plan: Plan, targets: Targets, rounds: Sequence[Round]
) -> list[RoundResult]:
    """What became of rounds of the plan, at least one, as far as tracks are worked out. Raises
    InvalidInput for so much that happened there that it would take long."""
    since, until = _extent(rounds)

    def read(bounds: Bounds) -> Vertices:
        parameters = {"plan_id": plan.id, **box_parameters(bounds, since, until)}
        return vertices_of(
            conn, _SQL["segments_for_plan"], parameters, most=_MOST_SEGMENTS, field="to"
        )

    return targets.results(rounds, plan.demand, read)


def facts_as_of(conn: Connection, rounds: Sequence[Round]) -> datetime | None:
    """Fixes that arrived later may not be in the result of these rounds; None is all are. Of anybody's
    fixes: whoever may not see them is told whether they are in it all the same."""
    if not rounds:
        return None
    first, last = (at.astimezone(LOCAL).date() for at in _extent(rounds))
    oldest: datetime | None = conn.scalar(select(func.facts_as_of(first - timedelta(days=1), last)))
    return oldest


def _cells(plan: Plan, grid: Grid | None) -> CellTargets:
    assert plan.resolution is not None
    if grid is None:
        raise InvalidInput(
            f"The grid {plan.grid_code} of the plan is not in force any more; end the plan and make "
            "another one.",
            field="id",
        )
    return CellTargets(
        cells=cells_of(grid, plan.resolution),
        resolution=plan.resolution,
        bounds=grid.geometry.bounds,
    )


def _extent(rounds: Sequence[Round]) -> tuple[datetime, datetime]:
    return min(each.begins_at for each in rounds), max(each.ends_at for each in rounds)
