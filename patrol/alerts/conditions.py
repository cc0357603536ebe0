"""Conditions that begin and end with hysteresis and dwell. Pure.

What each fix says of a condition is a sign. It begins when signs that it HOLDS follow each other for
long enough, and then began with the first of them; it ends when signs that it is CLEAR do. What lies
between interrupts either, and what is UNKNOWN neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray


class Sign(IntEnum):
    UNKNOWN = -1
    CLEAR = 0
    BETWEEN = 1
    HOLDS = 2


Signs = NDArray[np.int8]


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A condition that may have begun (`raised`: it has) at `since_us`, at a place. `last_us` is when it
    was last seen to hold, `clear_us` since when it may be over. Times are microseconds of the epoch."""

    since_us: int
    lon: float
    lat: float
    measure: float | None = None
    last_us: int
    raised: bool = False
    clear_us: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Over:
    """What was raised and has ended."""

    pending: Pending
    ended_us: int


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Seen:
    """Fixes of one unit as columns, in the order of their times (microseconds of the epoch)."""

    at_us: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    accuracy_m: NDArray[np.float64]
    battery_pct: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.at_us)

    @classmethod
    def nothing(cls) -> "Seen":
        numbers = np.empty(0)
        return cls(
            at_us=np.empty(0, np.int64),
            lon=numbers,
            lat=numbers,
            accuracy_m=numbers,
            battery_pct=numbers,
        )

    def part(self, which: Any) -> "Seen":
        return Seen(
            at_us=self.at_us[which],
            lon=self.lon[which],
            lat=self.lat[which],
            accuracy_m=self.accuracy_m[which],
            battery_pct=self.battery_pct[which],
        )


def follow(
    pending: Pending | None,
    signs: Signs,
    seen: Seen,
    *,
    begin_s: float,
    end_s: float,
    measure: NDArray[np.float64] | None = None,
) -> tuple[Pending | None, Sequence[Over]]:
    """What is pending after the fixes, and what ended on the way."""
    over: list[Over] = []
    if pending is None and not (signs == Sign.HOLDS).any():
        return None, over
    begin_us, end_us = round(begin_s * 1e6), round(end_s * 1e6)
    for index, (sign, at_us) in enumerate(zip(signs.tolist(), seen.at_us.tolist(), strict=True)):
        if sign == Sign.UNKNOWN:
            continue
        if sign == Sign.HOLDS:
            if pending is None:
                pending = Pending(
                    since_us=at_us,
                    lon=float(seen.lon[index]),
                    lat=float(seen.lat[index]),
                    measure=None if measure is None else round(float(measure[index]), 1),
                    last_us=at_us,
                )
            raised = pending.raised or at_us - pending.since_us >= begin_us
            pending = msgspec.structs.replace(pending, last_us=at_us, raised=raised, clear_us=None)
        elif pending is None:
            continue
        elif not pending.raised:
            pending = None
        elif sign == Sign.CLEAR:
            clear_us = at_us if pending.clear_us is None else pending.clear_us
            pending = msgspec.structs.replace(pending, clear_us=clear_us)
            if at_us - clear_us >= end_us:
                over.append(Over(pending=pending, ended_us=clear_us))
                pending = None
        else:
            pending = msgspec.structs.replace(pending, clear_us=None)
    return pending, over
