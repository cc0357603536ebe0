"""A figure of some counts: what it comes to, how it compares, and whether it needs attention. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gis.errors import InvalidInput
from patrol.figures.definitions import Direction, Figure, Unit
from patrol.figures.tally import Counts

_LONGEST_S = 366 * 86_400.0


class Standing(StrEnum):
    GOOD = "good"
    WARN = "warn"
    ALARM = "alarm"
    NONE = "none"
    """There is nothing to judge, or nothing to judge it by."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Threshold:
    """A figure that is worse than `warn` needs attention, and one that is worse than `alarm` at once."""

    better: Direction
    warn: float
    alarm: float

    def standing(self, value: float | None) -> Standing:
        if value is None:
            return Standing.NONE
        if self._is_worse(value, self.alarm):
            return Standing.ALARM
        return Standing.WARN if self._is_worse(value, self.warn) else Standing.GOOD

    def _is_worse(self, value: float, limit: float) -> bool:
        return value < limit if self.better is Direction.HIGHER else value > limit


def read_threshold(figure: Figure, warn: float, alarm: float) -> Threshold:
    """Raises InvalidInput for limits that cannot be, or a figure that is neither good nor bad."""
    if figure.better is None:
        raise InvalidInput(
            f"{figure.code} is a number of cases, which is neither good nor bad; choose a share or a "
            "duration.",
            field="code",
        )
    most = 1.0 if figure.unit is Unit.SHARE else _LONGEST_S
    for name, value in (("warn", warn), ("alarm", alarm)):
        if not 0 <= value <= most:
            raise InvalidInput(f"{name} lies between 0 and {most:g}.", field=name)
    if (alarm > warn) if figure.better is Direction.HIGHER else (alarm < warn):
        raise InvalidInput(
            f"Of {figure.code}, {figure.better} is better, so the alarm is not the {figure.better} of "
            "the two.",
            field="alarm",
        )
    return Threshold(better=figure.better, warn=warn, alarm=alarm)


def usual_threshold(figure: Figure) -> Threshold | None:
    """What holds unless somebody chose another one."""
    if figure.better is None or figure.warn is None or figure.alarm is None:
        return None
    return Threshold(better=figure.better, warn=figure.warn, alarm=figure.alarm)


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """`value` is None where there is nothing to measure: with a denominator of 0 there is no share."""

    numerator: float | None
    denominator: float | None
    value: float | None


def value_of(figure: Figure, counts: Counts) -> Value:
    match figure.unit:
        case Unit.COUNT:
            number = counts.get(figure.numerator, 0.0)
            return Value(numerator=number, denominator=None, value=number)
        case Unit.DURATION:
            measured = counts.get(figure.denominator or "", 0.0)
            seconds = counts.get(figure.numerator)
            return Value(numerator=None, denominator=measured, value=seconds)
        case Unit.SHARE:
            above = counts.get(figure.numerator, 0.0)
            below = counts.get(figure.denominator or "", 0.0)
            share = above / below if below else None
            return Value(numerator=above, denominator=below, value=share)


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Of another period; `change` is how much more it is now, in the figure's own unit."""

    before: Value
    change: float | None

    @classmethod
    def of(cls, now: Value, before: Value) -> "Comparison":
        is_known = now.value is not None and before.value is not None
        change = now.value - before.value if is_known else None  # type: ignore[operator]
        return cls(before=before, change=change)


@dataclass(frozen=True, kw_only=True, slots=True)
class TrendPoint:
    since: datetime
    until: datetime
    value: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """A figure of a period, as the panel shows it."""

    figure: Figure
    now: Value
    previous: Comparison
    last_year: Comparison
    threshold: Threshold | None
    trend: Sequence[TrendPoint]

    @property
    def standing(self) -> Standing:
        return Standing.NONE if self.threshold is None else self.threshold.standing(self.now.value)
