"""One unit's track: what its fixes say about where it went, stood still and was not heard of.

Everything here depends on the set of fixes, not on the order in which they came. A fix that cannot
be true is flagged and left out of stops, trips and lengths; it is never dropped from the track.
"""

from dataclasses import dataclass
from enum import IntFlag
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gis.errors import InvalidInput
from gis.geodesy import leg_lengths_m
from gis.outliers import unreachable_runs
from gis.stops import stop_ranges

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
FlagArray = NDArray[np.uint8]

_US_PER_S = 1_000_000


class Flag(IntFlag):
    """Why a fix is not believed."""

    INACCURATE = 1
    """Its own accuracy says so."""
    SPEED = 2
    """A lone fix that was reached and left too fast: a spike."""
    JUMP = 4
    """One of several fixes in a row that were reached or left too fast."""
    REPEATED = 8
    """Another fix has the same time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrackParameters:
    """What counts as an outlier, a gap and a stop. Raises InvalidInput for what is not positive."""

    max_accuracy_m: float = 200.0
    """A fix that is less accurate is flagged; one of unknown accuracy is not."""
    max_speed_mps: float = 60.0
    """Faster than this nobody travels (216 km/h)."""
    max_jump_s: float = 120.0
    """Fixes that are somewhere else for longer than this were there."""
    gap_s: float = 300.0
    """Longer between two fixes than this is a gap."""
    stop_diameter_m: float = 100.0
    """A unit stands still while its fixes stay within this (at most 10 km)."""
    stop_s: float = 300.0
    """A stop lasts at least this long."""

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not 0 < getattr(self, name) < np.inf:
                raise InvalidInput(f"{name} must be a positive number.", field=name)
        if self.stop_diameter_m > 10_000:
            raise InvalidInput("A stop is at most 10,000 m wide.", field="stop_diameter_m")


DEFAULT = TrackParameters()


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Track:
    """Fixes in the order of time, as columns of equal length (not to be written to).

    `t_s`: seconds since 1970 UTC; `lon`, `lat`: EPSG:4326; `accuracy_m`: NaN where unknown.
    Raises InvalidInput for columns that differ in length, descend in time or are not finite.
    """

    t_s: FloatArray
    lon: FloatArray
    lat: FloatArray
    accuracy_m: FloatArray

    def __post_init__(self) -> None:
        columns = (self.t_s, self.lon, self.lat, self.accuracy_m)
        if len({column.shape for column in columns}) > 1 or self.t_s.ndim != 1:
            raise InvalidInput("The columns of a track must have the same length.")
        if not all(np.isfinite(column).all() for column in columns[:3]):
            raise InvalidInput("A fix has a time or position that is not a number.")
        if np.any(np.diff(self.t_s) < 0):
            raise InvalidInput("The fixes must be in the order of time. Use Track.of to sort them.")

    @classmethod
    def of(
        cls, t_s: ArrayLike, lon: ArrayLike, lat: ArrayLike, accuracy_m: ArrayLike | None = None
    ) -> Self:
        """Return the track of these fixes, whatever order they are in."""
        columns = [np.asarray(column, np.float64) for column in (t_s, lon, lat)]
        unknown = np.full(columns[0].shape, np.nan)
        columns.append(unknown if accuracy_m is None else np.asarray(accuracy_m, np.float64))
        if len({column.shape for column in columns}) > 1:
            raise InvalidInput("The columns of a track must have the same length.")
        # Fixes of the same time are told apart by the rest: the result must not depend on arrival.
        order = np.lexsort(columns[::-1])
        t_s, lon, lat, accuracy_m = (column[order] for column in columns)
        return cls(t_s=t_s, lon=lon, lat=lat, accuracy_m=accuracy_m)

    def __len__(self) -> int:
        return len(self.t_s)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stop:
    """A stay at one place, from the fix `first` to the fix `last`; lon and lat are medians."""

    first: int
    last: int
    from_s: float
    to_s: float
    lon: float
    lat: float

    @property
    def duration_s(self) -> float:
        """How long it lasted, gaps included."""
        return self.to_s - self.from_s


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """Nothing was heard between the fix `before` and the fix `after`."""

    before: int
    after: int
    from_s: float
    to_s: float

    @property
    def duration_s(self) -> float:
        """How long nothing was heard."""
        return self.to_s - self.from_s


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Trip:
    """A way between stops and gaps, through the `fixes` (indexes into the track, at least two).

    It begins at the last fix of the stop before it and ends at the first fix of the next.
    """

    fixes: IntArray
    from_s: float
    to_s: float
    length_m: float


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class TrackAnalysis:
    """What a track says. `flags` has one entry a fix; all else is about the fixes without a flag.

    moving_s + stopped_s + gap_s is the time from the first of these to the last: a gap inside a
    stop counts as a gap, for nobody knows. `length_m` is that of the trips.
    """

    trips: tuple[Trip, ...]
    stops: tuple[Stop, ...]
    gaps: tuple[Gap, ...]
    flags: FlagArray
    length_m: float
    moving_s: float
    stopped_s: float
    gap_s: float


def flags(track: Track, *, parameters: TrackParameters = DEFAULT) -> FlagArray:
    """Return the `Flag`s of each fix, 0 for one to believe."""
    found = np.zeros(len(track), np.uint8)
    found[track.accuracy_m > parameters.max_accuracy_m] = Flag.INACCURATE
    believed = np.flatnonzero(found == 0)
    repeated = believed[1:][np.diff(track.t_s[believed]) == 0]
    found[repeated] = Flag.REPEATED
    believed = np.flatnonzero(found == 0)
    for first, last in unreachable_runs(
        track.t_s[believed],
        track.lon[believed],
        track.lat[believed],
        max_speed_mps=parameters.max_speed_mps,
        max_run_s=parameters.max_jump_s,
    ):
        found[believed[first : last + 1]] = Flag.SPEED if first == last else Flag.JUMP
    return found


def stops(track: Track, *, parameters: TrackParameters = DEFAULT) -> tuple[Stop, ...]:
    """Return the stops of all fixes, as MovingPandas' TrajectoryStopDetector does.

    Of several fixes of the same time only the first counts, there as here.
    """
    first_of_their_time = np.flatnonzero(np.diff(track.t_s, prepend=-np.inf) > 0)
    return _stops(track, first_of_their_time, parameters)


def gaps(track: Track, *, parameters: TrackParameters = DEFAULT) -> tuple[Gap, ...]:
    """Return where more than `gap_s` lie between two fixes."""
    return _gaps(track, np.arange(len(track)), parameters)


def analyse(track: Track, *, parameters: TrackParameters = DEFAULT) -> TrackAnalysis:
    """Return everything a track says."""
    found_flags = flags(track, parameters=parameters)
    believed = np.flatnonzero(found_flags == 0)
    found_stops = _stops(track, believed, parameters)
    found_gaps = _gaps(track, believed, parameters)

    t_s = track.t_s[believed]
    leg_s = np.diff(t_s)
    leg_m = leg_lengths_m(track.lon[believed], track.lat[believed])
    silent = leg_s > parameters.gap_s
    stopped = np.zeros(len(leg_s), bool)
    for stop in found_stops:
        first, last = np.searchsorted(believed, [stop.first, stop.last])
        stopped[first:last] = True
    moving = ~stopped & ~silent
    edges = np.flatnonzero(np.diff(np.concatenate([[False], moving, [False]])))
    trips = tuple(
        Trip(
            fixes=believed[first : end + 1],
            from_s=t_s.item(first),
            to_s=t_s.item(end),
            length_m=float(leg_m[first:end].sum()),
        )
        for first, end in edges.reshape(-1, 2).tolist()
    )
    return TrackAnalysis(
        trips=trips,
        stops=found_stops,
        gaps=found_gaps,
        flags=found_flags,
        length_m=float(leg_m[moving].sum()),
        moving_s=float(leg_s[moving].sum()),
        stopped_s=float(leg_s[stopped & ~silent].sum()),
        gap_s=float(leg_s[silent].sum()),
    )


def _stops(track: Track, believed: IntArray, parameters: TrackParameters) -> tuple[Stop, ...]:
    t_s, lon, lat = track.t_s[believed], track.lon[believed], track.lat[believed]
    ranges = stop_ranges(
        # Whole microseconds, as PostgreSQL keeps them: differences are exact.
        np.rint(t_s * _US_PER_S).astype(np.int64),
        lon,
        lat,
        diameter_m=parameters.stop_diameter_m,
        duration_us=round(parameters.stop_s * _US_PER_S),
    )
    return tuple(
        Stop(
            first=believed.item(first),
            last=believed.item(last),
            from_s=t_s.item(first),
            to_s=t_s.item(last),
            lon=float(np.median(lon[first : last + 1])),
            lat=float(np.median(lat[first : last + 1])),
        )
        for first, last in ranges.tolist()
    )


def _gaps(track: Track, believed: IntArray, parameters: TrackParameters) -> tuple[Gap, ...]:
    t_s = track.t_s[believed]
    return tuple(
        Gap(
            before=believed.item(before),
            after=believed.item(before + 1),
            from_s=t_s.item(before),
            to_s=t_s.item(before + 1),
        )
        for before in np.flatnonzero(np.diff(t_s) > parameters.gap_s).tolist()
    )
