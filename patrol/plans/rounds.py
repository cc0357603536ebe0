"""What became of a round. Pure: a function of where units were, in whatever order that became known."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from gis.cells import Cells
from gis.ratio import Ratio
from patrol.plans.rhythm import Round


class RoundState(StrEnum):
    UPCOMING = "upcoming"
    UNDER_WAY = "under_way"
    DONE = "done"
    MISSED = "missed"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Stay:
    """A unit (`units.id`) was at a checkpoint, in seconds since 1970."""

    from_s: float
    to_s: float
    unit_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """`at_s` is when the unit had come, and stayed as long as it should."""

    at_s: float
    unit_id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Demand:
    """What is asked of a round besides its targets: which part of them, and whether one unit has to
    reach all of them one after the other."""

    at_least: float = 1.0
    in_order: bool = False

    def is_met(self, covered: Ratio, in_order: bool | None) -> bool:
        # Of 10 targets 0.7 is 7, and not the 8 that floating point makes of it.
        enough = math.ceil(round(self.at_least * covered.required, 6))
        return covered.required > 0 and covered.reached >= enough and in_order is not False


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundResult:
    """`arrivals` are the first at each checkpoint, None where nobody came; of parts there are none.
    `left_out` is the number of the first target that nobody reached, None when that is none.
    `in_order` is None where that is not asked. `unit_ids` are those that reached anything."""

    round: Round
    covered: Ratio
    is_fulfilled: bool
    arrivals: tuple[Arrival | None, ...]
    left_out: int | None
    in_order: bool | None
    unit_ids: frozenset[int]

    def state(self, now: datetime) -> RoundState:
        if self.is_fulfilled:
            return RoundState.DONE
        if self.round.ends_at <= now:
            return RoundState.MISSED
        return RoundState.UNDER_WAY if self.round.begins_at <= now else RoundState.UPCOMING


Parts = Cells | NDArray[np.int64]
"""Cells, or numbers of pieces of roads."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Reached:
    """Columns of equal length: a unit was in a `part` from `from_s` to `to_s`, in any order and as often
    as you like."""

    part: Parts
    from_s: NDArray[np.float64]
    to_s: NDArray[np.float64]
    unit_id: NDArray[np.int64]


def result_at_points(
    each: Round, stays: Sequence[Sequence[Stay]], dwell_s: Sequence[float], demand: Demand
) -> RoundResult:
    """Of a round of checkpoints, with the stays at each and how long one has to be: in the order of the
    plan. A stay counts as far as it lies in the round."""
    inside = [_clipped(at_one, each) for at_one in stays]
    arrivals = tuple(
        min(
            (
                Arrival(at_s=stay.from_s + needed_s, unit_id=stay.unit_id)
                for stay in at_one
                if stay.from_s + needed_s <= stay.to_s
            ),
            key=lambda arrival: (arrival.at_s, arrival.unit_id),
            default=None,
        )
        for at_one, needed_s in zip(inside, dwell_s, strict=True)
    )
    reached = [arrival for arrival in arrivals if arrival is not None]
    covered = Ratio(reached=len(reached), required=len(arrivals))
    in_order = _is_in_order(inside, dwell_s) if demand.in_order else None
    return RoundResult(
        round=each,
        covered=covered,
        is_fulfilled=demand.is_met(covered, in_order),
        arrivals=arrivals,
        left_out=next((n for n, arrival in enumerate(arrivals) if arrival is None), None),
        in_order=in_order,
        unit_ids=frozenset(arrival.unit_id for arrival in reached),
    )


def result_of_parts(each: Round, reached: Reached, required: Parts, demand: Demand) -> RoundResult:
    """Of a round of parts; only those that are `required` are among the reached ones."""
    inside = (reached.from_s < each.ends_at.timestamp()) & (
        reached.to_s >= each.begins_at.timestamp()
    )
    parts = np.unique(reached.part[inside])
    left_out = np.flatnonzero(~np.isin(required, parts))
    covered = Ratio(reached=len(parts), required=len(required))
    return RoundResult(
        round=each,
        covered=covered,
        is_fulfilled=demand.is_met(covered, None),
        arrivals=(),
        left_out=int(left_out[0]) if len(left_out) else None,
        in_order=None,
        unit_ids=frozenset(np.unique(reached.unit_id[inside]).tolist()),
    )


def _clipped(stays: Sequence[Stay], each: Round) -> list[Stay]:
    begins_s, ends_s = each.begins_at.timestamp(), each.ends_at.timestamp()
    return [
        Stay(from_s=max(stay.from_s, begins_s), to_s=min(stay.to_s, ends_s), unit_id=stay.unit_id)
        for stay in stays
        if stay.from_s < ends_s and stay.to_s >= begins_s
    ]


def _is_in_order(stays: Sequence[Sequence[Stay]], dwell_s: Sequence[float]) -> bool:
    """Whether some unit reached one after the other. Whoever is always as early as possible finds the
    order if there is one."""
    return any(
        _follows_order(unit_id, stays, dwell_s)
        for unit_id in {stay.unit_id for stay in (stays[0] if stays else ())}
    )


def _follows_order(unit_id: int, stays: Sequence[Sequence[Stay]], dwell_s: Sequence[float]) -> bool:
    now_s = -math.inf
    for at_one, needed_s in zip(stays, dwell_s, strict=True):
        possible = [
            max(stay.from_s, now_s) + needed_s
            for stay in at_one
            if stay.unit_id == unit_id and max(stay.from_s, now_s) + needed_s <= stay.to_s
        ]
        if not possible:
            return False
        now_s = min(possible)
    return True
