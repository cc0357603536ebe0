"""The present: units on patrol whose fixes come as time goes on, in real time or faster."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from data.demo.patrols.crew import Crew, Patrol
from data.demo.town import Town


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulatedFix:
    """What a unit's device reports.

    `heading_deg` is None while it stands, `battery_pct` is None for a vehicle.
    """

    unit: str
    at: datetime
    lon: float
    lat: float
    accuracy_m: float
    speed_mps: float
    heading_deg: float | None
    altitude_m: float
    battery_pct: float | None


class Simulation:
    """Units of the town on patrol from `began_at` on.

    `units` are their codes; without them, all are out. `last_seen` (lon, lat by code) lets a unit
    begin at the place of its beat that is nearest to where it was.
    """

    def __init__(
        self,
        town: Town,
        *,
        began_at: datetime,
        units: Iterable[str] | None = None,
        last_seen: Mapping[str, tuple[float, float]] | None = None,
        seed: int | None = None,
    ) -> None:
        wanted = None if units is None else frozenset(units)
        began_s = began_at.timestamp()
        root = town.seed if seed is None else seed
        crew = Crew(town)
        self._patrols: dict[str, Patrol] = {}
        for number, unit in enumerate(town.workforce.units):
            if wanted is None or unit.code in wanted:
                rng = np.random.default_rng([root, 4, number, int(began_s)])
                lonlat = None if last_seen is None else last_seen.get(unit.code)
                self._patrols[unit.code] = crew.send(unit, rng, began_s=began_s, lonlat=lonlat)

    @property
    def units(self) -> tuple[str, ...]:
        return tuple(self._patrols)

    def fixes_at(self, at: datetime, units: Iterable[str] | None = None) -> Iterator[SimulatedFix]:
        """One fix of each unit (or of these) at an instant not before the one asked for last."""
        at = at.astimezone(UTC)
        at_s = np.array([at.timestamp()])
        for code in self._patrols if units is None else units:
            patrol = self._patrols[code]
            fix = patrol.receiver.fixes(at_s, patrol.walker.motion(at_s))
            yield SimulatedFix(
                unit=code,
                at=at,
                lon=float(fix.lon[0]),
                lat=float(fix.lat[0]),
                accuracy_m=float(fix.accuracy_m[0]),
                speed_mps=float(fix.speed_mps[0]),
                heading_deg=_known(fix.heading_deg[0]),
                altitude_m=float(fix.altitude_m[0]),
                battery_pct=_known(fix.battery_pct[0]),
            )


def _known(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)
