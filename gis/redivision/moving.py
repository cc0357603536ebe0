"""Moving the border that two grids share, for both at once."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, pairwise

import shapely
from shapely import LineString, MultiPolygon, Polygon

from gis.errors import InvalidInput
from gis.grid import Grid
from gis.redivision.edges import Edge, chains, edge, edges_of, faces, rings_of
from gis.redivision.lines import FittedLine, fit
from gis.redivision.sheet import Sheet, named

_MOST_ARCS = 5
"""Of a border in very many pieces, as many are thought of as what the line replaces."""


def move_border(sheet: Sheet, codes: tuple[str, str], line: LineString, *, snap_m: float) -> None:
    """Let `line` be the border between two grids of a level, in the place of what it goes around.

    Its ends lie on the old border, which then goes on from there, or on the outline of the two. Of what
    it may replace it replaces what moves the least area. Raises InvalidInput.
    """
    first, second = (sheet[code] for code in codes)
    _require_neighbours(sheet, first, second)
    outline = edges_of(first.geometry) | edges_of(second.geometry)
    fitted = fit(line, outline, snap_m=snap_m)
    sheet.weave(fitted.nodes)
    first, second = (sheet[code] for code in codes)
    areas = _best(first, second, fitted)
    for grid, area in zip((first, second), areas, strict=True):
        sheet.put(replace(grid, geometry=area))
    if first.parent_code != second.parent_code:
        sheet.rebuild((first.parent_code, second.parent_code))


def _require_neighbours(sheet: Sheet, first: Grid, second: Grid) -> None:
    if first.code == second.code or first.level != second.level:
        raise InvalidInput("Name two grids of one level.", field="grids")
    for grid in (first, second):
        if sheet.children(grid.code):
            raise InvalidInput(
                f"{named(grid)} has grids below it: move their borders, and its own moves with them.",
                field="grids",
            )
    if not edges_of(first.geometry) & edges_of(second.geometry):
        raise InvalidInput(
            f"{named(first)} and {named(second)} have no border with the same vertices. "
            "If they should, snap the edition first.",
            field="grids",
        )


def _best(first: Grid, second: Grid, fitted: FittedLine) -> tuple[MultiPolygon, MultiPolygon]:
    edges_1, edges_2 = edges_of(first.geometry), edges_of(second.geometry)
    shared, outline = edges_1 & edges_2, edges_1 ^ edges_2
    # Of each step its middle is in the one or in the other, or it is a piece of the old border.
    new = {edge(*step) for step in fitted.steps_inside(first.geometry, edges_1 | edges_2)}
    new |= {edge(*step) for step in fitted.steps_inside(second.geometry, edges_1 | edges_2)}
    along = {edge(*step) for step in zip(fitted.vertices, fitted.vertices[1:], strict=False)}
    if not new:
        raise InvalidInput("The line is the border already, or lies outside.", field="line")
    new |= along & shared
    candidates = [
        (sum(len(part.geoms) for part in parts), _area_moved(first, parts[0]), parts)
        for border in _borders(shared - along, new, fitted)
        if (parts := _divided(outline, border, first, second)) is not None
    ]
    if not candidates:
        raise InvalidInput(
            f"The line does not part {named(first)} from {named(second)}. Let each end lie on their "
            "border or on their outline; where their borders do not match, snap the edition first.",
            field="line",
        )
    return min(candidates, key=lambda each: each[:2])[2]


def _borders(old: set[Edge], new: set[Edge], fitted: FittedLine) -> Iterator[set[Edge]]:
    """The new border with each choice of what stays of the old one."""
    arcs = chains(old, fitted.ends)
    line = LineString(fitted.vertices)
    arcs.sort(key=lambda arc: shapely.distance(shapely.multilinestrings(arc), line))
    near, far = arcs[:_MOST_ARCS], arcs[_MOST_ARCS:]
    stays = {each for arc in far for each in arc}
    for count in range(len(near) + 1):
        for chosen in combinations(near, count):
            yield new | stays | {each for arc in chosen for each in arc}


def _divided(
    outline: set[Edge], border: set[Edge], first: Grid, second: Grid
) -> tuple[MultiPolygon, MultiPolygon] | None:
    """The areas on both sides of a border; None when it is not one all along."""
    shapely.prepare([first.geometry, second.geometry])
    found: list[tuple[Polygon, float, float]] = []
    for face in faces(outline | border):
        in_first = shapely.intersection(face, first.geometry).area
        in_second = shapely.intersection(face, second.geometry).area
        if in_first + in_second > face.area / 2:  # else a hole of the two
            found.append((face, in_first, in_second))
    beside: defaultdict[Edge, list[int]] = defaultdict(list)
    for number, (face, _, _) in enumerate(found):
        for ring in rings_of(face):
            for a, b in pairwise(ring):
                if edge(a, b) in border:
                    beside[edge(a, b)].append(number)
    if len(beside) < len(border) or any(len(meeting) != 2 for meeting in beside.values()):
        return None
    sides = _sides(found, list(beside.values()))
    if sides is None or len(set(sides)) < 2:
        return None
    areas = tuple(
        MultiPolygon(
            [face for (face, _, _), each in zip(found, sides, strict=True) if each == side]
        )
        for side in (0, 1)
    )
    # Faces of one side that share an edge: there the two have borders with other vertices, too.
    return (areas[0], areas[1]) if all(area.is_valid for area in areas) else None


def _sides(
    found: Sequence[tuple[Polygon, float, float]], across: Sequence[Sequence[int]]
) -> list[int] | None:
    """0 or 1 for each face, another one across each border; as much as can be stays where it was."""
    opposite: defaultdict[int, set[int]] = defaultdict(set)
    for a, b in across:
        if a == b:
            return None
        opposite[a].add(b)
        opposite[b].add(a)
    side: dict[int, int] = {}
    for start in range(len(found)):
        if start in side:
            continue
        group, pending = {start: 0}, [start]
        while pending:
            face = pending.pop()
            for other in opposite[face]:
                if other not in group:
                    group[other] = 1 - group[face]
                    pending.append(other)
                elif group[other] == group[face]:
                    return None
        gain = sum(
            (in_first - in_second) * (1 if group[face] == 0 else -1)
            for face in group
            for _, in_first, in_second in [found[face]]
        )
        side.update({face: (each if gain >= 0 else 1 - each) for face, each in group.items()})
    return [side[face] for face in range(len(found))]


def _area_moved(grid: Grid, area: MultiPolygon) -> float:
    return float(shapely.symmetric_difference(grid.geometry, area).area)
