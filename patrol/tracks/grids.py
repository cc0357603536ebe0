"""The grids that visits are of: those of level 2, in the edition that was in force at the time."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from data.editions import GridIndex, GridIndexes, edition_id_at
from data.schema import grid_editions
from gis.grid import Grid
from gis.track import Track

LEVEL = 2

IntArray = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Whereabouts:
    """Of each fix the `grids.id` of its grid, 0 for none, and the id of the edition that says so."""

    grid_id: IntArray
    edition_id: IntArray


class VisitedGrids:
    """Safe to share between threads, as far as its indexes are."""

    def __init__(self, grid_indexes: GridIndexes) -> None:
        self._grid_indexes = grid_indexes
        self._of_level: dict[int, IntArray] = {}

    def of(self, conn: Connection, track: Track) -> Whereabouts:
        """Where the fixes were. Of the time before the first edition that one tells: a town has its
        grids before it has a computer."""
        grid_id, edition_id = np.zeros((2, len(track)), np.int64)
        begun = (
            select(grid_editions.c.id, grid_editions.c.valid_from)
            .where(grid_editions.c.valid_from.is_not(None))
            .order_by(grid_editions.c.valid_from)
        )
        editions = conn.execute(begun).all()
        if not editions:
            return Whereabouts(grid_id=grid_id, edition_id=edition_id)
        begins = [-np.inf, *(row.valid_from.timestamp() for row in editions[1:]), np.inf]
        ends = np.searchsorted(track.t_s, begins)
        for row, start, stop in zip(editions, ends[:-1], ends[1:], strict=True):
            if start < stop:
                there = slice(start, stop)
                index = self._grid_indexes.of(row.id, conn)
                grid_id[there] = self._ids(index)[
                    index.tree.place_many(track.lon[there], track.lat[there])
                ]
                edition_id[there] = row.id
        return Whereabouts(grid_id=grid_id, edition_id=edition_id)

    def _ids(self, index: GridIndex) -> IntArray:
        """By the place of a grid in its tree the id of the grid of LEVEL that it is or lies in; at the
        end, which the index -1 (no grid) hits, 0."""
        if index.edition_id not in self._of_level:
            self._of_level[index.edition_id] = np.array(
                [
                    next(
                        (
                            index.id_by_code[g.code]
                            for g in index.tree.chain(grid.code)
                            if g.level == LEVEL
                        ),
                        0,
                    )
                    for grid in index.tree.grids
                ]
                + [0],
                np.int64,
            )
        return self._of_level[index.edition_id]


def grids_at(conn: Connection, grid_indexes: GridIndexes, at: datetime) -> list[Grid]:
    """The grids of LEVEL that were in force at an instant, by code; of the time before the first edition
    none."""
    edition_id = edition_id_at(conn, at)
    if edition_id is None:
        return []
    tree = grid_indexes.of(edition_id, conn).tree
    return [grid for grid in tree.grids if grid.level == LEVEL]
