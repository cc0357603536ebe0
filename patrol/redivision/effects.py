"""What another edition would change in the field, before it is in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import Connection, text

from data.editions import read_grids
from data.sql import load_sql
from gis.redivision import Comparison, compare
from gis.tree import GridTree
from patrol.duty.posts import Holder, holders_in

_SQL = load_sql("patrol.redivision", "effects.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Transfer:
    """Something that would be in another grid: its id and its number or name. None: in no grid."""

    id: int
    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Effects:
    """`staff` hold a post on a grid that would not be what it was."""

    comparison: Comparison
    staff: Sequence[Holder]
    cases: Sequence[Transfer]
    cameras: Sequence[Transfer]
    facilities: Sequence[Transfer]


def effects_of(conn: Connection, edition_id: int, *, before_id: int, at: datetime) -> Effects:
    """What changes from one edition to another, among people and things as of `at`. Of the cases those
    that the transaction's viewer sees."""
    before = [row.grid for row in read_grids(conn, before_id)]
    after = [row.grid for row in read_grids(conn, edition_id)]
    comparison = compare(before, after)
    changed = comparison.changed_codes & {grid.code for grid in before}
    transfers = _Transfers(conn, GridTree(before), GridTree(after))
    return Effects(
        comparison=comparison,
        staff=holders_in(conn, changed, at) if changed else [],
        cases=transfers.of("open_cases"),
        cameras=transfers.of("cameras"),
        facilities=transfers.of("facilities"),
    )


class _Transfers:
    def __init__(self, conn: Connection, before: GridTree, after: GridTree) -> None:
        self._conn, self._before, self._after = conn, before, after

    def of(self, statement: str) -> list[Transfer]:
        rows = self._conn.execute(text(_SQL[statement])).all()
        if not rows:
            return []
        lon = np.array([row.lon for row in rows])
        lat = np.array([row.lat for row in rows])
        old, new = (_codes(tree, lon, lat) for tree in (self._before, self._after))
        return [
            Transfer(id=row.id, name=row.name, old=was, new=will)
            for row, was, will in zip(rows, old, new, strict=True)
            if was != will
        ]


def _codes(tree: GridTree, lon: np.ndarray, lat: np.ndarray) -> list[str | None]:
    codes = [*(grid.code for grid in tree.grids), None]
    return [codes[index] for index in tree.place_many(lon, lat).tolist()]
