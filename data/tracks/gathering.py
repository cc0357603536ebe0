"""Gathering the fixes of a file: what is none is refused, and times become unique."""

from datetime import UTC, datetime, timedelta

import numpy as np

from data.tracks.measured import Measured
from data.tracks.track import RefusedPart, Track

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MILLISECOND_US = 1000
_MOST_AT_ONCE = 1000


class Gathering:
    """The fixes of one file, added in its order; `track` is all of them.

    Loggers' clocks are coarser than their fixes: several positions can have one time. All are kept, the
    k-th of a time (from 0) k milliseconds past it or, where another is already, at the next millisecond;
    that comes out the same however often the file is read. Not so where times are `exact`: then the
    first of a time stays, and another place is refused. One with the time and place of an earlier one
    only counts as a repeat. What is later than `now` or earlier than `since` is refused.
    """

    def __init__(
        self, *, now: datetime, since: datetime | None = None, exact: bool = False
    ) -> None:
        self._exact = exact
        self._latest_us = _microseconds(now)
        self._earliest_us = None if since is None else _microseconds(since)
        self._fixes: list[tuple[int, float, float, Measured, int]] = []
        self._refused: list[RefusedPart] = []
        self._repeats = 0
        self._places_of: dict[int, list[tuple[float, float]]] = {}
        self._taken: set[int] = set()

    def refuse(self, number: int, reason: str) -> None:
        self._refused.append(RefusedPart(number=number, reason=reason))

    def add(self, number: int, at: datetime, lon: float, lat: float, measured: Measured) -> None:
        """`number` is which part of the file this is."""
        try:
            self._add(number, _microseconds(at), lon, lat, measured)
        except ValueError as error:
            self.refuse(number, str(error))

    def _add(self, number: int, at_us: int, lon: float, lat: float, measured: Measured) -> None:
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):  # NaN neither
            raise ValueError(f"latitude {lat:g}, longitude {lon:g} is not on the earth")
        if lat == lon == 0:
            raise ValueError("0, 0 is where a receiver is that does not know its place")
        if at_us > self._latest_us:
            raise ValueError("its time is in the future")
        if self._earliest_us is not None and at_us < self._earliest_us:
            raise ValueError("it is older than what this server keeps")
        places = self._places_of.setdefault(at_us, [])
        if (lon, lat) in places:
            self._repeats += 1
            return
        if places and self._exact:
            raise ValueError("the unit was elsewhere at that time")
        if len(places) == _MOST_AT_ONCE:
            raise ValueError(f"there are {_MOST_AT_ONCE} fixes of its time already")
        own_us = at_us + len(places) * _MILLISECOND_US
        while own_us in self._taken:
            own_us += _MILLISECOND_US
        places.append((lon, lat))
        self._taken.add(own_us)
        self._fixes.append((own_us, lon, lat, measured, number))

    def track(self, *, part: str) -> Track:
        """`part` is what the file has of them: a line, a point."""
        at, lons, lats, measured, numbers = (
            zip(*self._fixes, strict=True) if self._fixes else ((),) * 5
        )
        return Track(
            at=np.array(at, np.int64).view("M8[us]"),
            lon=np.array(lons, np.float64),
            lat=np.array(lats, np.float64),
            measured=np.array(measured, np.float32).reshape(-1, len(Measured._fields)),
            number=np.array(numbers, np.int32),
            repeats=self._repeats,
            refused=tuple(self._refused),
            part=part,
        )


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND
