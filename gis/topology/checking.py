"""What is wrong with an edition's areas, and where.

The rules (domain: "Topology of an edition"): geometry is valid; codes are unique; every grid below
level 1 has a parent one level up; grids of a level do not overlap; children cover their parent and
stay inside it. One up to the tolerance in square metres on the ground is no finding.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import shapely
from shapely import MultiPolygon, Point

from gis.errors import InvalidInput
from gis.grid import Grid
from gis.polygons import repair
from gis.topology.faults import Fault, faults_of
from gis.topology.findings import Finding, FindingKind, Report
from gis.topology.measuring import ground_m2, width_m

TOLERANCE_M2 = 1.0


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
    findings += _check_areas(sound, tolerance_m2)
    order = {kind: place for place, kind in enumerate(FindingKind)}
    return Report(
        findings=tuple(
            sorted(findings, key=lambda f: (order[f.kind], f.codes, -(f.area_m2 or 0.0)))
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


def _check_areas(grids: Sequence[Grid], tolerance_m2: float) -> Iterator[Finding]:
    by_code = {grid.code: grid for grid in grids}
    for fault in faults_of(grids):
        m2 = ground_m2(fault.area)
        if m2 > tolerance_m2:
            wide_m = width_m(fault.area)
            yield Finding(
                kind=fault.kind,
                codes=fault.codes,
                message=_in_words(
                    fault, [_name(by_code[code]) for code in fault.codes], m2, wide_m
                ),
                area_m2=m2,
                width_m=wide_m,
                geometry=fault.area,
            )


def _in_words(fault: Fault, names: Sequence[str], m2: float, wide_m: float) -> str:
    wide = f"at most {wide_m:,.2f} m wide"
    match fault.kind:
        case FindingKind.OVERLAP:
            return f"{names[0]} and {names[1]} overlap by {m2:,.0f} m², {wide}."
        case FindingKind.GAP:
            return f"{m2:,.0f} m², {wide}, belong to no grid; around: {', '.join(names)}."
        case FindingKind.UNCOVERED_PARENT:
            return f"The grids in {names[0]} leave {m2:,.0f} m² of it uncovered, {wide}."
    return f"{m2:,.0f} m² of {names[0]} lie outside {names[1]}, {wide}."


def _with_area(grid: Grid, area: MultiPolygon) -> Grid:
    return grid if area is grid.geometry else replace(grid, geometry=area)


def _name(grid: Grid) -> str:
    return f"{grid.name} ({grid.code})"
