"""Exceedances: when a quantity was beyond its threshold, as a function of the readings and the rule.

Between the threshold and where it clears nothing changes, so that a value that trembles at the threshold
is one exceedance. A reading that is clear separates what came before from what comes after: whatever the
order that readings arrive in, only what lies between two clear ones has to be looked at again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Direction(StrEnum):
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, kw_only=True, slots=True)
class Threshold:
    """Exceeded by what lies beyond `value` in its direction for `for_s` at least; over once a reading is
    back at `clears_at`, which is not beyond `value`."""

    direction: Direction
    value: float
    clears_at: float
    for_s: int

    def is_exceeded_by(self, value: float) -> bool:
        return value > self.value if self.direction is Direction.ABOVE else value < self.value

    def is_cleared_by(self, value: float) -> bool:
        above = self.direction is Direction.ABOVE
        return value <= self.clears_at if above else value >= self.clears_at

    def worse(self, a: float, b: float) -> float:
        return max(a, b) if self.direction is Direction.ABOVE else min(a, b)


@dataclass(frozen=True, kw_only=True, slots=True)
class Exceedance:
    """From the first reading beyond the threshold to the first that is clear again, None while there is
    none; `peak` is the worst value in between."""

    begun_at: datetime
    ended_at: datetime | None
    peak: float

    def overlaps(self, other: "Exceedance") -> bool:
        return (other.ended_at is None or self.begun_at < other.ended_at) and (
            self.ended_at is None or other.begun_at < self.ended_at
        )


def exceedances_of(
    readings: Iterable[tuple[datetime, float]], threshold: Threshold
) -> list[Exceedance]:
    """Of readings by time, the first after a clear one or the first there is.

    One counts once a reading that is not clear comes at least `for_s` after it began: a sensor that fell
    silent at once has said too little.
    """
    found = []
    begun_at: datetime | None = None
    last_at: datetime | None = None
    peak = 0.0

    def lasted() -> bool:
        assert begun_at is not None
        assert last_at is not None
        return (last_at - begun_at).total_seconds() >= threshold.for_s

    for at, value in readings:
        if begun_at is None:
            if threshold.is_exceeded_by(value):
                begun_at, last_at, peak = at, at, value
        elif threshold.is_cleared_by(value):
            if lasted():
                found.append(Exceedance(begun_at=begun_at, ended_at=at, peak=peak))
            begun_at = None
        else:
            last_at, peak = at, threshold.worse(peak, value)
    if begun_at is not None and lasted():
        found.append(Exceedance(begun_at=begun_at, ended_at=None, peak=peak))
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """An exceedance that a case was made of."""

    id: int
    exceedance: Exceedance
    is_withdrawn: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Reconciled:
    """`new` want a case each; `changed` are known by their id; `withdrawn` were none after all."""

    new: Sequence[Exceedance]
    changed: Sequence[tuple[int, Exceedance]]
    withdrawn: Sequence[int]


def reconcile(known: Sequence[Known], found: Sequence[Exceedance]) -> Reconciled:
    """What to do so that what is known becomes what was found, both by time. One that overlaps what was
    known (even if that was withdrawn) is the same one, and gets no second case."""
    left = list(known)
    new: list[Exceedance] = []
    changed: list[tuple[int, Exceedance]] = []
    for each in found:
        same = next((one for one in left if one.exceedance.overlaps(each)), None)
        if same is None:
            new.append(each)
            continue
        left.remove(same)
        if same.is_withdrawn or same.exceedance != each:
            changed.append((same.id, each))
    return Reconciled(
        new=new,
        changed=changed,
        withdrawn=[one.id for one in left if not one.is_withdrawn],
    )
