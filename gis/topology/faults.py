"""Ground that two grids of a level have, or none, or a child and not its parent.

Overlays run in EPSG:4326, where borders are straight; what is there is told however small it is.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from gis.grid import Grid
from gis.polygons import polygonal
from gis.topology.findings import FindingKind

_TOUCHING_DEG = 1e-7


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """`codes` are those of the two that overlap; of those around a gap; of the parent that is not
    covered; of the child outside and its parent. `area` is EPSG:4326, with area."""

    kind: FindingKind
    codes: tuple[str, ...]
    area: MultiPolygon


def faults_of(grids: Sequence[Grid]) -> Iterator[Fault]:
    """What is wrong with the areas of grids, each of which is valid. Gaps one by one, all else as one
    area for each pair of grids."""
    yield from _overlaps(grids)
    by_code = {grid.code: grid for grid in grids}
    families: defaultdict[tuple[int, str | None], list[Grid]] = defaultdict(list)
    for grid in grids:
        families[grid.level, grid.parent_code].append(grid)
    for (_, parent_code), children in families.items():
        parent = by_code.get(parent_code) if parent_code else None
        yield from _in_family(parent, children)


def _overlaps(grids: Sequence[Grid]) -> Iterator[Fault]:
    areas = np.array([grid.geometry for grid in grids], np.object_)
    levels = np.array([grid.level for grid in grids])
    first, second = shapely.STRtree(areas).query(areas, predicate="intersects")
    pairs = (first < second) & (levels[first] == levels[second])
    first, second = first[pairs], second[pairs]
    shared = shapely.intersection(areas[first], areas[second])
    for a, b, overlap in zip(first.tolist(), second.tolist(), shared.tolist(), strict=True):
        yield from _fault(FindingKind.OVERLAP, (grids[a].code, grids[b].code), polygonal(overlap))


def _in_family(parent: Grid | None, children: Sequence[Grid]) -> Iterator[Fault]:
    covered = shapely.union_all([child.geometry for child in children])
    outlines = [Polygon(part.exterior) for part in polygonal(covered).geoms]
    if parent is None:
        # Nobody says how far they should reach; only no hole should be left between them.
        missing = shapely.union_all(outlines).difference(covered)
    else:
        missing = parent.geometry.difference(covered)
        for child in children:
            outside = polygonal(child.geometry.difference(parent.geometry))
            yield from _fault(FindingKind.OUTSIDE_PARENT, (child.code, parent.code), outside)
    holes: list[Polygon] = []
    margin: list[Polygon] = []
    for part in polygonal(missing).geoms:
        inner = part.representative_point()
        enclosed = any(outline.contains(inner) for outline in outlines)
        (holes if enclosed else margin).append(part)
    # A hole inside one grid and no parent to forbid it was drawn on purpose.
    yield from _gaps(holes, children, least_around=1 if parent else 2)
    if parent is not None:
        yield from _fault(FindingKind.UNCOVERED_PARENT, (parent.code,), MultiPolygon(margin))


def _gaps(
    holes: Sequence[Polygon], children: Sequence[Grid], *, least_around: int
) -> Iterator[Fault]:
    tree = shapely.STRtree([child.geometry for child in children])
    for hole in holes:
        beside = tree.query(hole, predicate="dwithin", distance=_TOUCHING_DEG).tolist()
        if len(beside) >= least_around:
            codes = tuple(sorted(children[index].code for index in beside))
            yield from _fault(FindingKind.GAP, codes, MultiPolygon([hole]))


def _fault(kind: FindingKind, codes: tuple[str, ...], area: MultiPolygon) -> Iterator[Fault]:
    if area.area > 0:
        yield Fault(kind=kind, codes=codes, area=area)
