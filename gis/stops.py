"""Where a track stands still: exactly the stops of MovingPandas' TrajectoryStopDetector.

Its definition, for fixes in EPSG:4326: a window of fixes is compact when the diagonal of its minimum
rotated rectangle (taken in degrees, measured on the ellipsoid) is under the diameter, and that of
its bounding box under 1.5 times it. The window slides along with less than the minimum duration in
it; once compact it grows until a fix breaks it, and is a stop if it lasted.

MovingPandas does this fix by fix in Python, over the whole window each time. Here bounds decide most
windows: the rectangle's diagonal lies between functions of the bounding box, and bounding boxes are
cheap for all windows at once. Only in between is the rectangle itself asked for, of GEOS as
MovingPandas does, so that the last digit agrees. A hot path, measured by benchmarks/track.py.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString
from shapely.geometry.base import BaseGeometry

from gis.geodesy import WGS84, metres_per_degree
from gis.ranges import spans

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Verdicts = NDArray[np.int8]

_NO, _YES, _MAYBE = 0, 1, 2
_BOX_FACTOR = 1.5
_MARGIN = 0.01
"""Share by which the bounds may err: they take a degree's length at one end of the window."""
_CHUNKS = (16, 64, 256, 1024)
_BATCHES = (4, 16, 64)
_SHORT = 32
"""Windows of so many fixes are cheaper to ask about together than one by one."""


def stop_ranges(
    t_us: IntArray, lon: FloatArray, lat: FloatArray, *, diameter_m: float, duration_us: int
) -> IntArray:
    """Return the first and last fix of each stop, shape (stops, 2).

    Times are in microseconds and do not descend; lon and lat are in EPSG:4326.
    """
    if len(t_us) < 2:
        return np.empty((0, 2), np.int64)
    # Where the window that ends at a fix begins once it slides: with less than the duration in it,
    # or two fixes.
    last = np.arange(len(t_us))
    younger = np.searchsorted(t_us, t_us - duration_us, side="right")
    slid = np.minimum(younger, last - 1).clip(0)
    growing = _GrowingWindows(lon, lat, diameter_m)
    sliding = _SlidingWindows(growing, slid)
    stops = []
    start, end = 0, 1
    while end < len(t_us):
        slides_from = max(end, int(np.searchsorted(slid, start)))
        compact = growing.first_compact(start, end, slides_from)
        if compact is None:
            compact = sliding.first_compact(slides_from)
        if compact is None:
            break
        start = max(start, slid.item(compact))
        broken = growing.first_broken(start, compact)
        if t_us[broken - 1] - t_us[start] >= duration_us:
            stops.append((start, broken - 1))
            start = broken
        end = broken + 1
    return np.array(stops, np.int64).reshape(-1, 2)


