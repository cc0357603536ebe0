"""The latest position of each unit, as a function of its set of fixes.

The order in which fixes arrive does not matter: a position is the fix with the latest time, `sos_at`
the time of the latest call for help, and `moved_at` the latest time the unit was seen moving, or
MEMORY before its position when that is longer ago or never was. `recent_at` and `interval_s` are how
often it reports: see `patrol.tracking.intervals`.
"""

import numpy as np
from numpy.typing import NDArray

from gis.geodesy import distance_m
from patrol.tracking.intervals import KEPT, latest_times, usual_intervals_s
from patrol.tracking.presence import Thresholds
from patrol.tracking.rows import ROW, STORED, Rows

MEMORY = np.timedelta64(3600, "s")

Positions = NDArray[np.void]
"""In the layout of POSITION, one for a unit, in the order of `unit_id`. `at` NaT: it has none yet."""

_OF_LAST = (*STORED, "sos")
"""What a position has of the latest fix."""

POSITION = np.dtype(
    [
        *((name, ROW[name]) for name in _OF_LAST),
        ("moved_at", "M8[us]"),
        ("sos_at", "M8[us]"),
        ("interval_s", np.float32),
        ("recent_at", "M8[us]", (KEPT,)),
    ],
    align=True,
)
STORED_POSITION = tuple(name for name in POSITION.names or () if name != "sos")
"""The columns of the table `positions`."""


def no_positions(unit_ids: NDArray[np.int64]) -> Positions:
    """Positions of units that have none yet."""
    positions = np.zeros(len(unit_ids), POSITION)
    positions["unit_id"] = unit_ids
    for field in ("at", "moved_at", "sos_at"):
        positions[field] = np.datetime64("NaT")
    return positions


def advance(positions: Positions, rows: Rows, thresholds: Thresholds) -> Positions:
    """The positions after newly stored fixes; every unit of `positions` has one, in `rows`.

    `rows` are in the order of (unit_id, at). `moved_at` is right only where all of a unit's fixes are
    newer than its position; `recount` sets it right for the others.
    """
    unit_ids = positions["unit_id"]
    advanced = positions.copy()
    last = rows[np.searchsorted(rows["unit_id"], unit_ids, side="right") - 1]
    newer = np.isnat(positions["at"]) | (last["at"] > positions["at"])
    for name in _OF_LAST:
        advanced[name][newer] = last[name][newer]
    sos_at = _latest(rows, rows["sos"], unit_ids)
    advanced["sos_at"] = np.fmax(positions["sos_at"], sos_at)
    moved_at = _latest(rows, is_moving(rows, thresholds, before=positions), unit_ids)
    advanced["moved_at"] = np.fmax(
        np.fmax(positions["moved_at"], moved_at), advanced["at"] - MEMORY
    )
    advanced["recent_at"] = latest_times(positions["recent_at"], rows, unit_ids)
    advanced["interval_s"] = usual_intervals_s(advanced["recent_at"])
    return advanced


def recount_since(positions: Positions, thresholds: Thresholds) -> NDArray[np.datetime64]:
    """From when on the fixes of each unit tell its `moved_at`."""
    at: NDArray[np.datetime64] = positions["at"]
    return at - (MEMORY + _gap(thresholds))


def recount(positions: Positions, window: Rows, thresholds: Thresholds) -> NDArray[np.datetime64]:
    """`moved_at` from a unit's fixes since `recount_since`, in the order of (unit_id, at)."""
    moved_at = _latest(window, is_moving(window, thresholds), positions["unit_id"])
    return np.fmax(moved_at, positions["at"] - MEMORY)


def is_moving(
    rows: Rows, thresholds: Thresholds, *, before: Positions | None = None
) -> NDArray[np.bool_]:
    """Which of the fixes show a moving unit. `rows` are in the order of (unit_id, at); `before` has
    the positions that came before them, of all their units."""
    moving: NDArray[np.bool_] = rows["speed_mps"] >= thresholds.moving_mps
    unknown = np.flatnonzero(np.isnan(rows["speed_mps"]))
    if not len(unknown):
        return moving
    here, previous = rows[unknown], rows[unknown - 1]
    first = (here["unit_id"] != previous["unit_id"]) | (unknown == 0)
    previous["at"][first] = np.datetime64("NaT")
    if before is not None:
        of_unit = np.searchsorted(before["unit_id"], here["unit_id"][first])
        for name in ("at", "lon", "lat"):
            previous[name][first] = before[name][of_unit]
    moved_m = distance_m(previous["lon"], previous["lat"], here["lon"], here["lat"])
    soon = here["at"] - previous["at"] <= _gap(thresholds)  # false where there is none
    moving[unknown] = soon & (moved_m >= thresholds.moved_m)
    return moving


def _latest(
    rows: Rows, which: NDArray[np.bool_], unit_ids: NDArray[np.int64]
) -> NDArray[np.datetime64]:
    """The time of the last of `which` rows of each unit, NaT where there is none."""
    of, at = rows["unit_id"][which], rows["at"][which]
    latest = np.full(len(unit_ids), np.datetime64("NaT", "us"))
    end = np.searchsorted(of, unit_ids, side="right")
    has_any = end > np.searchsorted(of, unit_ids, side="left")
    latest[has_any] = at[end[has_any] - 1]
    return latest


def _gap(thresholds: Thresholds) -> np.timedelta64:
    return np.timedelta64(round(thresholds.gap_s * 1e6), "us")
