"""Splitting a grid by a line."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import StrEnum

import shapely
from shapely import LineString, MultiPolygon, Polygon

from gis.errors import InvalidInput
from gis.geodesy import area_m2
from gis.grid import Grid
from gis.polygons import polygonal
from gis.redivision.edges import (
    Edge,
    directed_edges,
    dissolve,
    edge,
    edges_of,
    faces_in,
    vertices_of,
    with_nodes,
)
from gis.redivision.lines import fit
from gis.redivision.numbering import next_code, next_name
from gis.redivision.sheet import Sheet, named
from gis.topology import TOLERANCE_M2


class Keeps(StrEnum):
    """Which side of the line, in its direction, keeps the code."""

    LARGER = "larger"
    SMALLER = "smaller"
    LEFT = "left"
    RIGHT = "right"
    NEITHER = "neither"


def split(
    sheet: Sheet,
    code: str,
    line: LineString,
    *,
    keeps: Keeps,
    codes: Sequence[str],
    names: Sequence[str],
    cut_children: bool,
    snap_m: float,
) -> None:
    """Make two grids of one. New codes are `codes` as far as they go (the left side's first), else the
    next free ones; so are `names`, else the next in the manner of the siblings' (`next_name`), else
    the codes.

    Grids below go to the side that they lie on. One that the line crosses is split as well with
    `cut_children`; without, it is refused. Raises InvalidInput.
    """
    grid = sheet[code]
    fitted = fit(line, _borders(sheet, grid), snap_m=snap_m)
    sheet.weave(fitted.nodes)
    grid = sheet[code]
    steps = fitted.steps_inside(grid.geometry, edges_of(grid.geometry))
    left, right = _sides(grid, steps)
    children = sheet.children(code)
    if children:
        left_children = _part_children(
            sheet, children, (left, right), steps, cut_children=cut_children
        )
        children = sheet.children(code)
        right_children = [child for child in children if child.code not in left_children]
        if not left_children or not right_children:
            raise InvalidInput(
                f"All grids in {named(grid)} lie on one side of the line.", field="line"
            )
        outline = sorted(vertices_of(grid.geometry))
        left, right = (
            with_nodes(dissolve([child.geometry for child in side]), outline)
            for side in ([sheet[each] for each in sorted(left_children)], right_children)
        )
    kept = _kept(keeps, left, right)
    given, called = list(codes), list(names)
    sides: list[Grid] = []
    for is_left, area in ((True, left), (False, right)):
        if kept is is_left:
            sides.append(replace(grid, geometry=area))
            continue
        new = sheet.claim(given.pop(0)) if given else next_code(grid, sheet.used_codes)
        name = called.pop(0) if called else _name(sheet, grid, new)
        sides.append(replace(grid, code=new, name=name, geometry=area))
        sheet.put(sides[-1])
    if given or called:
        raise InvalidInput("There are more codes or names than new grids.", field="codes")
    if kept is None:
        sheet.remove(code)
    else:
        sheet.put(sides[0 if kept else 1])
    for child in children:
        side = sides[0] if child.code in left_children else sides[1]
        sheet.put(replace(child, parent_code=side.code))


def _name(sheet: Sheet, grid: Grid, code: str) -> str:
    siblings = (each for each in sheet.grids if each.parent_code == grid.parent_code)
    return next_name(grid, (each for each in siblings if each.level == grid.level)) or code


def _borders(sheet: Sheet, grid: Grid) -> set[Edge]:
    return edges_of(grid.geometry).union(
        *(edges_of(child.geometry) for child in sheet.children(grid.code))
    )


def _sides(grid: Grid, steps: Iterable[Edge]) -> tuple[MultiPolygon, MultiPolygon]:
    """The parts of a grid on the left and on the right of the steps of a line."""
    ahead = set(steps)
    sides: tuple[list[Polygon], list[Polygon]] = ([], [])
    untouched: list[Polygon] = []
    for face in faces_in(grid.geometry, {edge(*step) for step in ahead}):
        around = directed_edges(face)
        is_left = bool(around & ahead)
        is_right = any((b, a) in around for a, b in ahead)
        if is_left and is_right:
            raise InvalidInput(
                f"The line does not cut {named(grid)} in two. Draw it from border to border.",
                field="line",
            )
        if is_left or is_right:
            sides[0 if is_left else 1].append(face)
        else:
            untouched.append(face)
    if not all(sides):
        raise InvalidInput(
            f"The line does not cut {named(grid)}. Draw it from border to border.", field="line"
        )
    for part in untouched:  # an island of its own goes with the side that is nearer
        nearer = min(sides, key=lambda side: shapely.distance(part, MultiPolygon(side)))
        nearer.append(part)
    return MultiPolygon(sides[0]), MultiPolygon(sides[1])


def _part_children(
    sheet: Sheet,
    children: Sequence[Grid],
    sides: tuple[MultiPolygon, MultiPolygon],
    steps: Sequence[Edge],
    *,
    cut_children: bool,
) -> set[str]:
    """The codes of the grids on the left, after those that the line crosses were split."""
    left, right = sides
    on_the_left: set[str] = set()
    crossed: list[Grid] = []
    for child in children:
        in_left = area_m2(polygonal(shapely.intersection(child.geometry, left)))
        in_right = area_m2(polygonal(shapely.intersection(child.geometry, right)))
        if min(in_left, in_right) > TOLERANCE_M2:
            crossed.append(child)
        if in_left > in_right:
            on_the_left.add(child.code)
    if crossed and not cut_children:
        raise InvalidInput(
            f"The line crosses {', '.join(named(each) for each in crossed[:5])}"
            f"{' and more' if len(crossed) > 5 else ''}. Draw it along their borders, or let them "
            "be cut as well (cut_children).",
            field="line",
            code="crosses_children",
        )
    for child in crossed:
        outline = edges_of(child.geometry)
        middles = [step for step in steps if edge(*step) not in outline]
        inside = [
            step for step in middles if shapely.contains_xy(child.geometry, *_middle(step)).item()
        ]
        parts = dict(zip(("left", "right"), _sides(child, inside), strict=True))
        larger = max(parts, key=lambda side: parts[side].area)
        new = next_code(child, sheet.used_codes)
        for side, area in parts.items():
            part = replace(child, geometry=area)
            if side != larger:
                part = replace(part, code=new, name=_name(sheet, child, new))
            sheet.put(part)
            on_the_left.discard(part.code)
            if side == "left":
                on_the_left.add(part.code)
    return on_the_left


def _middle(step: Edge) -> tuple[float, float]:
    (x1, y1), (x2, y2) = step
    return (x1 + x2) / 2, (y1 + y2) / 2


def _kept(keeps: Keeps, left: MultiPolygon, right: MultiPolygon) -> bool | None:
    """Whether the left side keeps the code; None: neither does."""
    match keeps:
        case Keeps.LEFT | Keeps.RIGHT:
            return keeps is Keeps.LEFT
        case Keeps.LARGER | Keeps.SMALLER:
            return (left.area >= right.area) is (keeps is Keeps.LARGER)
    return None
