"""The ground of each unit: the zones of its home grid and of the areas that concern it, kept ready."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import shapely

from data.editions import GridIndex, GridIndexes
from patrol.alerts.watching import AreaZone, Ground
from patrol.alerts.zones import Zone


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchedArea:
    """An area and whom it is for: units at home in `grid_code` or below it, of `roles`; None: all."""

    id: int
    grid_code: str | None
    roles: Sequence[str] | None
    geom: bytes
    valid_from: datetime
    valid_to: datetime | None


class Grounds:
    """Safe to use from one thread at a time."""

    def __init__(self, grid_indexes: GridIndexes) -> None:
        self._grid_indexes = grid_indexes
        self._home_zone = lru_cache(maxsize=5_000)(self._make_home_zone)
        self._area_zone = lru_cache(maxsize=1_000)(_make_area_zone)

    def of(
        self,
        homes: Mapping[int, tuple[str | None, str]],
        edition_id: int | None,
        areas: Collection[WatchedArea],
    ) -> Mapping[int, Ground]:
        """The ground of each unit, given its home grid and its role."""
        index = None if edition_id is None else self._grid_indexes.of(edition_id)
        return {
            unit_id: self._ground(home, role, index, areas)
            for unit_id, (home, role) in homes.items()
        }

    def _ground(
        self,
        home: str | None,
        role: str,
        index: GridIndex | None,
        areas: Collection[WatchedArea],
    ) -> Ground:
        known = home if index is not None and home is not None and home in index.tree else None
        chain = (
            frozenset(grid.code for grid in index.tree.chain(known))
            if index is not None and known is not None
            else frozenset[str]()
        )
        return Ground(
            home=None
            if index is None or known is None
            else self._home_zone(index.edition_id, known),
            areas={
                area.id: AreaZone(
                    zone=self._area_zone(area.geom),
                    valid_from=area.valid_from,
                    valid_to=area.valid_to,
                )
                for area in areas
                if (area.grid_code is None or area.grid_code in chain)
                and (area.roles is None or role in area.roles)
            },
        )

    def _make_home_zone(self, edition_id: int, code: str) -> Zone:
        return Zone(self._grid_indexes.of(edition_id).tree[code].geometry)


def _make_area_zone(geom: bytes) -> Zone:
    return Zone(shapely.from_wkb(geom))
