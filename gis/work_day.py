"""Working days: which fixes of a unit are looked at together.

A day begins at midnight in China, but not in the middle of something: whoever is on the way at midnight
is still in the day before, until the first silence and until six in the morning at the latest. So a
stop or a trip across midnight stays whole, and a vehicle that never falls silent still has days.

Which fixes a day has depends on the set of a unit's fixes alone, and every fix is in exactly one day.
"""

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from gis.track import DEFAULT

Days = NDArray[np.datetime64]
"""In days: the dates of midnights in China, where the clock is eight hours ahead of UTC."""

Instants = NDArray[np.datetime64]
"""In microseconds, UTC."""

_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)
_AHEAD = timedelta(hours=8)
_LATEST_END = timedelta(hours=6)
_SILENCE = timedelta(seconds=DEFAULT.gap_s)


def touched_days(unit_id: NDArray[np.int64], at: Instants) -> tuple[NDArray[np.int64], Days]:
    """Return the units and days whose fixes may be others once there are these: one or two for a fix.

    Quick where the fixes are in the order of (unit, time).
    """
    earliest, latest = _days_of(at, -_LATEST_END), _days_of(at, _SILENCE)
    first = np.ones(len(at), bool)
    first[1:] = (
        (unit_id[1:] != unit_id[:-1])
        | (earliest[1:] != earliest[:-1])
        | (latest[1:] != latest[:-1])
    )
    unit_id = np.tile(unit_id[first], 2)
    day = np.concatenate([earliest[first], latest[first]])
    order = np.lexsort((day, unit_id))
    unit_id, day = unit_id[order], day[order]
    new = np.ones(len(day), bool)
    new[1:] = (np.diff(unit_id) != 0) | (np.diff(day) != 0)
    return unit_id[new], day[new].view("M8[D]")


def reading_period(day: date) -> tuple[datetime, datetime]:
    """Return from when to before when fixes have to be known to tell which are of the day."""
    return _midnight(day) - _SILENCE, _midnight(day + _DAY) + _LATEST_END


def fixes_of_day(t_s: NDArray[np.float64], day: date) -> slice:
    """Return which of a unit's fixes are of the day: of all in its reading period or more, in the order
    of time (seconds since 1970)."""
    return slice(_beginning(t_s, day), _beginning(t_s, day + _DAY))


def _beginning(t_s: NDArray[np.float64], day: date) -> int:
    """The first fix that is no longer of the day before."""
    midnight_s = _midnight(day).timestamp()
    ends_s = [midnight_s, midnight_s + _LATEST_END.total_seconds()]
    first, last = np.searchsorted(t_s, ends_s).tolist()
    if first == 0:
        return 0
    silent = np.flatnonzero(np.diff(t_s[first - 1 : last]) > _SILENCE.total_seconds()).tolist()
    return int(first + silent[0] if silent else last)


def _days_of(at: Instants, shift: timedelta) -> NDArray[np.int64]:
    """Days since 1970, so long after or before. In integers: NumPy's calendar is slow."""
    shift_us = (_AHEAD + shift) // _MICROSECOND
    days: NDArray[np.int64] = (at.view(np.int64) + shift_us) // (_DAY // _MICROSECOND)
    return days


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC) - _AHEAD
