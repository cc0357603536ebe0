"""Shifts: who patrols on which day from when to when, by the town's clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from data.demo.people import DemoUnit
from gis.local_time import LOCAL


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift:
    """One duty session of a unit. `ended_at` is None while it lasts. Times are in UTC."""

    unit: DemoUnit
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Habit:
    """Chances of a shift on a weekday, at the weekend, and of being out now; hours of a shift; how
    many in a hundred shifts are in the morning and in the afternoon, the others in the evening."""

    weekday: float
    weekend: float
    now: float
    hours: tuple[float, float]
    morning: float = 0.55
    afternoon: float = 0.40


_HABITS = {
    "grid_chief": _Habit(weekday=0.42, weekend=0.05, now=0.5, hours=(0.8, 1.4)),
    "grid_worker": _Habit(weekday=0.86, weekend=0.25, now=0.82, hours=(1.0, 1.8)),
    "inspector": _Habit(weekday=0.6, weekend=0.1, now=0.6, hours=(1.5, 2.5)),
    "liaison": _Habit(weekday=0.5, weekend=0.1, now=0.5, hours=(1.0, 1.7)),
    "patroller": _Habit(
        weekday=0.75, weekend=0.55, now=0.7, hours=(1.5, 2.5), morning=0.3, afternoon=0.3
    ),
    "enforcement_officer": _Habit(
        weekday=0.72, weekend=0.5, now=0.7, hours=(1.5, 2.5), morning=0.4, afternoon=0.3
    ),
}
_VEHICLE = _Habit(weekday=0.9, weekend=0.7, now=1.0, hours=(2.0, 3.0), morning=0.4, afternoon=0.4)
_STARTS = (time(8, 0), time(14, 0), time(18, 30))
_LATE_S = 1_500.0
# Those who are out now have been for so many hours.
_OUT_H = (1.2, 4.2)
_REST = timedelta(hours=6)


def plan_shifts(
    units: tuple[DemoUnit, ...], *, now: datetime, days: int, rng: np.random.Generator
) -> Iterator[Shift]:
    """Finished shifts of the `days` before `now` and the open ones, each unit's in order.

    Whatever the hour of `now`, most units are out: it is a demonstration.
    """
    today = now.astimezone(LOCAL).date()
    for unit in units:
        habit = _VEHICLE if unit.kind == "vehicle" else _HABITS[unit.role]
        for ago in range(days, -1, -1):
            shift = _shift(unit, habit, today - timedelta(days=ago), rng)
            if shift is not None and shift.ended_at is not None and shift.ended_at < now - _REST:
                yield shift
        if rng.random() < habit.now:
            out = timedelta(hours=rng.uniform(*_OUT_H))
            yield Shift(unit=unit, began_at=_whole_seconds(now - out), ended_at=None)


def _shift(unit: DemoUnit, habit: _Habit, day: date, rng: np.random.Generator) -> Shift | None:
    if rng.random() > (habit.weekday if day.weekday() < 5 else habit.weekend):
        return None
    chances = (habit.morning, habit.afternoon, 1.0 - habit.morning - habit.afternoon)
    start = _STARTS[int(rng.choice(3, p=chances))]
    began = datetime.combine(day, start, LOCAL) + timedelta(seconds=rng.uniform(-_LATE_S, _LATE_S))
    ended = began + timedelta(hours=rng.uniform(*habit.hours))
    return Shift(unit=unit, began_at=_whole_seconds(began), ended_at=_whole_seconds(ended))


def _whole_seconds(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
