"""Hot spots: where more happened in a cell and its neighbours than chance would put there.

The statistic is Gi* (Getis and Ord 1992; Ord and Ord 1995, equation 14) with binary weights: the sum
over a cell and those beside it, against what the counts of all cells would give there if they were
dealt out anew. How likely a sum is then depends on the number of cells in it alone, and is worked out
exactly: most cells have no case and a few have one, where the normal curve calls each single case a hot
spot (docs/decisions/0039).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import comb

import numpy as np
from numpy.typing import NDArray

from gis.cells import Cells, neighbour_pairs
from gis.errors import InvalidInput

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_MOST_SUM = 20_000
"""Of the largest counts that meet in one place: beyond it the exact answer would take long."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class HotSpots:
    """Columns of one entry for each cell. `neighbours` counts those beside it that were looked at. `z`
    is Gi* in standard deviations; `p` is how likely so unusual a sum is by chance, on either side; `q`
    is the share of false ones among all cells that are at least as unusual (Benjamini and Hochberg
    1995)."""

    neighbours: IntArray
    z: FloatArray
    p: FloatArray
    q: FloatArray

    def hot(self, most_false: float = 0.05) -> NDArray[np.bool_]:
        """Which cells are hot, so that at most this share of them is by chance."""
        return (self.q <= most_false) & (self.z > 0)

    def cold(self, most_false: float = 0.05) -> NDArray[np.bool_]:
        return (self.q <= most_false) & (self.z < 0)


class Trend(StrEnum):
    """Of a cell in consecutive windows of time."""

    NEW = "new"
    """Hot in the last window and in none before."""
    PERSISTENT = "persistent"
    """Hot in the last window and in more than half of all."""
    RECURRING = "recurring"
    """Hot in the last window and in some before, but not in most."""
    DIMINISHING = "diminishing"
    """Hot before, and not in the last window."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """How it went on with a cell in consecutive windows of time: hot in so many `times`, and the last
    time without a break from window `since` to before window `until`, from 0 on."""

    trend: Trend
    since: int
    until: int
    times: int


def find_hot_spots(cells: Cells, counts: IntArray) -> HotSpots:
    """Gi* of each cell. `cells` are all of the area that is looked at, sorted, those without anything
    too: left out, the empty ones would make what is usual look rare and the rest alike.

    Raises InvalidInput for counts that are too large to be worked out.
    """
    if not len(cells):
        none = np.empty(0)
        return HotSpots(neighbours=np.empty(0, np.int64), z=none, p=none, q=none)
    here, beside = neighbour_pairs(cells)
    members = np.bincount(here, minlength=len(cells))
    sums = np.zeros(len(cells), np.int64)
    np.add.at(sums, here, counts[beside])
    return _judged(counts, members, sums)


def _judged(counts: IntArray, members: IntArray, sums: IntArray) -> HotSpots:
    number = len(counts)
    mean, deviation = counts.mean(), counts.std()
    spread = deviation * np.sqrt(members * (number - members) / max(number - 1, 1))
    z = np.divide(sums - mean * members, spread, out=np.zeros(number), where=spread > 0)
    p = np.ones(number)
    if deviation > 0:
        ways = _ways(counts, int(members.max()))
        for size in np.unique(members).tolist():
            chosen = members == size
            p[chosen] = _two_sided(ways[size])[sums[chosen]]
    return HotSpots(neighbours=members - 1, z=z, p=p, q=false_discovery_rates(p))


def sum_probabilities(counts: IntArray, draws: int) -> FloatArray:
    """How likely each sum (0, 1, ...) of `draws` of the counts is, drawn at random, none twice."""
    ways = _ways(counts, draws)[draws]
    likely: FloatArray = ways / ways.sum()
    return likely


def false_discovery_rates(p: FloatArray) -> FloatArray:
    """The smallest rate of false discoveries (Benjamini and Hochberg 1995) at which each is one."""
    order = np.argsort(p)[::-1]
    ranked = p[order] * len(p) / np.arange(len(p), 0, -1)
    q = np.empty(len(p))
    q[order] = np.minimum.accumulate(np.minimum(ranked, 1.0))
    return q


def find_courses(
    cells: Cells, place: NDArray[np.integer], window: NDArray[np.integer], windows: int
) -> list[Course | None]:
    """Of each cell, of things that are in its `place` among the sorted `cells`, each in a `window`."""
    return courses(
        [
            find_hot_spots(cells, np.bincount(place[window == each], minlength=len(cells))).hot()
            for each in range(windows)
        ]
    )


def courses(hot: Sequence[NDArray[np.bool_]]) -> list[Course | None]:
    """Of each cell, of which windows (the latest is the last) it was hot in; None: in none."""
    seen = np.array(hot)
    windows = len(seen)
    often = seen.sum(axis=0)
    until = windows - seen[::-1].argmax(axis=0)
    # Backwards from where it ended last: how far it is to a window that it was not hot in.
    since = [
        end - int(np.argmin([*one[:end][::-1], False]))
        for one, end in zip(seen.T, until.tolist(), strict=True)
    ]
    return [
        Course(trend=_trend(end == windows, times, windows), since=begin, until=end, times=times)
        if times
        else None
        for begin, end, times in zip(since, until.tolist(), often.tolist(), strict=True)
    ]


def _trend(is_hot: bool, often: int, windows: int) -> Trend:
    if not is_hot:
        return Trend.DIMINISHING
    if often == 1:
        return Trend.NEW
    return Trend.PERSISTENT if 2 * often > windows else Trend.RECURRING


def _ways(counts: IntArray, most_draws: int) -> FloatArray:
    """[draws, sum]: in how many ways so many of the counts have that sum.

    The coefficients of the product of (1 + x y^count) over all cells, taken value by value.
    """
    largest = int(np.sort(counts)[-most_draws:].sum())
    if largest > _MOST_SUM:
        raise InvalidInput(
            "So much is in single cells that chance cannot be worked out; ask for a finer resolution.",
            field="resolution",
            code="too_many",
        )
    ways = np.zeros((most_draws + 1, largest + 1))
    ways[0, 0] = 1.0
    for value, times in zip(
        *map(np.ndarray.tolist, np.unique(counts, return_counts=True)), strict=True
    ):
        for draws in range(most_draws, 0, -1):
            for taken in range(1, min(draws, times) + 1):
                shift = taken * value
                if shift > largest:
                    break
                ways[draws, shift:] += (
                    comb(times, taken) * ways[draws - taken, : largest + 1 - shift]
                )
    return ways


def _two_sided(ways: FloatArray) -> FloatArray:
    at_least = np.cumsum(ways[::-1])[::-1]
    at_most = np.cumsum(ways)
    share: FloatArray = np.minimum(2 * np.minimum(at_least, at_most) / at_most[-1], 1.0)
    return share
