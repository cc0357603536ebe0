"""How often a device reports, learnt from the times of its last fixes.

Of each unit the KEPT latest times are remembered. The latest of all are the latest of those known and
those that came, so they are a function of the set of fixes: it does not matter in which order these
arrive. The usual interval is the median of the gaps between them, which one long break or one hurried
fix does not move; and since they are few, a device that changes its pace is believed after three fixes.
"""

import numpy as np
from numpy.typing import NDArray

from patrol.tracking.rows import Rows

KEPT = 6
_LEAST_GAPS = 3

Times = NDArray[np.datetime64]
"""The latest times of each unit, oldest first; 1970 stands for those that there are not yet."""

_NONE = np.datetime64(0, "us")


def latest_times(recent: Times, rows: Rows, unit_ids: NDArray[np.int64]) -> Times:
    """The latest times after newly stored fixes in the order of (unit_id, at); every unit has one."""
    begin = np.searchsorted(rows["unit_id"], unit_ids, side="left")
    end = np.searchsorted(rows["unit_id"], unit_ids, side="right")
    places = end[:, None] - np.arange(KEPT, 0, -1)
    came = np.where(places >= begin[:, None], rows["at"][places.clip(0)], _NONE)
    return np.sort(np.concatenate([recent, came], axis=1), axis=1)[:, -KEPT:]


def usual_intervals_s(recent: Times) -> NDArray[np.float32]:
    """The median gap of each unit in seconds, of an even number the longer one; NaN while there are
    too few to tell."""
    gaps = np.diff(recent, axis=1) / np.timedelta64(1, "s")
    gaps[recent[:, :-1] == _NONE] = np.nan
    gaps.sort(axis=1)  # NaN goes last
    known = np.count_nonzero(~np.isnan(gaps), axis=1)
    median = np.take_along_axis(gaps, (known // 2)[:, None].clip(max=KEPT - 2), axis=1)[:, 0]
    median[known < _LEAST_GAPS] = np.nan
    return median.astype(np.float32)
