"""Presence: what a unit is doing, told by its latest position and the clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    MOVING = "moving"
    STILL = "still"
    STALE = "stale"
    OFFLINE = "offline"
    SOS = "sos"
    OFF_DUTY = "off_duty"


@dataclass(frozen=True, kw_only=True, slots=True)
class Thresholds:
    """When a unit counts as what.

    A fix is one of a moving unit at `moving_mps` and more; where the device tells no speed, when it
    lies `moved_m` from the one before, which must not be older than `gap_s`.

    Silence is judged by how often the device reports (`patrol.tracking.intervals`): one that reports
    every five minutes is not stale after two. What counts is the longer of the fixed time and so many
    of the device's own intervals, of which none counts for more than `longest_interval_s`.
    """

    moving_mps: float = 0.7
    moved_m: float = 30.0  # more than the noise of a phone that lies still
    gap_s: float = 600.0
    still_s: float = 60.0  # not seen moving for so long: still
    stale_s: float = 120.0  # no fix for so long
    offline_s: float = 600.0
    stale_intervals: float = 2.5
    offline_intervals: float = 6.0
    longest_interval_s: float = 1800.0
    sos_s: float = 900.0  # a call for help stands for so long after its last fix

    def stale_after_s(self, interval_s: float | None) -> float:
        """How long a unit may be silent that usually reports every `interval_s`; None is unknown."""
        return max(self.stale_s, self.stale_intervals * self._interval_s(interval_s))

    def offline_after_s(self, interval_s: float | None) -> float:
        return max(self.offline_s, self.offline_intervals * self._interval_s(interval_s))

    def _interval_s(self, interval_s: float | None) -> float:
        return min(interval_s or 0.0, self.longest_interval_s)


def state_of(
    *,
    at: datetime,
    moved_at: datetime,
    sos_at: datetime | None,
    on_duty: bool,
    now: datetime,
    thresholds: Thresholds,
    interval_s: float | None = None,
) -> State:
    """The state at `now` of a unit whose latest fix is of `at` and that usually reports every
    `interval_s`.

    A call for help comes before everything: it stands even when the unit falls silent or goes off
    duty. Off duty comes before silence, which is then as it should be.
    """
    if sos_at is not None and now - sos_at <= timedelta(seconds=thresholds.sos_s):
        return State.SOS
    if not on_duty:
        return State.OFF_DUTY
    silent = now - at
    if silent > timedelta(seconds=thresholds.offline_after_s(interval_s)):
        return State.OFFLINE
    if silent > timedelta(seconds=thresholds.stale_after_s(interval_s)):
        return State.STALE
    if at - moved_at <= timedelta(seconds=thresholds.still_s):
        return State.MOVING
    return State.STILL
