"""The crew: how each unit of the town moves and what it carries."""

from dataclasses import dataclass

import numpy as np

from data.demo.patrols.beats import ON_FOOT, ON_WHEELS, Beat
from data.demo.patrols.receiver import Receiver
from data.demo.patrols.walking import DRIVE, RIDE, WALK, Pace, Walker
from data.demo.people import DemoUnit
from data.demo.town import Town

_PHONE_ERROR_M, _TERMINAL_ERROR_M = (3.0, 6.5), (2.0, 3.5)
_PHONE_DRAIN_PCT_H = (5.0, 9.0)
_PLACES_IN_GRID, _PLACES_IN_VILLAGE, _PLACES_IN_TOWN = 22, 32, 70


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Patrol:
    """A unit on its way with its device."""

    walker: Walker
    receiver: Receiver


class Crew:
    """Sends units of the town on patrol. Beats are found once and shared by those who work there."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._beats: dict[str | None, Beat] = {}

    def send(
        self,
        unit: DemoUnit,
        rng: np.random.Generator,
        *,
        began_s: float,
        lonlat: tuple[float, float] | None = None,
    ) -> Patrol:
        """A patrol that begins at `began_s` (epoch seconds) near `lonlat`, or somewhere on the beat."""
        vehicle = unit.kind == "vehicle"
        beat = self._beat(unit)
        start = None
        if lonlat is not None:
            x, y = self._town.plane.to_metres(np.array([lonlat]))[0]
            start = beat.nearest_place(float(x), float(y))
        error_m = rng.uniform(*(_TERMINAL_ERROR_M if vehicle else _PHONE_ERROR_M))
        drain = 0.0 if vehicle else rng.uniform(*_PHONE_DRAIN_PCT_H)
        return Patrol(
            walker=Walker(beat, _pace(unit), rng, began_s=began_s, start=start),
            receiver=Receiver(self._town.plane, rng, error_m=error_m, drain_pct_h=drain),
        )

    def _beat(self, unit: DemoUnit) -> Beat:
        if unit.grid_code not in self._beats:
            self._beats[unit.grid_code] = self._find_beat(unit.grid_code)
        return self._beats[unit.grid_code]

    def _find_beat(self, grid_code: str | None) -> Beat:
        """Level-2 grids on foot, their parents too; the whole town on wheels."""
        level_2 = self._town.level_2
        home = frozenset(
            index
            for index, grid in enumerate(level_2)
            if grid_code is None or grid_code in (grid.code, grid.parent_code)
        )
        places = _PLACES_IN_GRID if len(home) == 1 else _PLACES_IN_VILLAGE
        return Beat(
            self._town.roads,
            ON_WHEELS if grid_code is None else ON_FOOT,
            places=_PLACES_IN_TOWN if grid_code is None else places,
            home=home,
            rng=np.random.default_rng([self._town.seed, min(home), len(home)]),
        )


def _pace(unit: DemoUnit) -> Pace:
    if unit.kind == "vehicle":
        return DRIVE
    return RIDE if unit.grid_code is None else WALK
