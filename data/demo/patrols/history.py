"""The past: a month of patrols up to now, with every fix that was sent on them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from data.demo.land.plane import Floats
from data.demo.patrols.crew import Crew
from data.demo.patrols.receiver import FixColumns
from data.demo.patrols.shifts import Shift, plan_shifts
from data.demo.town import Town

HISTORY_DAYS = 30
_INTERVAL_S = {"person": 30.0, "vehicle": 10.0}
_GAP_SHARE, _GAP_S = 0.12, (480.0, 1_500.0)
# One in so many of those who are out has not been heard of for a while: silence must be seen, too.
_SILENT_EVERY, _SILENT_S = 17, (180.0, 1_500.0)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class PatrolRecord:
    """A duty session and its fixes, at least two of them."""

    shift: Shift
    fixes: FixColumns


def patrol_history(
    town: Town, *, now: datetime, seed: int | None = None, days: int = HISTORY_DAYS
) -> Iterator[PatrolRecord]:
    """Each unit's patrols in order, the last one open where the unit is out `now`.

    The same for the same town, seed, `now` and `days`. `now` is aware.
    """
    root = town.seed if seed is None else seed
    crew = Crew(town)
    shifts = plan_shifts(
        town.workforce.units, now=now, days=days, rng=np.random.default_rng([root, 1])
    )
    out = 0
    for number, shift in enumerate(shifts):
        rng = np.random.default_rng([root, 2, number])
        patrol = crew.send(shift.unit, rng, began_s=shift.began_at.timestamp())
        times_s = _times(shift, now, rng)
        fixes = patrol.receiver.fixes(times_s, patrol.walker.motion(times_s))
        out += shift.ended_at is None
        silent = shift.ended_at is None and out % _SILENT_EVERY == 0
        yield PatrolRecord(shift=shift, fixes=_as_heard(fixes, silent, rng))


def _times(shift: Shift, now: datetime, rng: np.random.Generator) -> Floats:
    until = now if shift.ended_at is None else shift.ended_at
    interval_s = _INTERVAL_S[shift.unit.kind]
    first_s = shift.began_at.timestamp() + float(rng.integers(2, int(interval_s)))
    return np.arange(first_s, until.timestamp(), interval_s)


def _as_heard(fixes: FixColumns, silent: bool, rng: np.random.Generator) -> FixColumns:
    """Without the fixes that never arrived: out of coverage for a while, or `silent` at the end."""
    heard = np.ones(len(fixes), dtype=bool)
    since_s = fixes.at_s - fixes.at_s[0]
    if rng.random() < _GAP_SHARE:
        begin = rng.uniform(0.2, 0.7) * since_s[-1]
        heard &= (since_s < begin) | (since_s > begin + rng.uniform(*_GAP_S))
    if silent:
        heard &= since_s < since_s[-1] - rng.uniform(*_SILENT_S)
    heard[:2] = True
    columns = {name: getattr(fixes, name)[heard] for name in FixColumns.__dataclass_fields__}
    return replace(fixes, **columns)