class _GrowingWindows:
    """Windows that begin at one fix and end at one fix after the other."""

    def __init__(self, lon: FloatArray, lat: FloatArray, diameter_m: float) -> None:
        self.lonlat = np.column_stack([lon, lat])
        self.diameter_m = diameter_m
        self._per_lon, self._per_lat = metres_per_degree(lat)

    def first_compact(self, start: int, end: int, stop: int) -> int | None:
        """Return the first of end, ..., stop - 1 at which the window is compact."""
        for at, verdicts in self._verdicts(start, end, stop):
            for index in np.flatnonzero(verdicts).tolist():
                last = at + index
                if verdicts[index] == _YES or self._is_compact(self._outline(start, last), last):
                    return last
            if verdicts[-1] == _NO:
                break  # what is too large only grows
        return None

    def first_broken(self, start: int, end: int) -> int:
        """Return the first fix after `end` with which the compact window is no longer compact.

        A fix inside the convex hull of those before changes nothing, so that only the others, which
        are few, need a new rectangle.
        """
        hull: BaseGeometry | None = None
        for at, verdicts in self._verdicts(start, end + 1, len(self.lonlat)):
            unsure = np.flatnonzero(verdicts != _YES)
            position = unsure.item(0) if len(unsure) else len(verdicts)
            while position < len(verdicts):
                last = at + position
                if verdicts[position] == _NO:
                    return last
                hull = shapely.convex_hull(self._outline(start, last, hull))
                if not self._is_compact(hull, last):
                    return last
                start = last + 1
                x, y = self.lonlat[start : at + len(verdicts)].T
                outside = np.flatnonzero(~shapely.intersects_xy(hull, x, y))
                position += 1 + (outside.item(0) if len(outside) else len(x))
        return len(self.lonlat)

    def judge(self, width: FloatArray, height: FloatArray, end: IntArray | slice) -> Verdicts:
        """Say of windows whether they are compact, from their bounding boxes (degrees).

        Let L be the diagonal of the minimum rotated rectangle. The rectangle's sides are no longer
        than the box's diagonal B and its area no larger than the box's, so
        L² <= B² + (width * height / B)². It holds every fix, so L >= width and L >= height.
        """
        per_lon, per_lat = self._per_lon[end], self._per_lat[end]
        box = np.hypot(width, height)
        across = np.divide(width * height, box, out=np.zeros_like(box), where=box > 0)
        at_most_m = np.hypot(box, across) * np.maximum(per_lon, per_lat)
        at_least_m = np.maximum(width, height) * np.minimum(per_lon, per_lat)
        box_m = np.hypot(width * per_lon, height * per_lat)
        too_large = at_least_m > self.diameter_m * (1 + _MARGIN)
        too_large |= box_m > _BOX_FACTOR * self.diameter_m * (1 + _MARGIN)
        verdicts = np.full(len(box), _MAYBE, np.int8)
        verdicts[at_most_m < self.diameter_m * (1 - _MARGIN)] = _YES
        verdicts[too_large] = _NO
        return verdicts

    def _settle(self, start: int, end: int, verdicts: Verdicts) -> None:
        """Ask GEOS of all doubtful windows up to the first that is too large, in one go."""
        no = np.flatnonzero(verdicts == _NO)
        doubtful = np.flatnonzero(verdicts[: no.item(0) if len(no) else None] == _MAYBE)
        if len(doubtful):
            last = doubtful + end
            verdicts[doubtful] = self.are_compact(np.full(len(last), start), last)

    def are_compact(self, first: IntArray, last: IntArray) -> BoolArray:
        """Ask GEOS, of windows with at least two fixes."""
        each, fix = spans(first, last)
        outlines = np.asarray(shapely.linestrings(self.lonlat[fix], indices=each))
        return self._are_compact(outlines, last)

    def _are_compact(self, outlines: NDArray[np.object_], last: IntArray) -> BoolArray:
        """Ask GEOS, of geometries that have the convex hulls of the windows ending at `last`."""
        envelopes = shapely.oriented_envelope(outlines)
        corners, envelope = shapely.get_coordinates(envelopes, return_index=True)
        bounds = np.searchsorted(envelope, np.arange(len(outlines) + 1))
        # Five corners of a rectangle or two ends of a line (of no length, if need be).
        a = bounds[:-1]
        b = np.where(np.diff(bounds) == 5, a + 2, bounds[1:] - 1)
        compact = self._are_under(self.diameter_m, corners[a], corners[b], last)
        box = shapely.bounds(outlines)
        box_limit_m = _BOX_FACTOR * self.diameter_m
        return compact & self._are_under(box_limit_m, box[:, :2], box[:, 2:], last)

    def _are_under(self, limit_m: float, a: FloatArray, b: FloatArray, last: IntArray) -> BoolArray:
        """Say which distances are under the limit; only the close ones are measured exactly."""
        across, along = (b - a).T
        about_m = np.hypot(across * self._per_lon[last], along * self._per_lat[last])
        under: BoolArray = about_m < limit_m
        close = np.abs(about_m - limit_m) <= _MARGIN * limit_m
        if close.any():
            _, _, exactly_m = WGS84.inv(*a[close].T, *b[close].T)
            under[close] = exactly_m < limit_m
        return under

    def _is_compact(self, outline: BaseGeometry, last: int) -> bool:
        """Ask GEOS, of one window: the same as `_are_compact`, without arrays of one."""
        corners = shapely.get_coordinates(shapely.oriented_envelope(outline)).tolist()
        west, south, east, north = outline.bounds
        return self._is_under(
            self.diameter_m, corners[0], corners[2 if len(corners) == 5 else -1], last
        ) and self._is_under(_BOX_FACTOR * self.diameter_m, (west, south), (east, north), last)

    def _is_under(self, limit_m: float, a: Sequence[float], b: Sequence[float], last: int) -> bool:
        per_lon, per_lat = self._per_lon.item(last), self._per_lat.item(last)
        about_m = math.hypot((b[0] - a[0]) * per_lon, (b[1] - a[1]) * per_lat)
        if abs(about_m - limit_m) > _MARGIN * limit_m:
            return about_m < limit_m
        _, _, exactly_m = WGS84.inv(a[0], a[1], b[0], b[1])
        return float(exactly_m) < limit_m

    def _outline(self, first: int, last: int, hull: BaseGeometry | None = None) -> BaseGeometry:
        """Return a line through the fixes, and the hull of those before: GEOS makes it quickest."""
        fixes = self.lonlat[first : last + 1]
        if hull is not None:
            fixes = np.vstack([shapely.get_coordinates(hull), fixes])
        return LineString(fixes)

    def _verdicts(self, start: int, end: int, stop: int) -> Iterator[tuple[int, Verdicts]]:
        """Judge the windows from `start` to end, ..., stop - 1, in chunks that become larger."""
        low = self.lonlat[start:end].min(axis=0)
        high = self.lonlat[start:end].max(axis=0)
        sizes = iter(_CHUNKS)
        size = 0
        while end < stop:
            size = next(sizes, size)
            chunk = slice(end, min(end + size, stop))
            fixes = self.lonlat[chunk]
            lows = np.minimum(np.minimum.accumulate(fixes), low)
            highs = np.maximum(np.maximum.accumulate(fixes), high)
            width, height = (highs - lows).T
            verdicts = self.judge(width, height, chunk)
            if chunk.stop - start <= _SHORT:
                self._settle(start, end, verdicts)
            yield end, verdicts
            low, high, end = lows[-1], highs[-1], chunk.stop


