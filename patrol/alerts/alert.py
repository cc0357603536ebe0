"""An alert: something about a unit, or about a round of a patrol plan, that somebody should look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Kind(StrEnum):
    SOS = "sos"
    LEFT_GRID = "left_grid"
    ENTERED_AREA = "entered_area"
    SILENT = "silent"
    STILL = "still"
    LOW_BATTERY = "low_battery"
    MISSED_CHECKPOINT = "missed_checkpoint"
    NOT_PATROLLED = "not_patrolled"


FROM_FIXES = (Kind.LEFT_GRID, Kind.ENTERED_AREA, Kind.STILL, Kind.LOW_BATTERY)
"""Worked out of a unit's fixes alone, whenever these arrive."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Episode:
    """A time in which something was so with a unit, from `begun_at` on; `ended_at` is None while it is.

    `last_at` is when it was last seen to be so. `lon` and `lat` (WGS-84) are where it began; None where
    nobody knows.
    """

    unit_id: int
    kind: Kind
    begun_at: datetime
    last_at: datetime
    ended_at: datetime | None = None
    lon: float | None = None
    lat: float | None = None
    area_id: int | None = None
    details: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_about(self) -> tuple[int, Kind, int | None]:
        """Of these three together at most one alert is open."""
        return self.unit_id, self.kind, self.area_id


@dataclass(frozen=True, kw_only=True, slots=True)
class Stored:
    """The alert that was made of an episode. `acted_on`: somebody has acknowledged it or made a case of
    it. `withdrawn`: later fixes have shown that it was not so."""

    id: int
    episode: Episode
    acted_on: bool
    withdrawn: bool
