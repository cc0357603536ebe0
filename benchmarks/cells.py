"""Hot spots and counting by H3 cell, of a town and of a city.

Hot spots: exact Gi*, its p and q, against esda's G_Local with random permutations (999 of them, which
cannot say less than one in a thousand; how long a hundred thousand would take follows). Most cells have
nothing and a few have one case, as in a town. Counting: the cells of many points, against asking h3 for
each and counting with collections.Counter.
"""

import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

import h3
import numpy as np
from shapely import box

from gis.cells import cell_name, cells_within, lonlat_to_cells, neighbour_pairs
from gis.hot_spots import find_hot_spots

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    _started = time.perf_counter()
    from esda.getisord import G_Local
    from libpysal.weights import W

    _IMPORT_S = time.perf_counter() - _started

AREAS = {"a town": box(118.54, 34.45, 118.67, 34.55), "a city": box(118.3, 34.2, 119.0, 34.8)}
RESOLUTION = 9
PER_CELL = 0.05
PERMUTATIONS, WANTED = 999, 99_999
POINTS = 200_000
ROUNDS = 3
LIMIT = 5.0

T = TypeVar("T")


def main() -> int:
    random = np.random.default_rng(20261127)
    print(f"esda takes {_IMPORT_S:.1f} s to import")
    ratios = [hot_spots(name, area, random) for name, area in AREAS.items()]
    counting(random)
    print(f"hot spots at least {min(ratios):.1f} times faster (limit {LIMIT:g})")
    return 0 if min(ratios) >= LIMIT else 1


def hot_spots(name: str, area: object, random: np.random.Generator) -> float:
    cells = cells_within(area, RESOLUTION)
    counts = random.poisson(PER_CELL, len(cells))
    here, beside = neighbour_pairs(cells)
    order = np.argsort(here, kind="stable")
    here, beside = here[order], beside[order]
    starts = np.searchsorted(here, np.arange(len(cells) + 1))
    others = {
        number: [each for each in beside[starts[number] : starts[number + 1]] if each != number]
        for number in range(len(cells))
    }
    weights = W(others, silence_warnings=True)

    def reference() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return G_Local(
                counts.astype(float), weights, "B", permutations=PERMUTATIONS, star=True, n_jobs=1
            )

    mine, found = timed(lambda: find_hot_spots(cells, counts))
    theirs, _ = timed(reference, rounds=1)
    ratio = theirs / mine
    print(
        f"{name}, {len(cells):,} cells: {mine * 1e3:.0f} ms, {int(found.hot().sum())} hot; esda with "
        f"{PERMUTATIONS} permutations {theirs:.1f} s ({ratio:.0f} times; {WANTED:,} would take "
        f"{theirs * WANTED / PERMUTATIONS:.0f} s)"
    )
    return ratio


def counting(random: np.random.Generator) -> None:
    lon, lat = random.uniform(118.3, 119.0, POINTS), random.uniform(34.2, 34.8, POINTS)
    mine, (cells, counts) = timed(
        lambda: np.unique(lonlat_to_cells(lon, lat, RESOLUTION), return_counts=True)
    )
    theirs, counted = timed(
        lambda: Counter(
            h3.latlng_to_cell(y, x, RESOLUTION)
            for x, y in zip(lon.tolist(), lat.tolist(), strict=True)
        )
    )
    assert len(counted) == len(cells)
    assert counted[cell_name(int(cells[0]))] == counts[0]
    print(
        f"counting {POINTS:,} points: {mine * 1e3:.0f} ms, one by one {theirs * 1e3:.0f} ms "
        f"({theirs / mine:.1f} times)"
    )


def timed(work: Callable[[], T], rounds: int = ROUNDS) -> tuple[float, T]:
    """Seconds of the best round, and what it gave."""
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - started)
    return best, result


if __name__ == "__main__":
    sys.exit(main())
