"""The active edition's grid tree, kept in memory.

The grids of an edition in force never change, so an index is built once for an edition's id and may be
kept for ever; what can change from one statement to the next is only which edition is active. One that
is to take effect may yet be changed, which its version tells.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sqlalchemy import Connection

from data.database import Database
from data.editions.store import active_edition_id, due_edition, edition_id_at, read_grids
from gis.tree import GridTree

_KEPT = 3  # the active edition, the one before it, and one that somebody looks back at


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class GridIndex:
    """The tree of one edition, with the `grids.id` that rows refer to.

    `ids` are those of `tree.grids` in their order, and one 0 more, which the index -1 (no grid) hits.
    """

    edition_id: int
    tree: GridTree
    ids: NDArray[np.int64]
    id_by_code: Mapping[str, int]
    code_by_id: Mapping[int, str]

    def grid_ids(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int64]:
        """The `grids.id` of the deepest grid of each point (EPSG:4326); 0 where there is none."""
        return self.ids[self.tree.place_many(lon, lat)]


class GridIndexes:
    """The indexes of the editions used last. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: OrderedDict[tuple[int, int | None], GridIndex] = OrderedDict()
        self._lock = threading.Lock()

    def active(self, conn: Connection) -> GridIndex | None:
        """The index of the edition that is active for `conn`; None before the first activation."""
        edition_id = active_edition_id(conn)
        return None if edition_id is None else self.of(edition_id, conn)

    def of(self, edition_id: int, conn: Connection | None = None) -> GridIndex:
        """The index of any edition, built now if it is not in memory. Without `conn` the grids are
        read in a transaction of its own."""
        return self._of(edition_id, None, conn)

    def at(self, instant: datetime, conn: Connection) -> GridIndex | None:
        """The index of the edition in force at an instant; of one to come, of that which is to be in
        force by then. None where there was none."""
        if (due := due_edition(conn, instant)) is not None:
            return self._of(*due, conn)
        edition_id = edition_id_at(conn, instant)
        return None if edition_id is None else self.of(edition_id, conn)

    def _of(self, edition_id: int, version: int | None, conn: Connection | None) -> GridIndex:
        with self._lock:  # one build for many waiters
            index = self._kept.get((edition_id, version))
            if index is None:
                index = self._kept[edition_id, version] = self._build(edition_id, conn)
                if len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end((edition_id, version))
            return index

    def _build(self, edition_id: int, conn: Connection | None) -> GridIndex:
        if conn is None:
            with self._database.begin() as own:
                return self._build(edition_id, own)
        stored = read_grids(conn, edition_id)
        tree = GridTree(row.grid for row in stored)
        id_by_code = {row.grid.code: row.id for row in stored}
        return GridIndex(
            edition_id=edition_id,
            tree=tree,
            ids=np.array([id_by_code[grid.code] for grid in tree.grids] + [0], dtype=np.int64),
            id_by_code=MappingProxyType(id_by_code),
            code_by_id=MappingProxyType({row.id: row.grid.code for row in stored}),
        )
