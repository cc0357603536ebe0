"""Closing the slivers and gaps of a whole division where what was meant is certain."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import shapely

from gis.errors import InvalidInput
from gis.grid import Grid
from gis.redivision.closing import MOST_M, close_slivers
from gis.redivision.edges import ON_THE_BORDER_DEG, Vertex, with_nodes
from gis.redivision.sheet import Sheet


def snap(sheet: Sheet, tolerance_m: float) -> None:
    """Give what is wrong and nowhere wider than a tolerance to one of the grids beside it, as is done
    when files are read; parents follow. Borders that run along each other get the same vertices. What is
    sound stays to the last vertex.

    Wider gaps and overlaps are left to whoever knows better. GEOS's coverage_clean was rejected: it
    pulls every vertex within the tolerance onto another, faulty or not. Raises InvalidInput.
    """
    if not 0 < tolerance_m <= MOST_M:
        raise InvalidInput(f"Snap within 0 to {MOST_M:.0f} m.", field="tolerance_m")
    before = sheet.grids
    closed = close_slivers(before, narrower_m=tolerance_m).grids
    for was, now in zip(before, _with_common_vertices(closed), strict=True):
        if now is not was:
            sheet.put(now)


def _with_common_vertices(grids: Sequence[Grid]) -> Iterable[Grid]:
    nodes = _loose_ends(grids)
    if not nodes:
        return grids
    areas = [grid.geometry for grid in grids]
    near, which = shapely.STRtree(areas).query(
        shapely.points(nodes), predicate="dwithin", distance=ON_THE_BORDER_DEG
    )
    of: dict[int, list[Vertex]] = {}
    for node, grid in sorted(zip(near.tolist(), which.tolist(), strict=True)):
        of.setdefault(grid, []).append(nodes[node])
    return [
        grid
        if (area := with_nodes(grid.geometry, of.get(index, ()))) is grid.geometry
        else replace(grid, geometry=area)
        for index, grid in enumerate(grids)
    ]


def _loose_ends(grids: Sequence[Grid]) -> list[Vertex]:
    """The vertices of edges that the neighbour across them does not have as well."""
    found: set[Vertex] = set()
    for level in sorted({grid.level for grid in grids}):
        areas = np.array([grid.geometry for grid in grids if grid.level == level], np.object_)
        edges = shapely.get_coordinates(shapely.coverage_invalid_edges(areas))
        found |= {(x, y) for x, y in edges.tolist()}
    return sorted(found)
