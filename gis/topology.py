"""What is wrong with an edition's areas, and where.

The rules (domain: "Topology of an edition"): geometry is valid; codes are unique; every grid below
level 1 has a parent one level up; grids of a level do not overlap; children cover their parent and
stay inside it. Overlays run in EPSG:4326, in which the borders are straight; areas are geodesic on
WGS-84, in square metres, and one up to the tolerance is a sliver and no finding.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np
import shapely
from shapely import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from gis.errors import InvalidInput
from gis.geodesy import area_m2
from gis.geojson import feature, feature_collection
from gis.grid import Grid
from gis.polygons import polygonal, repair

__all__ = ["Finding", "FindingKind", "Report", "check", "repair"]

TOLERANCE_M2 = 1.0
_TOUCHING_DEG = 1e-7


class FindingKind(StrEnum):
    """What can be wrong, the worst first."""

    DUPLICATE_CODE = "duplicate_code"
    """A code that occurs more than once."""
    MISSING_PARENT = "missing_parent"
    """A grid below level 1 without a parent, or with one that is not in the edition."""
    WRONG_PARENT = "wrong_parent"
    """A grid whose parent is not one level up."""
    INVALID_GEOMETRY = "invalid_geometry"
    """Rings that cross, or have no area. Checked further as `repair` leaves it."""
    OVERLAP = "overlap"
    """Two grids of a level that share area."""
    GAP = "gap"
    """A hole between siblings that belongs to none of them."""
    UNCOVERED_PARENT = "uncovered_parent"
    """Area along a parent's outline that its children do not reach."""
    OUTSIDE_PARENT = "outside_parent"
    """Area of a child beyond its parent's outline."""


