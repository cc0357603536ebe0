"""Bringing the stored alerts of a time in line with what its fixes now say. Pure.

A late fix may move the beginning of an episode, join two of them, or show that there was none. The
alert stays the same alert as long as it is about some of the same time, for somebody may have acted on
it. What turns out not to have been is withdrawn, and never deleted: the record says what people were
told.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from patrol.alerts.alert import Episode, Kind, Stored
from patrol.alerts.shifts import FOR_EVER


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """What to write: `amended` are alerts by their id, with what they are about from now on."""

    begun: tuple[Episode, ...] = ()
    amended: tuple[tuple[int, Episode], ...] = ()
    withdrawn: tuple[int, ...] = ()

    @classmethod
    def together(cls, several: Iterable["Changes"]) -> "Changes":
        listed = list(several)
        return cls(
            begun=tuple(one for changes in listed for one in changes.begun),
            amended=tuple(one for changes in listed for one in changes.amended),
            withdrawn=tuple(one for changes in listed for one in changes.withdrawn),
        )

    def __bool__(self) -> bool:
        return bool(self.begun or self.amended or self.withdrawn)


def reconcile(stored: Iterable[Stored], episodes: Iterable[Episode]) -> Changes:
    """Each episode takes the alert that is about some of the same time: first one that somebody acted
    on, then the earliest. Alerts that no episode takes are withdrawn."""
    free: defaultdict[object, list[Stored]] = defaultdict(list)
    for alert in stored:
        free[alert.episode.is_about].append(alert)
    begun, amended = [], []
    for episode in sorted(episodes, key=lambda episode: episode.begun_at):
        alerts = free[episode.is_about]
        fitting = [alert for alert in alerts if _overlap(alert.episode, episode)]
        if not fitting:
            begun.append(episode)
            continue
        alert = min(fitting, key=_preference)
        alerts.remove(alert)
        if alert.withdrawn or _differ(alert.episode, episode):
            amended.append((alert.id, episode))
    left = [alert.id for alerts in free.values() for alert in alerts if not alert.withdrawn]
    return Changes(begun=tuple(begun), amended=tuple(amended), withdrawn=tuple(left))


def _preference(alert: Stored) -> tuple[bool, bool, datetime, int]:
    return not alert.acted_on, alert.withdrawn, alert.episode.begun_at, alert.id


def _overlap(one: Episode, other: Episode) -> bool:
    if one.begun_at == other.begun_at:
        return True
    return one.begun_at < _end(other) and other.begun_at < _end(one)


def _end(episode: Episode) -> datetime:
    return episode.ended_at or FOR_EVER


def _differ(one: Episode, other: Episode) -> bool:
    """When it was last seen to be so matters of calls for help only: what lasts is seen all the time."""
    return (one.begun_at, one.ended_at, one.lon, one.lat) != (
        other.begun_at,
        other.ended_at,
        other.lon,
        other.lat,
    ) or (one.kind is Kind.SOS and one.last_at != other.last_at)
