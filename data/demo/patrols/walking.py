"""Walkers: units on patrol, going from place to place of their beat and pausing on the way."""

from dataclasses import dataclass

import numpy as np

from data.demo.land.plane import Floats
from data.demo.patrols.beats import Beat


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How somebody moves. `reach_m` is the usual way to the next place.

    At a place they pause for `stop_s` (from, to) with the chance `stop_share`, else for `glance_s`.
    """

    speed_mps: tuple[float, float]
    reach_m: float
    stop_share: float
    stop_s: tuple[float, float] = (300.0, 900.0)
    glance_s: tuple[float, float] = (10.0, 60.0)


WALK = Pace(speed_mps=(1.0, 1.4), reach_m=350.0, stop_share=0.3)
RIDE = Pace(speed_mps=(3.0, 5.0), reach_m=1_100.0, stop_share=0.4)
DRIVE = Pace(speed_mps=(8.0, 12.0), reach_m=2_600.0, stop_share=0.45)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Motion:
    """Where somebody is at given times: metres of the plane, m/s, degrees clockwise from north.

    While they stand, `speed_mps` is 0 and `heading_deg` is NaN.
    """

    points: Floats
    speed_mps: Floats
    heading_deg: Floats


class Walker:
    """Somebody on patrol from `began_s` (seconds since the epoch) on.

    The itinerary is drawn as far as it is asked for and depends on nothing but the generator, so a
    month of history and a live simulation walk alike. Ask for times in growing order.
    """

    def __init__(
        self,
        beat: Beat,
        pace: Pace,
        rng: np.random.Generator,
        *,
        began_s: float,
        start: int | None = None,
    ) -> None:
        self._beat = beat
        self._pace = pace
        self._rng = rng
        self._node = int(rng.choice(beat.places)) if start is None else start
        self._times: Floats = np.array([began_s])
        self._points: Floats = beat.network.nodes[self._node][None]
        self._pause(*pace.glance_s)

    def motion(self, times_s: Floats) -> Motion:
        """Where they are at `times_s`, none before the earliest asked for the last time."""
        legs = [(self._times, self._points)]
        reached = float(self._times[-1])
        while reached <= times_s[-1]:
            legs.append(self._leg(reached))
            reached = float(legs[-1][0][-1])
        times = np.concatenate([leg[0] for leg in legs])
        points = np.vstack([leg[1] for leg in legs])
        found = _moving(times, points, times_s)
        # What lies before the last time asked for is not needed again.
        keep = max(0, int(np.searchsorted(times, times_s[-1], side="right")) - 1)
        self._times, self._points = times[keep:], points[keep:]
        return found

    def _pause(self, shortest_s: float, longest_s: float) -> None:
        until = self._times[-1] + self._rng.uniform(shortest_s, longest_s)
        self._times = np.append(self._times, until)
        self._points = np.vstack([self._points, self._points[-1:]])

    def _leg(self, leaves_s: float) -> tuple[Floats, Floats]:
        """The way to the next place and the pause there: times and points after the one it leaves."""
        pace, rng = self._pace, self._rng
        target = self._next_place()
        line = self._beat.way(self._node, target)
        self._node = target
        steps = np.hypot(*np.diff(line, axis=0).T)
        times = leaves_s + np.cumsum(steps) / rng.uniform(*pace.speed_mps)
        stays = rng.uniform(*(pace.stop_s if rng.random() < pace.stop_share else pace.glance_s))
        last = times[-1] if len(times) else leaves_s
        return np.append(times, last + stays), np.vstack([line[1:], line[-1:]])

    def _next_place(self) -> int:
        apart = self._beat.distances(self._node) / self._pace.reach_m
        likely = np.where(apart > 0, apart * np.exp(-apart), 0.0)
        total = likely.sum()
        if total <= 0.0:
            return self._node
        return int(self._rng.choice(self._beat.places, p=likely / total))


def _moving(times: Floats, points: Floats, wanted: Floats) -> Motion:
    steps = np.diff(points, axis=0)
    seconds = np.maximum(np.diff(times), 1e-9)
    leg = np.clip(np.searchsorted(times, wanted, side="right") - 1, 0, len(steps) - 1)
    share = np.clip((wanted - times[leg]) / seconds[leg], 0.0, 1.0)
    walked = np.hypot(*steps.T)[leg]
    heading = np.degrees(np.arctan2(steps[leg, 0], steps[leg, 1])) % 360.0
    return Motion(
        points=points[leg] + steps[leg] * share[:, None],
        speed_mps=walked / seconds[leg],
        heading_deg=np.where(walked > 0.0, heading, np.nan),
    )
