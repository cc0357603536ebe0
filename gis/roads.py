"""Roads cut into pieces, and which of them a track comes by."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiLineString, MultiPoint

from gis.geodesy import LocalProjection, local_projection
from gis.passages import shares_within
from gis.ranges import spans

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

PIECE_M = 50.0
_AT_ONCE = 100_000
"""Legs of a track: each is a geometry for a moment."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Pieces:
    """Pieces of roads, each by its middle, in metres in a `plane`."""

    plane: LocalProjection
    middle: FloatArray

    def __len__(self) -> int:
        return len(self.middle)

    def place(self, number: int) -> tuple[float, float]:
        """The middle of a piece (lon, lat)."""
        [place] = shapely.get_coordinates(
            self.plane.to_degrees(MultiPoint(self.middle[number : number + 1]))
        ).tolist()
        return place[0], place[1]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Approaches:
    """Columns of equal length: from `from_s` to `to_s` a track was near the middle of a `piece`, on the
    leg that begins with the fix `after`."""

    piece: IntArray
    from_s: FloatArray
    to_s: FloatArray
    after: IntArray


def cut_into_pieces(roads: MultiLineString, *, piece_m: float = PIECE_M) -> Pieces:
    """Return the pieces of lines in EPSG:4326: each line is cut into equal ones that are as nearly
    `piece_m` long as they can be. Where two lines go on as one they are taken for one."""
    west, south, east, north = roads.bounds
    plane = local_projection((west + east) / 2, (south + north) / 2)
    lines: NDArray[Any] = shapely.get_parts(shapely.line_merge(plane.to_metres(roads)))
    length_m = shapely.length(lines)
    pieces = np.maximum(np.rint(length_m / piece_m), 1).astype(np.int64)
    line, number = spans(np.zeros_like(pieces), pieces - 1)
    at_m = (number + 0.5) * (length_m / pieces)[line]
    return Pieces(
        plane=plane,
        middle=shapely.get_coordinates(shapely.line_interpolate_point(lines[line], at_m)),
    )


def pieces_along(
    t_s: FloatArray,
    lon: FloatArray,
    lat: FloatArray,
    *,
    line: IntArray,
    pieces: Pieces,
    width_m: float,
) -> Approaches:
    """Return the pieces whose middles lie within `width_m` of fixes (EPSG:4326) or of the straight way
    between two of one `line` (its number, for each fix; times ascend in it, and it has two fixes or
    more). A piece may be named several times."""
    xy = np.empty((0, 2))
    if len(t_s):
        xy = shapely.get_coordinates(
            pieces.plane.to_metres(MultiPoint(np.column_stack([lon, lat])))
        )
    leg = np.flatnonzero(np.diff(line) == 0)
    tree = shapely.STRtree(shapely.get_parts(MultiPoint(pieces.middle)))
    near = [np.empty((2, 0), np.int64)]
    for start in range(0, len(leg), _AT_ONCE):
        some = leg[start : start + _AT_ONCE]
        ways = shapely.linestrings(np.stack([xy[some], xy[some + 1]], axis=1))
        pairs = tree.query(ways, predicate="dwithin", distance=width_m)
        near.append(np.vstack([some[pairs[0]], pairs[1]]))
    after, piece = np.hstack(near)
    share = shares_within(xy[after] - pieces.middle[piece], xy[after + 1] - xy[after], width_m)
    begun, lasts = t_s[after], t_s[after + 1] - t_s[after]
    enter, leave = np.clip(share.enter, 0, 1), np.clip(share.leave, 0, 1)
    return Approaches(
        piece=piece, from_s=begun + enter * lasts, to_s=begun + leave * lasts, after=after
    )
