"""What an alert says of a round of a patrol plan that is over and was not done. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gis.grid import Grid
from patrol.alerts.alert import Kind
from patrol.plans.checkpoints import Checkpoint
from patrol.plans.plan import Plan, PlanKind
from patrol.plans.rounds import RoundResult


@dataclass(frozen=True, kw_only=True, slots=True)
class Missed:
    """`place` (lon, lat) is where somebody should go first; None where nobody knows."""

    kind: Kind
    ended_at: datetime
    place: tuple[float, float] | None
    details: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredMissed:
    """What is stored of an alert that may be told of otherwise."""

    place: tuple[float, float] | None
    details: Mapping[str, Any]
    withdrawn: bool


def missed_in(
    plan: Plan, checkpoints: Sequence[Checkpoint], grid: Grid | None, result: RoundResult
) -> Missed | None:
    """None of a round that was done. `checkpoints` are in the order of the plan."""
    if result.is_fulfilled:
        return None
    left_out = [
        checkpoint
        for checkpoint, arrival in zip(checkpoints, result.arrivals, strict=False)
        if arrival is None
    ]
    return Missed(
        kind=Kind.MISSED_CHECKPOINT if plan.kind is PlanKind.POINTS else Kind.NOT_PATROLLED,
        ended_at=result.round.ends_at,
        place=_place([*left_out, *checkpoints], grid),
        details={
            "reached": result.covered.reached,
            "required": result.covered.required,
            "in_order": result.in_order,
            "missed": [checkpoint.name for checkpoint in left_out],
        },
    )


def is_news(told: StoredMissed | None, missed: Missed | None) -> bool:
    """Whether what was told of a round is not what is known of it now."""
    if told is None or missed is None:
        return missed is not None or (told is not None and not told.withdrawn)
    return told.withdrawn or (told.place, told.details) != (missed.place, missed.details)


def _place(checkpoints: Sequence[Checkpoint], grid: Grid | None) -> tuple[float, float] | None:
    """The first checkpoint that was left out, or where the order begins, or somewhere in the grid."""
    if checkpoints:
        return checkpoints[0].place
    if grid is None:
        return None
    inside = grid.geometry.representative_point()
    return inside.x, inside.y