class _SlidingWindows:
    """The windows that end at every fix and begin where time has moved them."""

    def __init__(self, growing: _GrowingWindows, starts: IntArray) -> None:
        self._growing = growing
        self._starts = starts
        ends = np.arange(len(starts))
        width, height = _extents(growing.lonlat, starts, ends).T
        self._verdicts = growing.judge(width, height, ends)
        self._hopeful = np.flatnonzero(self._verdicts)

    def first_compact(self, end: int) -> int | None:
        """Return the first fix from `end` on at which the window is compact."""
        sizes = iter(_BATCHES)
        size = 0
        for position in range(int(np.searchsorted(self._hopeful, end)), len(self._hopeful)):
            fix = self._hopeful.item(position)
            if self._verdicts[fix] == _MAYBE:
                size = next(sizes, size)
                batch = self._hopeful[position : position + size]
                batch = batch[self._verdicts[batch] == _MAYBE]
                self._verdicts[batch] = self._growing.are_compact(self._starts[batch], batch)
            if self._verdicts[fix] == _YES:
                return fix
        return None


def _extents(values: FloatArray, starts: IntArray, ends: IntArray) -> FloatArray:
    """Return max - min of values[start..end] for each window, by columns.

    A sparse table: two overlapping stretches of a power of two cover any window.
    """
    power = np.frexp(ends - starts + 1)[1] - 1
    extents = np.empty((len(starts), values.shape[1]))
    low = high = values
    for exponent in range(int(power.max()) + 1):
        if exponent:
            step = 1 << (exponent - 1)
            low = np.minimum(low[:-step], low[step:])
            high = np.maximum(high[:-step], high[step:])
        mine = np.flatnonzero(power == exponent)
        a, b = starts[mine], ends[mine] - (1 << exponent) + 1
        extents[mine] = np.maximum(high[a], high[b]) - np.minimum(low[a], low[b])
    return extents
