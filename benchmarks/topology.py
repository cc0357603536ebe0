"""The topology check of an edition, against geopandas: an overlay of the grids with themselves.

The grids are the 248 real sub-districts of Beijing where they are at hand (WANGGE_REAL_DATA), else
as many generated ones. The reference finds overlaps only; the check finds gaps, parents and invalid
rings too.
"""

import sys
import time
import warnings
from collections.abc import Callable
from typing import TypeVar

import geopandas
import shapely
from locate import generated, real

from gis.grid import Grid
from gis.topology import FindingKind, check

ROUNDS = 3
MOST_S = 5.0
OVERLAP_M2 = 1.0

T = TypeVar("T")


def main() -> int:
    areas = real() or generated()
    grids = [
        Grid(code=f"{number:04}", name="", level=1, parent_code=None, geometry=area)
        for number, area in enumerate(areas)
    ]
    print(f"{len(areas)} grids, {shapely.count_coordinates(areas):,} vertices")
    mine, report = min(
        (timed(lambda: check(grids)) for _ in range(ROUNDS)), key=lambda pair: pair[0]
    )
    frame = geopandas.GeoDataFrame({"n": range(len(areas))}, geometry=areas, crs="EPSG:4326")
    reference, overlaps = min(
        (timed(lambda: overlay(frame)) for _ in range(ROUNDS)), key=lambda pair: pair[0]
    )
    found = len(report.of(FindingKind.OVERLAP))
    print(f"{dict(report.counts)}")
    print(f"overlaps: {found} here, {overlaps} by geopandas")
    print(
        f"check {mine:.2f} s, geopandas' overlay alone {reference:.2f} s: ratio {mine / reference:.2f}"
    )
    return 0 if mine < MOST_S and found == overlaps else 1


def overlay(frame: geopandas.GeoDataFrame) -> int:
    """How many pairs overlap by more than the check's tolerance."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that lines and points are left out
        pairs = frame.overlay(frame, how="intersection", keep_geom_type=True)
    pairs = pairs[pairs["n_1"] < pairs["n_2"]]
    areas = pairs.to_crs("+proj=laea +lat_0=40.2 +lon_0=116.4 +ellps=WGS84").area
    return int((areas > OVERLAP_M2).sum())


def timed(run: Callable[[], T]) -> tuple[float, T]:
    started = time.perf_counter()
    answer = run()
    return time.perf_counter() - started, answer


if __name__ == "__main__":
    sys.exit(main())
