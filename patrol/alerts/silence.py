"""Silence: a device of which nothing is heard while its unit is on duty. Pure.

This is the clock's to say and not the fixes': it is about what the server heard in time. Fixes that come
later, from a phone that had no network, do not make it unsaid.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from patrol.alerts.alert import Episode, Kind
from patrol.alerts.reconciling import Changes
from patrol.tracking.presence import Thresholds


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """What is known of a unit: since when it is on duty (None: it is not, until `off_duty_at`), and its
    latest fix. `alert_id` and `silent_since` are of the alert of its silence that is open."""

    unit_id: int
    on_duty_since: datetime | None
    off_duty_at: datetime | None
    at: datetime | None
    lon: float | None
    lat: float | None
    interval_s: float | None
    alert_id: int | None
    silent_since: datetime | None


def silence_of(unit: Heard, now: datetime, thresholds: Thresholds) -> Episode | None:
    """Nothing was heard since the last fix, or since duty began when that was later, for so long that
    the unit counts as offline."""
    if unit.on_duty_since is None:
        return None
    since = unit.on_duty_since if unit.at is None else max(unit.at, unit.on_duty_since)
    noticed_at = since + timedelta(seconds=thresholds.offline_after_s(unit.interval_s))
    if noticed_at >= now:
        return None
    return Episode(
        unit_id=unit.unit_id,
        kind=Kind.SILENT,
        begun_at=since,
        last_at=noticed_at,
        lon=unit.lon,
        lat=unit.lat,
    )


def silence_changes(units: list[Heard], now: datetime, thresholds: Thresholds) -> Changes:
    """What begins and what is over: with the first fix after it, or with duty."""
    begun: list[Episode] = []
    amended: list[tuple[int, Episode]] = []
    for unit in units:
        silence = silence_of(unit, now, thresholds)
        if unit.alert_id is not None and unit.silent_since is not None:
            if silence is not None and silence.begun_at == unit.silent_since:
                continue
            amended.append((unit.alert_id, _over(unit, unit.silent_since, now)))
        if silence is not None:
            begun.append(silence)
    return Changes(begun=tuple(begun), amended=tuple(amended))


def _over(unit: Heard, since: datetime, now: datetime) -> Episode:
    ends = [at for at in (unit.at, unit.off_duty_at) if at is not None and at > since]
    ended_at = min(ends, default=now)
    return Episode(
        unit_id=unit.unit_id,
        kind=Kind.SILENT,
        begun_at=since,
        last_at=since,
        ended_at=ended_at,
        lon=unit.lon,
        lat=unit.lat,
    )
