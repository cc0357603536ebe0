"""Generated divisions for tests: grids of two levels that share every vertex, in EPSG:4326."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely import MultiPolygon, box

from gis.grid import Grid
from gis.redivision.edges import dissolve

WEST, SOUTH = 118.6, 34.5
TOWN = "320722101"


def squares(columns: int = 2, rows: int = 2, *, side: float = 0.01) -> list[Grid]:
    """Level-2 squares, a level-1 grid for each column, from the south-west."""
    cells = [
        (
            column,
            box(
                WEST + side * column,
                SOUTH + side * row,
                WEST + side * (column + 1),
                SOUTH + side * (row + 1),
            ),
        )
        for column in range(columns)
        for row in range(rows)
    ]
    return _grids([cell for _, cell in cells], [column for column, _ in cells])


def voronoi(count: int, *, parents: int, seed: int, side: float = 0.1) -> list[Grid]:
    """`count` level-2 grids around random places, under the nearest of `parents` others."""
    rng = np.random.default_rng(seed)
    places = rng.random((count, 2)) * side + (WEST, SOUTH)
    town = box(WEST, SOUTH, WEST + side, SOUTH + side)
    borders = shapely.voronoi_polygons(shapely.multipoints(places), extend_to=town, only_edges=True)
    inside = shapely.intersection(borders, town)
    lines = shapely.node(shapely.union_all([inside, town.exterior]))
    cells = [
        cell
        for cell in shapely.polygonize([lines]).geoms
        if town.contains(cell.representative_point())
    ]
    seats = rng.random((parents, 2)) * side + (WEST, SOUTH)
    middles = shapely.get_coordinates(shapely.centroid(cells))
    nearest = np.hypot(*(middles[:, None, :] - seats[None, :, :]).T).T.argmin(axis=1)
    return _grids(cells, nearest.tolist())


def _grids(cells: Sequence[shapely.Polygon], parents: Sequence[int]) -> list[Grid]:
    numbers = {each: number for number, each in enumerate(sorted(set(parents)), start=1)}
    children: list[Grid] = []
    for cell, seat in zip(cells, parents, strict=True):
        parent = f"{TOWN}203{numbers[seat]:03d}"
        count = sum(child.parent_code == parent for child in children) + 1
        code = f"{parent}{count:02d}"
        children.append(
            Grid(
                code=code,
                name=f"{numbers[seat]}-{count}网格",
                level=2,
                parent_code=parent,
                geometry=MultiPolygon([cell]),
            )
        )
    above = [
        Grid(
            code=code,
            name=f"第{int(code[-3:])}网格",
            level=1,
            parent_code=None,
            geometry=dissolve([c.geometry for c in children if c.parent_code == code]),
        )
        for code in sorted({child.parent_code or "" for child in children})
    ]
    return [*above, *children]
