"""Whose tracks: some units, or everybody at home in a grid."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Query
from sqlalchemy import Connection

from api.access import Caller
from data.editions import GridIndexes
from gis.errors import InvalidInput, NotFound, NotPermitted
from patrol.tracking.units import Unit, find_unit, units_at_home_in

UnitsQuery = Annotated[
    str | None, Query(description="Identifiers, separated by commas.", examples=["GW-001,GW-002"])
]
GridQuery = Annotated[str | None, Query(description="The units at home in it and below.")]

_NAMED = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Whom:
    """`grid` is None where the units were named."""

    units: Sequence[Unit]
    grid: str | None = None

    @property
    def subject(self) -> str | None:
        """What the audit names first; several units are in its details."""
        if self.grid is not None:
            return f"grid {self.grid}"
        return f"unit {self.units[0].code}" if len(self.units) == 1 else None

    def title(self, name_of: Callable[[Unit], str]) -> str:
        """For people: "GW-001 王小明", "grid 320722001", "GW-001, GW-002, GW-003 and 9 more"."""
        if self.grid is not None:
            return f"grid {self.grid}"
        if len(self.units) == 1:
            [unit] = self.units
            name = name_of(unit)
            return unit.code if name == unit.code else f"{unit.code} {name}"
        more = f" and {len(self.units) - _NAMED} more" if len(self.units) > _NAMED else ""
        return f"{', '.join(self.codes[:_NAMED])}{more}"

    @property
    def file_stem(self) -> str:
        """For the name of a file: GW-001, grid-320722001, 12-units."""
        if self.grid is not None:
            return f"grid-{self.grid}"
        return self.units[0].code if len(self.units) == 1 else f"{len(self.units)}-units"

    def details(self, since: datetime, until: datetime) -> dict[str, object]:
        """What the audit says of them, besides the subject."""
        period: dict[str, object] = {"from": since.isoformat(), "to": until.isoformat()}
        return (
            period if len(self.units) == 1 and self.grid is None else period | {"units": self.codes}
        )

    @property
    def codes(self) -> list[str]:
        return [unit.code for unit in self.units]


def find_whom(
    conn: Connection,
    grid_indexes: GridIndexes,
    caller: Caller,
    *,
    units: str | None,
    grid: str | None,
) -> Whom:
    """Those of `units` or `grid`. Raises InvalidInput unless it is one of the two, NotFound, and
    NotPermitted for a unit or grid that is not one of the caller's."""
    if (units is None) == (grid is None):
        raise InvalidInput("Ask for units=GW-001,GW-002 or for grid=CODE.", field="units")
    if units is not None:
        codes = dict.fromkeys(units.split(","))
        return Whom(units=[find_unit(conn, code, caller.viewer) for code in codes])
    assert grid is not None
    index = grid_indexes.active(conn)
    if index is None:
        raise NotFound("No grid edition is active; import and activate one.", field="grid")
    below = index.tree.subtree([grid])
    if not caller.scope.covers(grid):
        raise NotPermitted(f"Grid {grid} is not one of yours.", field="grid")
    return Whom(units=units_at_home_in(conn, below, caller.viewer), grid=grid)
