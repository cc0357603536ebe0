"""Visits: from when to when a track was in which place, without flapping along a border."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

NOWHERE = 0
"""The place of a fix that is in none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitParameters:
    """What makes a visit."""

    dwell_s: float = 60.0
    """Only who stays somewhere else for so long has left; and a shorter visit is none."""
    silence_s: float = 1800.0
    """A longer silence ends a visit, wherever the next fix is."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Visits:
    """Columns of equal length, in the order of time: the `place`, the `first` and `last` fix that were
    in it, and how many `fixes` were. Fixes in between that were elsewhere, for a short time, are not
    counted."""

    place: IntArray
    first: IntArray
    last: IntArray
    fixes: IntArray

    def __len__(self) -> int:
        return len(self.place)


def find_visits(
    t_s: FloatArray,
    place: IntArray,
    *,
    map_number: IntArray | None = None,
    parameters: VisitParameters = VisitParameters(),
) -> Visits:
    """Return the visits of fixes, times ascending, whose places are known.

    A unit is taken to be where it was first seen until it has been somewhere else for `dwell_s`, as a
    thermostat does not switch at every breath. Where `map_number` changes the places are those of
    another map, and everything begins anew.
    """
    if not len(t_s):
        nothing = np.empty(0, np.int64)
        return Visits(place=nothing, first=nothing, last=nothing, fixes=nothing)
    anew = np.ones(len(t_s), bool)
    anew[1:] = np.diff(t_s) > parameters.silence_s
    if map_number is not None:
        anew[1:] |= np.diff(map_number) != 0

    moved = anew.copy()
    moved[1:] |= np.diff(place) != 0
    run_first = np.flatnonzero(moved)
    run_last = np.append(run_first[1:], len(t_s)) - 1
    run_place, run_anew = place[run_first], anew[run_first]

    settled = run_anew | (t_s[run_last] - t_s[run_first] >= parameters.dwell_s)
    decided_by = np.maximum.accumulate(np.where(settled, np.arange(len(run_first)), 0))
    taken_to_be = run_place[decided_by]
    begins = run_anew.copy()
    begins[1:] |= np.diff(taken_to_be) != 0
    visit_first = np.flatnonzero(begins)

    there = run_place == taken_to_be
    last = np.maximum.reduceat(np.where(there, run_last, 0), visit_first)
    fixes = np.add.reduceat(np.where(there, run_last - run_first + 1, 0), visit_first)
    first = run_first[visit_first]
    visited = taken_to_be[visit_first]
    real = (visited != NOWHERE) & (t_s[last] - t_s[first] >= parameters.dwell_s)
    return Visits(place=visited[real], first=first[real], last=last[real], fixes=fixes[real])
