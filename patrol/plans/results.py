"""What became of a plan's rounds: worked out of the stored segments of tracks whenever somebody asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Connection, func, select

from data.scope import Viewer
from data.sql import load_sql
from gis.coverage import cells_along
from gis.errors import InvalidInput
from gis.grid import Grid
from gis.local_time import LOCAL
from gis.ratio import Ratio
from patrol.plans.checkpoints import Checkpoint, checkpoints_with_ids
from patrol.plans.plan import Plan, PlanKind
from patrol.plans.rhythm import Round, rounds_between
from patrol.plans.rounds import RoundResult, Stay, result_at_points, result_in_cells
from patrol.tracking.units import Unit, units_with_ids
from patrol.tracks.cell_coverage import cells_of
from patrol.tracks.fixes import check_period
from patrol.tracks.nearby import passages_by_unit
from patrol.tracks.segments import Bounds, Vertices, bounds_around, box_parameters, vertices_of

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
    plan; a plan of points does without.

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
    listed = checkpoints_of(conn, plan)
    results = judge(conn, plan, listed, grid, rounds) if rounds else []
    ids = {unit_id for result in results for unit_id in result.unit_ids}
    return PlanResults(
        plan=plan,
        checkpoints=listed,
        rounds=results,
        units={unit.id: unit for unit in units_with_ids(conn, ids, viewer)},
        as_of=facts_as_of(conn, rounds),
    )


def checkpoints_of(conn: Connection, plan: Plan) -> list[Checkpoint]:
    """In the order of the plan."""
    found = checkpoints_with_ids(conn, plan.checkpoint_ids)
    return [found[each] for each in plan.checkpoint_ids]


def bounds_of(checkpoints: Sequence[Checkpoint], grid: Grid | None) -> Bounds | None:
    """Whatever happens outside of it does not matter for the plan: of its checkpoints, if it has any,
    or of its grid; None where that is not in force any more."""
    if not checkpoints:
        return None if grid is None else grid.geometry.bounds
    boxes = np.array([bounds_around(one.place, one.radius_m) for one in checkpoints])
    west, south = boxes[:, :2].min(axis=0).tolist()
    east, north = boxes[:, 2:].max(axis=0).tolist()
    return west, south, east, north


def judge(
    conn: Connection,
    plan: Plan,
    checkpoints: Sequence[Checkpoint],
    grid: Grid | None,
    rounds: Sequence[Round],
) -> list[RoundResult]:
    """What became of rounds of the plan, at least one, as far as tracks are worked out. Raises
    InvalidInput as `results_of` does."""
    match plan.kind:
        case PlanKind.POINTS:
            return _at_points(conn, plan, checkpoints, rounds)
        case PlanKind.CELLS:
            return _in_cells(conn, plan, grid, rounds)


def facts_as_of(conn: Connection, rounds: Sequence[Round]) -> datetime | None:
    """Fixes that arrived later may not be in the result of these rounds; None is all are. Of anybody's
    fixes: whoever may not see them is told whether they are in it all the same."""
    if not rounds:
        return None
    first, last = (at.astimezone(LOCAL).date() for at in _extent(rounds))
    oldest: datetime | None = conn.scalar(select(func.facts_as_of(first - timedelta(days=1), last)))
    return oldest


def _at_points(
    conn: Connection, plan: Plan, listed: Sequence[Checkpoint], rounds: Sequence[Round]
) -> list[RoundResult]:
    since, until = _extent(rounds)
    stays = [
        [
            Stay(from_s=passage.from_s, to_s=passage.to_s, unit_id=unit_id)
            for unit_id, passages in passages_by_unit(
                _vertices(conn, plan, bounds_around(one.place, one.radius_m), since, until),
                one.place,
                one.radius_m,
                (since.timestamp(), until.timestamp()),
            ).items()
            for passage in passages
        ]
        for one in listed
    ]
    dwell_s = [one.dwell_s for one in listed]
    return [result_at_points(each, stays, dwell_s, plan.demand) for each in rounds]


def _in_cells(
    conn: Connection, plan: Plan, grid: Grid | None, rounds: Sequence[Round]
) -> list[RoundResult]:
    assert plan.resolution is not None
    if grid is None:
        raise InvalidInput(
            f"The grid {plan.grid_code} of the plan is not in force any more; end the plan and make "
            "another one.",
            field="id",
        )
    cells = cells_of(grid, plan.resolution)
    track = _vertices(conn, plan, grid.geometry.bounds, *_extent(rounds))
    reached = cells_along(
        track.t_s, track.lon, track.lat, line=track.line, resolution=plan.resolution
    )
    counts = np.isin(reached.cell, cells)
    cell, t_s, who = reached.cell[counts], reached.t_s[counts], track.unit_id[reached.after[counts]]
    return [
        result_in_cells(each, cell, t_s, who, required=len(cells), demand=plan.demand)
        for each in rounds
    ]


def _vertices(
    conn: Connection, plan: Plan, bounds: Bounds, since: datetime, until: datetime
) -> Vertices:
    parameters = {"plan_id": plan.id, **box_parameters(bounds, since, until)}
    return vertices_of(conn, _SQL["segments_for_plan"], parameters, most=_MOST_SEGMENTS, field="to")


def _extent(rounds: Sequence[Round]) -> tuple[datetime, datetime]:
    return min(each.begins_at for each in rounds), max(each.ends_at for each in rounds)
