"""Passages: when a track came how near to a place."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPoint

from gis.geodesy import local_projection

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_CLOCK_S = 1e-3
"""Rounding: what is so close in time is one passage."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """From `from_s` to `to_s` a track was within the radius, at `closest_s` nearest, `closest_m` away.

    `interpolated`: it has no fix inside; a straight way from the fix before to the one after leads
    through.
    """

    from_s: float
    to_s: float
    closest_s: float
    closest_m: float
    interpolated: bool


def find_passages(
    t_s: FloatArray,
    lon: FloatArray,
    lat: FloatArray,
    *,
    line: IntArray,
    place: tuple[float, float],
    radius_m: float,
    period_s: tuple[float, float],
) -> tuple[Passage, ...]:
    """Return the passages within `radius_m` (at most some kilometres) of a place (lon, lat), in the
    order of time, of fixes in EPSG:4326 with ascending times; of the period up to before its end.

    Between two fixes of one `line` (its number, for each fix) a unit goes straight and evenly; of the
    way from one line to the next nothing is known. Distances are those on the ellipsoid to 1e-7: they
    are taken in the plane around the place.
    """
    if not len(t_s):
        return ()
    plane = local_projection(*place)
    xy = shapely.get_coordinates(plane.to_metres(MultiPoint(np.column_stack([lon, lat]))))

    distance_m = np.hypot(*xy.T)
    since_s, until_s = period_s
    fix = (distance_m <= radius_m) & (t_s >= since_s) & (t_s < until_s)
    begin, end, closest_s, closest_m = _on_legs(t_s, xy, line, radius_m, period_s)
    # A fix is a passage of no length, which those of the legs around it join.
    begin, end = np.append(begin, t_s[fix]), np.append(end, t_s[fix])
    closest_s, closest_m = np.append(closest_s, t_s[fix]), np.append(closest_m, distance_m[fix])
    is_fix = np.append(np.zeros(len(begin) - np.count_nonzero(fix), bool), fix[fix])
    if not len(begin):
        return ()

    order = np.lexsort((closest_s, begin))
    begin, end, is_fix = begin[order], end[order], is_fix[order]
    closest_s, closest_m = closest_s[order], closest_m[order]
    apart = np.ones(len(begin), bool)
    apart[1:] = begin[1:] > np.maximum.accumulate(end)[:-1] + _CLOCK_S
    starts = np.flatnonzero(apart)
    passages = []
    for first, after in zip(starts.tolist(), [*starts[1:].tolist(), len(begin)], strict=True):
        nearest = first + int(np.argmin(closest_m[first:after]))
        passages.append(
            Passage(
                from_s=begin.item(first),
                to_s=float(end[first:after].max()),
                closest_s=closest_s.item(nearest),
                closest_m=closest_m.item(nearest),
                interpolated=not is_fix[first:after].any(),
            )
        )
    return tuple(passages)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Shares:
    """Of straight ways, as shares of their lengths, beyond their ends too: from where to where they are
    within a radius, and where they are closest. A way that does not come near is so nowhere."""

    enter: FloatArray
    leave: FloatArray
    closest: FloatArray
    comes_near: NDArray[np.bool_]


def shares_within(begin: FloatArray, way: FloatArray, radius_m: float) -> Shares:
    """Of ways that begin at `begin`, as seen from a place, and lead along `way` (metres, in a plane): at
    the share u of it |begin + u way|² <= r² between the roots of a quadratic."""
    square = np.einsum("ij,ij->i", way, way)
    moves = square > 0
    divisor = np.where(moves, square, 1.0)
    middle = np.where(moves, -np.einsum("ij,ij->i", begin, way) / divisor, 0.0)
    across = np.einsum("ij,ij->i", begin, begin) - np.where(moves, middle**2 * square, 0.0)
    room = radius_m**2 - across
    half = np.where(moves, np.sqrt(np.maximum(room, 0) / divisor), np.inf)
    return Shares(enter=middle - half, leave=middle + half, closest=middle, comes_near=room >= 0)


def _on_legs(
    t_s: FloatArray,
    xy: FloatArray,
    line: IntArray,
    radius_m: float,
    period_s: tuple[float, float],
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Begin, end, and time and distance of the closest approach, of each leg that comes near."""
    since_s, until_s = period_s
    leg_s = np.diff(t_s)
    known = (np.diff(line) == 0) & (leg_s > 0)
    leg = np.flatnonzero(known & (t_s[:-1] < until_s) & (t_s[1:] >= since_s))
    a, way, leg_s = xy[leg], xy[leg + 1] - xy[leg], leg_s[leg]
    # Clipped to the period first: u from `low` to `high`.
    low = np.clip((since_s - t_s[leg]) / leg_s, 0, 1)
    high = np.clip((until_s - t_s[leg]) / leg_s, 0, 1)
    share = shares_within(a, way, radius_m)
    enter, leave = np.maximum(share.enter, low), np.minimum(share.leave, high)
    near = np.flatnonzero(share.comes_near & (enter <= leave))
    closest = np.clip(share.closest, enter, leave)[near]
    at = a[near] + closest[:, None] * way[near]
    begun, lasts = t_s[leg[near]], leg_s[near]
    return (
        begun + enter[near] * lasts,
        begun + leave[near] * lasts,
        begun + closest * lasts,
        np.hypot(*at.T),
    )
