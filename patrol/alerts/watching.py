"""Watching one unit's fixes of one shift: which alerts they give. Pure.

A shift begins without a memory and ends everything, so what it gives is a function of its own fixes. It
may be watched in parts, each beginning with the memory of the one before; the memory is kept when the
shift is over, for there may be more of its fixes on the way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from patrol.alerts.alert import Episode, Kind
from patrol.alerts.conditions import Over, Pending, Seen, Sign, Signs, follow
from patrol.alerts.rules import Rules
from patrol.alerts.standing import stand
from patrol.alerts.zones import Zone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_AREA = "area "


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """What is pending between two parts, by what it is about."""

    pending: dict[str, Pending] = {}


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class AreaZone:
    """An area that concerns the unit, from when to when."""

    zone: Zone
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Ground:
    """The places that matter for a unit: its home grid, if it has one, and areas by their id."""

    home: Zone | None
    areas: Mapping[int, AreaZone]


def watch(
    unit_id: int,
    memory: Memory,
    seen: Seen,
    ground: Ground,
    rules: Rules,
    *,
    ended_at: datetime | None,
) -> tuple[Memory, Sequence[Episode]]:
    """The memory after the fixes, and the episodes that have begun by then, but for those that ended in
    an earlier part. `ended_at` is when the shift ended, None while it lasts."""
    before = dict(memory.pending)
    episodes: list[Episode] = []
    pending: dict[str, Pending] = {}

    def take(key: str, kept: Pending | None, over: Sequence[Over], end: datetime | None) -> None:
        before.pop(key, None)
        episodes.extend(_episode(unit_id, key, one.pending, instant(one.ended_us)) for one in over)
        if kept is not None:
            pending[key] = kept
            if kept.raised:
                episodes.append(_episode(unit_id, key, kept, end))

    if ground.home is not None:
        outside_m = ground.home.outside_m(seen.lon, seen.lat)
        signs = _left(outside_m, seen, rules)
        followed = follow(
            before.get(Kind.LEFT_GRID),
            signs,
            seen,
            begin_s=rules.left_s,
            end_s=rules.returned_s,
            measure=outside_m,
        )
        take(Kind.LEFT_GRID, *followed, ended_at)
    for area_id, area in ground.areas.items():
        key = f"{_AREA}{area_id}"
        part = seen.part(_valid(area, seen))
        signs = _entered(area.zone.outside_m(part.lon, part.lat), part, rules)
        followed = follow(
            before.get(key), signs, part, begin_s=rules.entered_s, end_s=rules.exited_s
        )
        take(key, *followed, _earlier(ended_at, area.valid_to))
    followed = follow(
        before.get(Kind.LOW_BATTERY),
        _low(seen, rules),
        seen,
        begin_s=0,
        end_s=0,
        measure=seen.battery_pct,
    )
    take(Kind.LOW_BATTERY, *followed, ended_at)
    take(Kind.STILL, *stand(before.get(Kind.STILL), seen, rules), ended_at)
    for key, gone in before.items():  # what it was about is no concern of the unit any more
        if gone.raised:
            episodes.append(_episode(unit_id, key, gone, instant(gone.last_us)))
    return Memory(pending=pending), episodes


def instant(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)


def instant_to_us(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _left(outside_m: NDArray[np.float64], seen: Seen, rules: Rules) -> Signs:
    signs = np.full(len(seen), Sign.BETWEEN, np.int8)
    signs[outside_m - seen.accuracy_m > rules.left_m] = Sign.HOLDS
    signs[outside_m == 0] = Sign.CLEAR
    signs[seen.accuracy_m > rules.worst_accuracy_m] = Sign.UNKNOWN
    return signs


def _entered(outside_m: NDArray[np.float64], seen: Seen, rules: Rules) -> Signs:
    signs = np.full(len(seen), Sign.BETWEEN, np.int8)
    signs[outside_m == 0] = Sign.HOLDS
    signs[outside_m - seen.accuracy_m > rules.exit_m] = Sign.CLEAR
    signs[seen.accuracy_m > rules.worst_accuracy_m] = Sign.UNKNOWN
    return signs


def _low(seen: Seen, rules: Rules) -> Signs:
    signs = np.full(len(seen), Sign.BETWEEN, np.int8)
    signs[seen.battery_pct <= rules.low_battery_pct] = Sign.HOLDS
    signs[seen.battery_pct >= max(rules.charged_pct, rules.low_battery_pct + 1)] = Sign.CLEAR
    signs[np.isnan(seen.battery_pct)] = Sign.UNKNOWN
    return signs


def _valid(area: AreaZone, seen: Seen) -> NDArray[np.bool_]:
    valid: NDArray[np.bool_] = seen.at_us >= instant_to_us(area.valid_from)
    if area.valid_to is not None:
        valid &= seen.at_us < instant_to_us(area.valid_to)
    return valid


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)


def _episode(unit_id: int, key: str, of: Pending, ended_at: datetime | None) -> Episode:
    kind, area_id = Kind.ENTERED_AREA, None
    if key.startswith(_AREA):
        area_id = int(key.removeprefix(_AREA))
    else:
        kind = Kind(key)
    details: dict[str, Any] = {}
    if kind is Kind.LOW_BATTERY:
        details["battery_pct"] = of.measure
    return Episode(
        unit_id=unit_id,
        kind=kind,
        area_id=area_id,
        begun_at=instant(of.since_us),
        last_at=instant(of.last_us),
        ended_at=ended_at,
        lon=of.lon,
        lat=of.lat,
        details=details,
    )
