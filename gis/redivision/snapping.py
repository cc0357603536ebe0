"""Closing the slivers and gaps of a whole division where what was meant is certain."""

from dataclasses import replace

import numpy as np
import shapely
from shapely import MultiPolygon

from gis.errors import InvalidInput
from gis.geodesy import metres_per_degree
from gis.grid import Grid
from gis.polygons import polygonal
from gis.redivision.edges import dissolve
from gis.redivision.sheet import Sheet, same_area

MOST_M = 10.0


def snap(sheet: Sheet, tolerance_m: float) -> None:
    """Pull vertices and edges that are within a tolerance onto their neighbours', and give what lies in
    between to one of them. A parent whose outline is its children's but for so much gets theirs.

    Wider gaps and overlaps are left to whoever knows better. Raises InvalidInput.
    """
    if not 0 < tolerance_m <= MOST_M:
        raise InvalidInput(f"Snap within 0 to {MOST_M:.0f} m.", field="tolerance_m")
    grids = sheet.grids
    parents = {grid.parent_code for grid in grids}
    leaves = [grid for grid in grids if grid.code not in parents]
    middle = np.mean([grid.geometry.bounds[1::2] for grid in leaves])
    tolerance_deg = tolerance_m / metres_per_degree(float(middle))[1]
    cleaned = shapely.coverage_clean(  # type: ignore[attr-defined]  # since 2.2
        [grid.geometry for grid in leaves],
        gap_width=tolerance_deg,
        snapping_distance=tolerance_deg,
    )
    for grid, area in zip(leaves, cleaned, strict=True):
        _put(sheet, grid, polygonal(area), tolerance_deg)
    for grid in sorted(grids, key=lambda grid: -grid.level):
        if grid.code in parents:
            outline = dissolve([child.geometry for child in sheet.children(grid.code)])
            _put(sheet, grid, outline, tolerance_deg)


def _put(sheet: Sheet, grid: Grid, area: MultiPolygon, tolerance_deg: float) -> None:
    if area.is_empty or not area.is_valid:
        return
    if shapely.equals_exact(shapely.normalize(area), shapely.normalize(grid.geometry)):
        return
    moved = shapely.symmetric_difference(area, grid.geometry)
    if not same_area(area, grid.geometry) and not moved.within(
        grid.geometry.boundary.buffer(2 * tolerance_deg)
    ):
        return
    sheet.put(replace(grid, geometry=area))
