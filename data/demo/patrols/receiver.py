"""What a phone or a vehicle terminal makes of a motion: fixes with errors, and a battery that drains."""

from dataclasses import dataclass

import numpy as np

from data.demo.land.plane import Floats, Plane
from data.demo.patrols.walking import Motion

_CORRELATION_S = 45.0
_GROUND_M = 23.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FixColumns:
    """Fixes of one unit, one entry a fix, in the order of time. NaN is unknown."""

    at_s: Floats
    lon: Floats
    lat: Floats
    accuracy_m: Floats
    speed_mps: Floats
    heading_deg: Floats
    altitude_m: Floats
    battery_pct: Floats

    def __len__(self) -> int:
        return len(self.at_s)


class Receiver:
    """The errors of one device. They drift: two fixes a few seconds apart err alike.

    `error_m` is the usual error in metres. A vehicle has no battery of its own: `drain_pct_h` is 0.
    """

    def __init__(
        self,
        plane: Plane,
        rng: np.random.Generator,
        *,
        error_m: float,
        drain_pct_h: float,
    ) -> None:
        self._plane = plane
        self._rng = rng
        self._error_m = error_m
        self._drain_pct_h = drain_pct_h
        self._battery_pct = rng.uniform(78.0, 100.0) if drain_pct_h else np.nan
        self._offset = rng.normal(0.0, error_m / np.sqrt(2), 2)
        self._last_s: float | None = None

    def fixes(self, times_s: Floats, motion: Motion) -> FixColumns:
        """One fix for each time; times follow those asked for before."""
        count = len(times_s)
        since_s = np.diff(times_s, prepend=times_s[0] if self._last_s is None else self._last_s)
        self._last_s = float(times_s[-1])
        errors = self._errors(since_s)
        lon, lat = self._plane.to_lonlat(motion.points + errors).T
        rng = self._rng
        reported: Floats = (
            np.hypot(*errors.T) * 0.6 + self._error_m * rng.lognormal(0.0, 0.2, count) * 0.7
        )
        moving = motion.speed_mps > 0.0
        speed: Floats = np.where(moving, motion.speed_mps * rng.normal(1.0, 0.06, count), 0.0)
        heading = (motion.heading_deg + rng.normal(0.0, 6.0, count)) % 360.0
        battery: Floats = self._battery_pct - self._drain_pct_h * np.cumsum(since_s) / 3_600.0
        self._battery_pct = float(battery[-1])
        return FixColumns(
            at_s=times_s,
            lon=lon,
            lat=lat,
            accuracy_m=reported.clip(2.5, 25.0).round(1),
            speed_mps=speed.clip(0.0).round(2),
            heading_deg=np.round(heading, 1) % 360.0,
            altitude_m=np.round(_GROUND_M + rng.normal(0.0, 1.5, count), 1),
            battery_pct=battery.clip(3.0).round(1),
        )

    def _errors(self, since_s: Floats) -> Floats:
        """A first-order autoregression: white noise whose memory fades within a minute."""
        memory = np.exp(-since_s / _CORRELATION_S)
        fresh = np.sqrt(1.0 - memory**2) * self._error_m / np.sqrt(2)
        shocks = self._rng.normal(0.0, 1.0, (len(since_s), 2)) * fresh[:, None]
        x, y = self._offset.tolist()
        errors = np.empty((len(since_s), 2))
        for index, (keep, (east, north)) in enumerate(
            zip(memory.tolist(), shocks.tolist(), strict=True)
        ):
            x, y = keep * x + east, keep * y + north
            errors[index] = x, y
        self._offset = np.array([x, y])
        return errors
