"""Where cells are looked at: one grid, or the part of the town that somebody sees."""

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from data.editions import GridIndexes
from data.scope import Scope
from gis.cells import finest_resolution
from gis.errors import InvalidInput, NotFound, NotPermitted

MOST_CELLS = 10_000
"""In one answer."""
MOST_CELLS_OF_TRACKS = 5_000
"""That an area may have where it is told when units were in them, as in GET /coverage/cells: who asks
for cells as small as a step follows a person."""


def area_of(conn: Connection, indexes: GridIndexes, scope: Scope, grid: str | None) -> BaseGeometry:
    """The grid (of the edition in force) or, without one, the largest grids of the scope as one area;
    empty where no edition is in force.

    Raises NotFound for no such grid, and NotPermitted for one outside the scope.
    """
    index = indexes.active(conn)
    if index is None:
        if grid is not None:
            raise NotFound("No grid edition is active; import and activate one.", field="grid")
        return shapely.Polygon()
    tree = index.tree
    if grid is not None:
        wanted = tree[grid]
        if not scope.covers(grid):
            raise NotPermitted(f"Grid {grid} is not one of yours.", field="grid")
        return wanted.geometry
    if scope.is_everything:
        return shapely.union_all([root.geometry for root in tree.roots])
    seen = [each for each in tree.grids if scope.covers(each.code)]
    tops = [each for each in seen if not scope.covers(each.parent_code)]
    return shapely.union_all([each.geometry for each in tops])


def resolution_for(
    area: BaseGeometry, wanted: int | None, *, usual: int, most: int = MOST_CELLS
) -> int:
    """The resolution that was wanted, or the usual one or the finest that the area allows.

    Raises InvalidInput when it has more than `most` cells of the one that was wanted.
    """
    if area.is_empty:
        return usual if wanted is None else wanted
    finest = finest_resolution(area, most)
    if wanted is None:
        return min(usual, finest)
    if wanted > finest:
        raise too_many_cells(finest, most)
    return wanted


def too_many_cells(finest: int, most: int = MOST_CELLS) -> InvalidInput:
    return InvalidInput(
        f"That is more than {most:,} cells; ask for a resolution of {finest} or less, or for one "
        "grid.",
        field="resolution",
        code="too_many_cells",
    )
