"""A track cut into short segments: a few fixes each, so that their boxes in space and time are small."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.geodesy import leg_lengths_m

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class SegmentParameters:
    """Where a track is cut: at every full `period_s` since 1970, and within one whenever another
    `length_m` has been covered or `fixes` more have come."""

    period_s: float = 600.0
    length_m: float = 500.0
    fixes: int = 64


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Segments:
    """Columns of equal length: the fixes `first` to `last`, both included. The last fix of a segment is
    the first of the next one, unless there is a gap between them: of a gap there is no segment."""

    first: IntArray
    last: IntArray
    length_m: FloatArray
    max_speed_mps: FloatArray

    def __len__(self) -> int:
        return len(self.first)


def cut_into_segments(
    t_s: FloatArray,
    lon: FloatArray,
    lat: FloatArray,
    *,
    gap_s: float,
    parameters: SegmentParameters = SegmentParameters(),
) -> Segments:
    """Cut fixes (EPSG:4326, times ascending). A fix between two gaps is a segment of its own."""
    if not len(t_s):
        none = np.empty(0)
        ints = np.empty(0, np.int64)
        return Segments(first=ints, last=ints, length_m=none, max_speed_mps=none)
    leg_s = np.diff(t_s)
    silent = leg_s > gap_s
    leg_m = np.where(silent, 0.0, leg_lengths_m(lon, lat))

    number = np.arange(len(t_s))
    period = np.floor(t_s / parameters.period_s)
    begins = np.ones(len(t_s), bool)
    begins[1:] = silent | (period[1:] != period[:-1])
    begun = np.maximum.accumulate(np.where(begins, number, 0))
    covered_m = np.concatenate([[0.0], np.cumsum(leg_m)])
    lengths = np.floor((covered_m - covered_m[begun]) / parameters.length_m)
    counts = (number - begun) // parameters.fixes
    begins[1:] |= (lengths[1:] != lengths[:-1]) | (counts[1:] != counts[:-1])

    heard_before = np.append(False, ~silent)
    heard_after = np.append(~silent, False)
    # A fix that ends a segment and begins none, for nothing follows it, is in that one only.
    first = np.flatnonzero(begins & (heard_after | ~heard_before))
    last = np.append(first[1:], len(t_s)) - 1
    last = np.minimum(last + heard_after[last], len(t_s) - 1)
    speed_mps = leg_m / leg_s
    return Segments(
        first=first,
        last=last,
        length_m=np.add.reduceat(np.append(leg_m, 0.0), first),
        max_speed_mps=np.maximum.reduceat(np.append(speed_mps, 0.0), first),
    )
