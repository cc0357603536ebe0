"""The rows of a computed layer: one for each cell, as the arrays that a statement is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.cells import Cells, cell_name, cell_polygon

BBox = tuple[float, float, float, float]
"""West, south, east, north in EPSG:4326."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class CellRows:
    """`columns` are the fields of the layer, each as long as `outlines` (WKB, EPSG:4326) and their
    `bounds`. What was written after `as_of` may be missing."""

    columns: Mapping[str, Sequence[Any]]
    outlines: Sequence[bytes]
    bounds: NDArray[np.float64]
    resolution: int
    as_of: datetime

    @classmethod
    def of(
        cls,
        cells: Cells,
        columns: Mapping[str, Sequence[Any]],
        *,
        resolution: int,
        as_of: datetime,
    ) -> Self:
        """`columns` are the fields beside `cell`, which is the usual text of a cell's number."""
        names = [cell_name(cell) for cell in cells.tolist()]
        outlines = [cell_polygon(name) for name in names]
        return cls(
            columns={"cell": names, **columns},
            outlines=shapely.to_wkb(shapely.orient_polygons(outlines)).tolist(),
            bounds=shapely.bounds(outlines).reshape(-1, 4),
            resolution=resolution,
            as_of=as_of,
        )

    def __len__(self) -> int:
        return len(self.outlines)

    def parameters(self, bbox: BBox | None = None) -> dict[str, Any]:
        """For `relation_of` the layer: of the cells that may meet the box, not of thousands for each
        tile."""
        near = np.arange(len(self))
        if bbox is not None:
            west, south, east, north = bbox
            bounds = self.bounds
            near = np.flatnonzero(
                (bounds[:, 0] <= east)
                & (bounds[:, 2] >= west)
                & (bounds[:, 1] <= north)
                & (bounds[:, 3] >= south)
            )
        chosen = near.tolist()
        return {
            **{
                f"row_{name}": [column[number] for number in chosen]
                for name, column in self.columns.items()
            },
            "row_shape": [self.outlines[number] for number in chosen],
        }
