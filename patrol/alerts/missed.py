"""What an alert says of a round of a patrol plan that is over and was not done. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from patrol.alerts.alert import Kind
from patrol.plans.plan import Plan, PlanKind
from patrol.plans.rounds import RoundResult
from patrol.plans.targets import Place, Targets


@dataclass(frozen=True, kw_only=True, slots=True)
class Missed:
    """`place` (lon, lat) is where somebody should go first."""

    kind: Kind
    ended_at: datetime
    place: Place
    details: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredMissed:
    """What is stored of an alert that may be told of otherwise."""

    place: Place
    details: Mapping[str, Any]
    withdrawn: bool


def missed_in(plan: Plan, targets: Targets, result: RoundResult) -> Missed | None:
    """None of a round that was done, or that had nothing to do. It stands at the first target that was
    left out; where only the order was not kept, where that begins."""
    if result.is_fulfilled or not result.covered.required:
        return None
    return Missed(
        kind=Kind.MISSED_CHECKPOINT if plan.kind is PlanKind.POINTS else Kind.NOT_PATROLLED,
        ended_at=result.round.ends_at,
        place=targets.place(result.left_out or 0),
        details={
            "reached": result.covered.reached,
            "required": result.covered.required,
            "in_order": result.in_order,
            "missed": [
                checkpoint.name
                for checkpoint, arrival in zip(targets.checkpoints, result.arrivals, strict=True)
                if arrival is None
            ],
        },
    )


def is_news(told: StoredMissed | None, missed: Missed | None) -> bool:
    """Whether what was told of a round is not what is known of it now."""
    if told is None or missed is None:
        return missed is not None or (told is not None and not told.withdrawn)
    return told.withdrawn or (told.place, told.details) != (missed.place, missed.details)
