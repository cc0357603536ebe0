"""Fixes that nobody can have stood at: reached and left faster than anything drives."""

import numpy as np
from numpy.typing import NDArray

from gis.geodesy import distance_m, leg_lengths_m

FloatArray = NDArray[np.float64]

_CLOCK_S = 1.0
"""Clocks tick in seconds: two fixes are at least so far apart in time."""


def unreachable_runs(
    t_s: FloatArray, lon: FloatArray, lat: FloatArray, *, max_speed_mps: float, max_run_s: float
) -> list[tuple[int, int]]:
    """Return the first and last fix of each run of fixes that is somewhere else, in order.

    Steps faster than `max_speed_mps` cut the track into runs. A run that lasts longer than
    `max_run_s` is where the unit was, however it came there: cars are carried by ferry and phones
    are switched off. The others must be reachable from the run that was kept before them, or else
    they are somewhere else. Runs before the first long one are judged backwards from it. Where no
    run is long, the one with the most fixes stands in for it.
    """
    if not len(t_s):
        return []
    elapsed = np.maximum(np.diff(t_s), _CLOCK_S)
    cuts = np.flatnonzero(leg_lengths_m(lon, lat) > max_speed_mps * elapsed) + 1
    first = np.concatenate([[0], cuts])
    last = np.concatenate([cuts, [len(t_s)]]) - 1
    trusted = t_s[last] - t_s[first] > max_run_s
    if not trusted.any():
        trusted[np.argmax(last - first)] = True

    def reachable(a: int, b: int) -> bool:
        metres = distance_m(lon.item(a), lat.item(a), lon.item(b), lat.item(b))
        return metres <= max_speed_mps * max(abs(t_s.item(b) - t_s.item(a)), _CLOCK_S)

    runs = list(zip(first.tolist(), last.tolist(), trusted.tolist(), strict=True))
    anchor = int(np.argmax(trusted))
    elsewhere = []
    kept = runs[anchor][0]
    for start, end, _ in reversed(runs[:anchor]):
        if reachable(end, kept):
            kept = start
        else:
            elsewhere.append((start, end))
    elsewhere.reverse()
    kept = runs[anchor][1]
    for start, end, certain in runs[anchor + 1 :]:
        if certain or reachable(kept, start):
            kept = end
        else:
            elsewhere.append((start, end))
    return elsewhere
