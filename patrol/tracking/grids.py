"""The grids that fixes are located in: those of the edition in force."""

import asyncio

import numpy as np
from numpy.typing import NDArray

from data.editions import GridIndex, GridIndexes


class ActiveGrids:
    """Locates in the event loop, and loads the index of another edition in a thread."""

    def __init__(self, grid_indexes: GridIndexes) -> None:
        self._grid_indexes = grid_indexes
        self._index: GridIndex | None = None

    async def grid_ids(
        self, edition_id: int | None, lon: NDArray[np.float64], lat: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """The `grids.id` of the smallest grid of the edition around each point (EPSG:4326), else 0."""
        if edition_id is None:
            return np.zeros(len(lon), np.int64)
        if self._index is None or self._index.edition_id != edition_id:
            self._index = await asyncio.to_thread(self._load, edition_id)
        return self._index.grid_ids(lon, lat)

    def _load(self, edition_id: int) -> GridIndex:
        index = self._grid_indexes.of(edition_id)
        index.grid_ids([0.0], [0.0])  # builds what the first point needs, here and not in the loop
        return index
