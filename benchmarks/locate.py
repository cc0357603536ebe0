"""Points to grids, against bare shapely: STRtree.query(points, predicate="within").

The grids are the 248 real sub-districts of Beijing where they are at hand (WANGGE_REAL_DATA), else
as many generated ones of as many vertices. Both answer the same points, and must agree. The points
are made beforehand for the reference, which makes it look better than it is: Wangge takes numbers.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon

from gis.grid import Grid
from gis.locator import Locator
from gis.polygons import repair

POINTS = 200_000
ROUNDS = 5
SINGLE = 2_000
LIMIT = 3.0
PROJECT = Path(__file__).parent.parent

T = TypeVar("T")
Points = NDArray[np.float64]


def main() -> int:
    areas = real() or generated()
    grids = [
        Grid(code=f"{number:04}", name="", level=2, parent_code=None, geometry=area)
        for number, area in enumerate(areas)
    ]
    geometries = np.array(areas)
    print(f"{len(areas)} grids, {shapely.count_coordinates(geometries):,} vertices")
    started = time.perf_counter()
    locator = Locator(grids)
    print(f"built in {time.perf_counter() - started:.2f} s")
    tree = shapely.STRtree(geometries)
    tree.query(shapely.points(0.0, 0.0))  # STRtree builds itself at the first question

    random = np.random.default_rng(20261122)
    ratios = []
    for what, points in (
        ("anywhere in their bounds", scattered(geometries, random)),
        ("anywhere in the grids", inside(geometries, random, evenly=False)),
        ("as many in every grid", inside(geometries, random, evenly=True)),
    ):
        ratios.append(compare(what, points, locator, tree))
    points = inside(geometries, random, evenly=True)
    grow(points, locator)
    single(points[:SINGLE], locator, tree)
    good = min(ratios) >= LIMIT
    print(f"at least {min(ratios):.1f} times faster; must reach {LIMIT:g}")
    return 0 if good else 1


def compare(what: str, points: Points, locator: Locator, tree: shapely.STRtree) -> float:
    lon, lat = points.T.copy()
    objects = shapely.points(points)
    mine, located = best(lambda: locator.locate_many(lon, lat))
    reference, (point, grid) = best(lambda: tree.query(objects, predicate="within"))

    lowest = np.full(len(points), len(locator.grids))
    np.minimum.at(lowest, point, grid)
    found = np.where(located.snapped | (located.index < 0), len(locator.grids), located.index)
    differ = (found != lowest) & ~located.on_boundary  # "within" leaves boundaries out
    assert not differ.any(), f"{differ.sum()} points are answered differently"

    micro = 1e6 / len(points)
    print(
        f"{what:26} {mine * micro:6.3f} µs a point, STRtree {reference * micro:6.3f} µs: "
        f"{reference / mine:5.1f} times faster"
    )
    return reference / mine


def grow(points: Points, locator: Locator) -> None:
    for count in (POINTS // 100, POINTS // 10, POINTS):
        lon, lat = points[:count].T.copy()
        seconds, _ = best(lambda lon=lon, lat=lat: locator.locate_many(lon, lat))
        print(f"{count:7,} points at once      {seconds * 1e6 / count:6.3f} µs a point")


def single(points: Points, locator: Locator, tree: shapely.STRtree) -> None:
    pairs = points.tolist()
    mine, _ = best(lambda: [locator.locate(lon, lat) for lon, lat in pairs])
    reference, _ = best(
        lambda: [tree.query(shapely.Point(lon, lat), predicate="within") for lon, lat in pairs]
    )
    micro = 1e6 / len(pairs)
    print(
        f"{'one at a time':26} {mine * micro:6.2f} µs a point, STRtree {reference * micro:6.2f} µs: "
        f"{reference / mine:5.1f} times faster"
    )


def best(run: Callable[[], T]) -> tuple[float, T]:
    """The shortest of several times, and the answer."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        answer = run()
        times.append(time.perf_counter() - started)
    return min(times), answer


def scattered(areas: NDArray[np.object_], random: np.random.Generator) -> Points:
    west, south, east, north = shapely.total_bounds(areas)
    return random.uniform((west, south), (east, north), (POINTS, 2))


def inside(areas: NDArray[np.object_], random: np.random.Generator, *, evenly: bool) -> Points:
    """Points within the grids: as many in every one, or as their areas say."""
    weights = np.ones(len(areas)) if evenly else shapely.area(areas)
    counts = random.multinomial(POINTS, weights / weights.sum())
    drawn = []
    for area, count in zip(areas, counts, strict=True):
        west, south, east, north = area.bounds
        shapely.prepare(area)
        found = np.empty((0, 2))
        while len(found) < count:
            tried = random.uniform((west, south), (east, north), (2 * count + 10, 2))
            found = np.vstack([found, tried[shapely.contains_xy(area, *tried.T)]])
        drawn.append(found[:count])
    return random.permutation(np.vstack(drawn))


def real() -> list[MultiPolygon]:
    folder = Path(os.environ.get("WANGGE_REAL_DATA", PROJECT.parent / "shared" / "data"))
    return [
        repair(shapely.from_geojson(json.dumps(feature["geometry"])))[0]
        for path in sorted((folder / "beijing_admin" / "subdistrict").glob("*.geojson"))
        for feature in json.loads(path.read_text(encoding="utf-8"))["features"]
    ]


def generated() -> list[MultiPolygon]:
    random = np.random.default_rng(248)
    seeds = shapely.MultiPoint(random.uniform((115.5, 39.5), (117.5, 41.0), (248, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds))
    frame = shapely.box(115.5, 39.5, 117.5, 41.0)
    straight = shapely.segmentize(shapely.intersection(cells, frame), 0.001)
    wavy = shapely.transform(straight, lambda p: p + 5e-4 * np.sin(p[:, ::-1] * 900))
    return [repair(cell)[0] for cell in wavy]


if __name__ == "__main__":
    sys.exit(main())
