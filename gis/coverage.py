"""Coverage: which cells a track reaches, how often and when last."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.cells import Cells, cell_edge_m, lonlat_to_cells
from gis.geodesy import leg_lengths_m
from gis.ranges import spans

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True)
class CoverageParameters:
    """Cells between two fixes are reached too where these are at most so far apart in space and in time:
    further on nobody knows which way it was. Who comes back within `silence_s` was there once."""

    apart_m: float = 500.0
    apart_s: float = 120.0
    silence_s: float = 1800.0


DEFAULT = CoverageParameters()
_STEPS_PER_EDGE = 4
"""A way is looked at four times for the length of a cell's edge: a corner cut shorter than that may be
left out."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Reached:
    """Columns of equal length: at `t_s` a track was in `cell`, on the way on from the fix `after`."""

    cell: Cells
    t_s: FloatArray
    after: IntArray

    def __len__(self) -> int:
        return len(self.cell)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CellVisits:
    """Columns of equal length, one entry for each cell, sorted: how many `visits` it had and when it was
    reached last."""

    cell: Cells
    visits: IntArray
    last_s: FloatArray

    def __len__(self) -> int:
        return len(self.cell)


def cells_along(
    t_s: FloatArray,
    lon: FloatArray,
    lat: FloatArray,
    *,
    line: IntArray,
    resolution: int,
    parameters: CoverageParameters = DEFAULT,
) -> Reached:
    """Return the cells that fixes (EPSG:4326) lie in, and those on the straight way between two fixes of
    one `line` (its number, for each fix; times ascend in it) that are near enough to each other.

    What a leg reaches depends on its two ends alone. A cell may be named several times.
    """
    if not len(t_s):
        none = np.empty(0)
        return Reached(cell=np.empty(0, np.uint64), t_s=none, after=np.empty(0, np.int64))
    leg_s = np.diff(t_s)
    leg_m = leg_lengths_m(lon, lat)
    filled = (
        (np.diff(line) == 0)
        & (leg_s > 0)
        & (leg_s <= parameters.apart_s)
        & (leg_m <= parameters.apart_m)
    )
    step_m = cell_edge_m(resolution) / _STEPS_PER_EDGE
    steps = np.ones(len(t_s), np.int64)
    steps[:-1] = np.where(filled, np.maximum(np.ceil(leg_m / step_m), 1), 1)
    after, step = spans(np.zeros_like(steps), steps - 1)
    share = step / steps[after]
    ahead = np.minimum(after + 1, len(t_s) - 1)

    def between(column: FloatArray) -> FloatArray:
        on_the_way: FloatArray = column[after] + share * (column[ahead] - column[after])
        return on_the_way

    return Reached(
        cell=lonlat_to_cells(between(lon), between(lat), resolution),
        t_s=between(t_s),
        after=after,
    )


def visits_between(
    t_s: FloatArray,
    lon: FloatArray,
    lat: FloatArray,
    *,
    line: IntArray,
    who: IntArray,
    cells: Cells,
    since_s: float,
    until_s: float,
    resolution: int,
) -> "CellVisits":
    """Return the visits to those of `cells` that were reached from `since_s` on and before `until_s`.
    The fixes are as in `cells_along`; `who` is a number for each."""
    reached = cells_along(t_s, lon, lat, line=line, resolution=resolution)
    counts = (reached.t_s >= since_s) & (reached.t_s < until_s) & np.isin(reached.cell, cells)
    return count_visits(reached.cell[counts], reached.t_s[counts], who[reached.after[counts]])


def seconds_spent(
    t_s: FloatArray,
    lon: FloatArray,
    lat: FloatArray,
    *,
    line: IntArray,
    since_s: float,
    until_s: float,
    resolution: int,
) -> tuple[Cells, FloatArray]:
    """Return the cells that were reached, sorted, and for how many seconds between `since_s` and
    `until_s` somebody was in each, all together. The fixes are as in `cells_along`: of a longer way the
    time counts for the cell that it began in."""
    reached = cells_along(t_s, lon, lat, line=line, resolution=resolution)
    goes_on = np.diff(line[reached.after]) == 0
    ends_s = np.append(np.where(goes_on, reached.t_s[1:], reached.t_s[:-1]), reached.t_s[-1:])
    spent_s = np.minimum(ends_s, until_s) - np.maximum(reached.t_s, since_s)
    cells, place = np.unique(reached.cell, return_inverse=True)
    seconds = np.zeros(len(cells))
    np.add.at(seconds, place, np.maximum(spent_s, 0.0))
    return cells[seconds > 0], seconds[seconds > 0]


def count_visits(
    cell: Cells, t_s: FloatArray, who: IntArray, *, parameters: CoverageParameters = DEFAULT
) -> CellVisits:
    """Return the visits to each cell, of which somebody (`who`, a number) was in it at `t_s`, in any
    order and as often as you like."""
    if not len(cell):
        return CellVisits(cell=cell, visits=np.empty(0, np.int64), last_s=np.empty(0))
    order = np.lexsort((t_s, who, cell))
    cell, t_s, who = cell[order], t_s[order], who[order]
    another_cell = np.ones(len(cell), bool)
    another_cell[1:] = cell[1:] != cell[:-1]
    comes = another_cell.copy()
    comes[1:] |= (np.diff(who) != 0) | (np.diff(t_s) > parameters.silence_s)
    first = np.flatnonzero(another_cell)
    return CellVisits(
        cell=cell[first],
        visits=np.add.reduceat(comes.astype(np.int64), first),
        last_s=np.maximum.reduceat(t_s, first),
    )