_ORDER = {kind: place for place, kind in enumerate(FindingKind)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is wrong: the grids concerned, and the place where it shows (EPSG:4326)."""

    kind: FindingKind
    codes: tuple[str, ...]
    message: str
    area_m2: float | None = None
    geometry: BaseGeometry | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """The findings of one check, in an order that depends on the grids only."""

    findings: tuple[Finding, ...]
    tolerance_m2: float

    @property
    def ok(self) -> bool:
        """Tell whether nothing was found."""
        return not self.findings

    @property
    def counts(self) -> Mapping[FindingKind, int]:
        """How many findings there are of each kind that occurs, the worst first."""
        counts = Counter(finding.kind for finding in self.findings)
        return {kind: counts[kind] for kind in FindingKind if counts[kind]}

    def of(self, kind: FindingKind) -> tuple[Finding, ...]:
        """Return the findings of one kind."""
        return tuple(finding for finding in self.findings if finding.kind is kind)

    def to_geojson(self) -> dict[str, Any]:
        """Return a FeatureCollection with one feature a finding; some have no geometry."""
        features = (
            feature(
                finding.geometry,
                {
                    "kind": finding.kind.value,
                    "codes": list(finding.codes),
                    "area_m2": None if finding.area_m2 is None else round(finding.area_m2, 2),
                    "message": finding.message,
                },
                id=number,
            )
            for number, finding in enumerate(self.findings, start=1)
        )
        return feature_collection(features, tolerance_m2=self.tolerance_m2)


def check(grids: Iterable[Grid], *, tolerance_m2: float = TOLERANCE_M2) -> Report:
    """Return everything that is wrong with the grids of one edition."""
    # In the order of codes, whatever order they came in: overlays depend on it in the last digit.
    ordered = sorted(grids, key=lambda grid: (grid.level, grid.code, grid.geometry.wkb))
    findings = [*_check_codes(ordered), *_check_parents(ordered)]
    sound: list[Grid] = []
    for grid in ordered:
        area, finding = _repaired(grid)
        findings += [finding] if finding else []
        sound += [_with_area(grid, area)] if area else []
    findings += _check_overlaps(sound, tolerance_m2)
    findings += _check_cover(sound, tolerance_m2)
    return Report(
        findings=tuple(
            sorted(findings, key=lambda f: (_ORDER[f.kind], f.codes, -(f.area_m2 or 0.0)))
        ),
        tolerance_m2=tolerance_m2,
    )


def _check_codes(grids: Sequence[Grid]) -> Iterator[Finding]:
    for code, times in Counter(grid.code for grid in grids).items():
        if times > 1:
            yield Finding(
                kind=FindingKind.DUPLICATE_CODE,
                codes=(code,),
                message=f"{times} grids have the code {code}. Give every grid its own.",
                geometry=shapely.GeometryCollection([g.geometry for g in grids if g.code == code]),
            )


def _check_parents(grids: Sequence[Grid]) -> Iterator[Finding]:
    level_of = {grid.code: grid.level for grid in grids}
    orphans: defaultdict[str | None, list[Grid]] = defaultdict(list)
    for grid in grids:
        parent = grid.parent_code
        if parent is None and grid.level <= 1:
            continue
        if parent is None or parent not in level_of:
            orphans[parent].append(grid)
        elif level_of[parent] != grid.level - 1:
            yield Finding(
                kind=FindingKind.WRONG_PARENT,
                codes=(grid.code, parent),
                message=f"{_name(grid)} is of level {grid.level} and its parent {parent} of level "
                f"{level_of[parent]}. A parent is one level up.",
                geometry=grid.geometry,
            )
    for parent, children in orphans.items():
        names = (
            f"{len(children)} grids name" if len(children) > 1 else f"{_name(children[0])} names"
        )
        what = "no parent" if parent is None else f"the parent {parent}, which is not there"
        yield Finding(
            kind=FindingKind.MISSING_PARENT,
            codes=tuple(grid.code for grid in children),
            message=f"{names} {what}. Add the parent or correct the parent code.",
            geometry=shapely.GeometryCollection([grid.geometry for grid in children]),
        )


def _repaired(grid: Grid) -> tuple[MultiPolygon | None, Finding | None]:
    if grid.geometry.is_valid and not grid.geometry.is_empty:
        return grid.geometry, None
    reason = shapely.is_valid_reason(grid.geometry)
    try:
        area, done = repair(grid.geometry)
    except InvalidInput as error:
        area, done = None, (error.message,)
    return area, Finding(
        kind=FindingKind.INVALID_GEOMETRY,
        codes=(grid.code,),
        message=f"{_name(grid)} is not valid: {reason}. {' '.join(done)}",
        geometry=_place_in(reason) or area,
    )


def _place_in(reason: str) -> Point | None:
    """Return the position that GEOS names at the end of its reason, as "...[116.26 39.79]"."""
    match = re.search(r"\[(\S+) (\S+?)(?: \S+)?\]$", reason)
    return Point(float(match[1]), float(match[2])) if match else None


def _check_overlaps(grids: Sequence[Grid], tolerance_m2: float) -> Iterator[Finding]:
    areas = np.array([grid.geometry for grid in grids], np.object_)
    levels = np.array([grid.level for grid in grids])
    first, second = shapely.STRtree(areas).query(areas, predicate="intersects")
    pairs = (first < second) & (levels[first] == levels[second])
    first, second = first[pairs], second[pairs]
    shared = shapely.intersection(areas[first], areas[second])
    for a, b, overlap in zip(first.tolist(), second.tolist(), shared.tolist(), strict=True):
        if (m2 := area_m2(overlap)) > tolerance_m2:
            yield Finding(
                kind=FindingKind.OVERLAP,
                codes=(grids[a].code, grids[b].code),
                message=f"{_name(grids[a])} and {_name(grids[b])} overlap by {m2:,.0f} m².",
                area_m2=m2,
                geometry=polygonal(overlap),
            )


def _check_cover(grids: Sequence[Grid], tolerance_m2: float) -> Iterator[Finding]:
    by_code = {grid.code: grid for grid in grids}
    families: defaultdict[tuple[int, str | None], list[Grid]] = defaultdict(list)
    for grid in grids:
        families[grid.level, grid.parent_code].append(grid)
    for (_, parent_code), children in families.items():
        covered = shapely.union_all([child.geometry for child in children])
        outlines = [Polygon(part.exterior) for part in polygonal(covered).geoms]
        parent = by_code.get(parent_code) if parent_code else None
        if parent is None:
            # Nobody says how far they should reach; only no hole should be left between them.
            missing = shapely.union_all(outlines).difference(covered)
        else:
            missing = parent.geometry.difference(covered)
            yield from _check_outside(parent, children, tolerance_m2)
        holes: list[Polygon] = []
        margin: list[Polygon] = []
        for part in polygonal(missing).geoms:
            inner = part.representative_point()
            enclosed = any(outline.contains(inner) for outline in outlines)
            (holes if enclosed else margin).append(part)
        # A hole inside one grid and no parent to forbid it was drawn on purpose.
        yield from _gaps(holes, children, tolerance_m2, least_around=1 if parent else 2)
        uncovered = MultiPolygon(margin)
        if parent is not None and (m2 := area_m2(uncovered)) > tolerance_m2:
            yield Finding(
                kind=FindingKind.UNCOVERED_PARENT,
                codes=(parent.code,),
                message=f"The grids in {_name(parent)} leave {m2:,.0f} m² of it uncovered.",
                area_m2=m2,
                geometry=uncovered,
            )


def _check_outside(
    parent: Grid, children: Sequence[Grid], tolerance_m2: float
) -> Iterator[Finding]:
    for child in children:
        outside = child.geometry.difference(parent.geometry)
        if (m2 := area_m2(outside)) > tolerance_m2:
            yield Finding(
                kind=FindingKind.OUTSIDE_PARENT,
                codes=(child.code, parent.code),
                message=f"{m2:,.0f} m² of {_name(child)} lie outside {_name(parent)}.",
                area_m2=m2,
                geometry=polygonal(outside),
            )


def _gaps(
    holes: Sequence[Polygon], children: Sequence[Grid], tolerance_m2: float, *, least_around: int
) -> Iterator[Finding]:
    tree = shapely.STRtree([child.geometry for child in children])
    for hole in holes:
        if (m2 := area_m2(hole)) > tolerance_m2:
            beside = tree.query(hole, predicate="dwithin", distance=_TOUCHING_DEG).tolist()
            around = sorted((children[index] for index in beside), key=lambda grid: grid.code)
            if len(around) < least_around:
                continue
            yield Finding(
                kind=FindingKind.GAP,
                codes=tuple(grid.code for grid in around),
                message=f"{m2:,.0f} m² belong to no grid; around: {', '.join(map(_name, around))}.",
                area_m2=m2,
                geometry=hole,
            )


def _with_area(grid: Grid, area: MultiPolygon) -> Grid:
    return grid if area is grid.geometry else replace(grid, geometry=area)


def _name(grid: Grid) -> str:
    return f"{grid.name} ({grid.code})"
