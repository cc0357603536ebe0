"""The land cut into parcels: town blocks, village blocks and fields, as one planar graph.

Everything with an area in the town is a union of parcels, so neighbours share the very same vertices
and borders run along roads, banks and the edges of fields, as borders do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray
from shapely import LineString, Polygon, STRtree

from data.demo.land.curves import bent
from data.demo.land.plane import Floats
from data.demo.land.settlements import CORE_RADIUS_M, Settlement
from data.demo.land.skeleton import Skeleton
from data.demo.land.ways import PATH, Way

Objects = NDArray[np.object_]
Ints = NDArray[np.int64]

FIELD_EDGE = "field_edge"

# Land is cut a little past the border, so that roads and fields do not end at it.
_SURROUNDINGS_M = 700.0
_URBAN_M2, _VILLAGE_M2, _FIELD_M2 = 15_000.0, 8_500.0, 85_000.0
# Cutting a larger piece of land than this leaves a track that people use.
_TRACK_M2 = 420_000.0
# Vertices fall on a grid of this size: so far apart, rounding to degrees cannot turn a triangle over.
_GRID_M = 0.25
_THIN_M = 36.0
# No parcel is so many times longer than wide.
_SLENDER = 4.0
# No field reaches farther into a hamlet than this share of its radius.
_TIP = 0.5
_PRIORITY = ("river", "canal", "trunk", "main", "minor", PATH, FIELD_EDGE)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Parcels:
    """A planar graph: `faces[i]` are polygons, `edges[j]` the lines between them, in metres.

    `sides[j]` holds the faces on both sides of an edge, -1 where there is none; `way_of[j]` is the
    way in `ways` that it is a piece of, and `kinds[j]` that way's kind.
    """

    ways: tuple[Way, ...]

    faces: Objects
    edges: Objects
    way_of: Ints
    kinds: NDArray[np.str_]
    sides: Ints


def cut_parcels(skeleton: Skeleton, rng: np.random.Generator) -> Parcels:
    land = skeleton.outline.buffer(_SURROUNDINGS_M)
    ways = [
        Way(kind=way.kind, line=line)
        for way in skeleton.ways
        for line in shapely.get_parts(shapely.intersection(way.line, land))
    ]
    frame = shapely.union_all([land.exterior, *(way.line for way in ways)])
    for cell in shapely.get_parts(shapely.polygonize(shapely.get_parts(frame))):
        ways.extend(_cuts(cell, skeleton.settlements, rng))
    ways.append(Way(kind=FIELD_EDGE, line=land.exterior))
    return _planar(ways)


def _cuts(
    cell: Polygon, settlements: Sequence[Settlement], rng: np.random.Generator
) -> Iterator[Way]:
    """The lines that halve a cell again and again until its parts are as small as the place asks."""
    hamlets = [place for place in settlements if not place.urban]
    middles = shapely.points([(place.x, place.y) for place in hamlets])
    radius = np.array([place.radius_m for place in hamlets])
    pending = [cell]
    while pending:
        land = pending.pop()
        target = _parcel_m2(land, middles, radius)
        corner, longer, shorter = _box(land)
        slender = np.hypot(*longer) > _SLENDER * np.hypot(*shorter)
        if land.area < target * rng.uniform(0.75, 1.5) and not slender:
            continue
        cutter = _cutter(corner, longer, shorter, rng)
        halves = shapely.get_parts(shapely.ops.split(land, cutter))
        if len(halves) < 2:
            continue
        built = target < 2 * _URBAN_M2
        kind = PATH if built or land.area > _TRACK_M2 else FIELD_EDGE
        for line in shapely.get_parts(shapely.intersection(cutter, land)):
            if isinstance(line, LineString):
                yield Way(kind=kind, line=line)
        pending.extend(halves)


def _parcel_m2(land: Polygon, hamlets: Objects, radius: Floats) -> float:
    """How large parcels are here: small in the core and in hamlets, even if only a tip reaches in."""
    middle = land.centroid
    to_core = np.hypot(middle.x, middle.y) - CORE_RADIUS_M
    from_middle = shapely.distance(hamlets, middle) - radius
    from_edge = shapely.distance(hamlets, land) - _TIP * radius
    to_hamlet = float(np.minimum(from_middle, from_edge).min())
    core = np.interp(to_core, [0, 500], [_URBAN_M2, _FIELD_M2])
    hamlet = np.interp(to_hamlet, [0, 250], [_VILLAGE_M2, _FIELD_M2])
    return float(min(core, hamlet))


def _box(land: Polygon) -> tuple[Floats, Floats, Floats]:
    """A corner of the smallest rectangle around the land, and its longer and shorter side from there."""
    corners = shapely.get_coordinates(land.minimum_rotated_rectangle)
    sides = sorted((corners[1] - corners[0], corners[3] - corners[0]), key=lambda s: np.hypot(*s))
    return corners[0], sides[1], sides[0]


def _cutter(
    corner: Floats, longer: Floats, shorter: Floats, rng: np.random.Generator
) -> LineString:
    """A slightly bent line across the middle of the longer side of a box."""
    middle = corner + longer * (0.5 + rng.uniform(-0.12, 0.12)) + shorter / 2
    half = shorter * 0.6 + longer * rng.normal(0.0, 0.025)
    ends = np.vstack([middle - half, middle + half])
    return LineString(bent(ends, roughness=0.018, step_m=140.0, rng=rng))


def _planar(ways: Sequence[Way]) -> Parcels:
    lines = np.array([way.line for way in ways])
    edges = shapely.get_parts(shapely.union_all(lines, grid_size=_GRID_M))
    ranks = np.array([_PRIORITY.index(way.kind) for way in ways])
    way_of = _ways_of(edges, lines, ranks)
    faces, kept = _without_slivers(edges, ranks[way_of] >= _PRIORITY.index(PATH))
    sides = _sides(edges[kept], faces)
    kept, sides = kept[(sides >= 0).any(axis=1)], sides[(sides >= 0).any(axis=1)]
    return Parcels(
        ways=tuple(ways),
        faces=faces,
        edges=edges[kept],
        way_of=way_of[kept],
        kinds=np.array(_PRIORITY)[ranks[way_of[kept]]],
        sides=sides,
    )


def _ways_of(edges: Objects, lines: Objects, ranks: Ints) -> Ints:
    """The way each edge is a piece of; where ways coincide, the one that matters most."""
    middles = shapely.line_interpolate_point(edges, 0.5, normalized=True)
    edge, way = STRtree(lines).query(middles, predicate="dwithin", distance=2 * _GRID_M)
    found = np.full(len(edges), len(lines) - 1)
    worst_first = np.lexsort((way, ranks[way]))[::-1]
    found[edge[worst_first]] = way[worst_first]
    return found


def _without_slivers(edges: Objects, loose: NDArray[np.bool_]) -> tuple[Objects, Ints]:
    """The faces and the edges kept, once every thin face has lost its longest loose edge."""
    kept = np.arange(len(edges))
    while True:
        faces = shapely.get_parts(shapely.polygonize(edges[kept]))
        tree = STRtree(edges[kept])
        doomed = set()
        for face in faces[shapely.is_empty(shapely.buffer(faces, -_THIN_M / 2))]:
            around = kept[tree.query(face.boundary, predicate="covers")]
            around = around[loose[around]]
            if len(around):
                doomed.add(int(around[shapely.length(edges[around]).argmax()]))
        if not doomed:
            return faces, kept
        kept = np.setdiff1d(kept, list(doomed))


def _sides(edges: Objects, faces: Objects) -> Ints:
    """The faces beside each edge, found by the segment that ring and edge have in common."""
    points, face = shapely.get_coordinates(faces, return_index=True)
    at = np.round(points / _GRID_M).astype(np.int64)
    inside = face[:-1] == face[1:]
    owners: dict[tuple[int, ...], int] = {}
    for start, end, owner in zip(at[:-1][inside], at[1:][inside], face[:-1][inside], strict=True):
        owners[(*start.tolist(), *end.tolist())] = int(owner)
    sides = np.full((len(edges), 2), -1)
    for index, edge in enumerate(edges):
        (ax, ay), (bx, by) = (
            np.round(shapely.get_coordinates(edge)[:2] / _GRID_M).astype(int).tolist()
        )
        sides[index] = owners.get((ax, ay, bx, by), -1), owners.get((bx, by, ax, ay), -1)
    return sides
