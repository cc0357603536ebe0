"""Areas as edges between vertices: which are shared, nodes put into them, and areas made of them again.

Coordinates are degrees (EPSG:4326) and are never computed anew where a vertex is there already, so that
what was shared stays shared to the last bit.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPolygon, Polygon

from gis.polygons import polygonal

FloatArray = NDArray[np.float64]
Vertex = tuple[float, float]
Edge = tuple[Vertex, Vertex]
"""Without a direction: the lesser vertex first."""

ON_THE_BORDER_DEG = 1e-9
"""A tenth of a millimetre: a computed point so near to an edge was meant to lie on it."""

_SAME_AREA = 1e-9


def edge(a: Vertex, b: Vertex) -> Edge:
    return (a, b) if a <= b else (b, a)


def edges_of(area: MultiPolygon | Polygon) -> set[Edge]:
    """The edges of all rings."""
    return {edge(a, b) for ring in rings_of(area) for a, b in itertools.pairwise(ring)}


def rings_of(area: MultiPolygon | Polygon) -> list[list[Vertex]]:
    """The rings as closed lists of vertices, outer and inner."""
    polygons = area.geoms if isinstance(area, MultiPolygon) else (area,)
    return [
        [(x, y) for x, y in np.asarray(ring.coords)[:, :2].tolist()]
        for polygon in polygons
        for ring in (polygon.exterior, *polygon.interiors)
    ]


def vertices_of(area: MultiPolygon | Polygon) -> set[Vertex]:
    return {vertex for ring in rings_of(area) for vertex in ring}


def with_nodes(area: MultiPolygon, nodes: Sequence[Vertex]) -> MultiPolygon:
    """The area with those nodes in its rings that lie on an edge and are no vertex yet; the same object
    where there is none."""
    changed = False
    polygons: list[Polygon] = []
    for polygon in area.geoms:
        rings = [
            _ring_with_nodes(np.asarray(ring.coords)[:, :2], nodes)
            for ring in (polygon.exterior, *polygon.interiors)
        ]
        if any(done for _, done in rings):
            changed = True
            polygons.append(Polygon(rings[0][0], [ring for ring, _ in rings[1:]]))
        else:
            polygons.append(polygon)
    return MultiPolygon(polygons) if changed else area


def _ring_with_nodes(ring: FloatArray, nodes: Sequence[Vertex]) -> tuple[FloatArray, bool]:
    done = False
    for node in nodes:
        here = np.asarray(node)
        if bool((ring == here).all(axis=1).any()):
            continue
        distance, _ = _distances(here, ring[:-1], ring[1:])
        nearest = int(distance.argmin())
        if distance[nearest] <= ON_THE_BORDER_DEG:
            ring, done = np.insert(ring, nearest + 1, here, axis=0), True
    return ring, done


def nearest_on(point: Vertex, edges: FloatArray) -> tuple[float, Vertex]:
    """The distance in degrees to the nearest of the edges, (n, 4), and the place on it."""
    distance, place = _distances(np.asarray(point), edges[:, :2], edges[:, 2:])
    nearest = int(distance.argmin())
    x, y = place[nearest].tolist()
    return float(distance[nearest]), (x, y)


def _distances(point: FloatArray, a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    along = b - a
    length2 = (along**2).sum(axis=1)
    share = ((point - a) * along).sum(axis=1) / np.where(length2 == 0, 1.0, length2)
    place = a + np.clip(share, 0.0, 1.0)[:, None] * along
    return np.hypot(*(place - point).T), place


def faces(edges: Iterable[Edge]) -> list[Polygon]:
    """The areas that edges enclose, which meet at their ends only."""
    made = shapely.polygonize([LineString(each) for each in sorted(edges)])
    return [face for face in made.geoms if isinstance(face, Polygon)]


def faces_in(area: MultiPolygon, cuts: Iterable[Edge]) -> list[Polygon]:
    """The pieces of an area that edges inside it cut it into."""
    shapely.prepare(area)
    return [
        face
        for face in faces(edges_of(area) | set(cuts))
        if area.contains(face.representative_point())
    ]


def directed_edges(face: Polygon) -> set[Edge]:
    """The edges of the rings with the area on the left of each."""
    return {
        (a, b)
        for ring in rings_of(shapely.orient_polygons(face))
        for a, b in itertools.pairwise(ring)
    }


def chains(edges: Iterable[Edge], stops: Iterable[Vertex]) -> list[list[Edge]]:
    """The edges in chains that end where they branch, at the end of all, or at one of `stops`."""
    around: defaultdict[Vertex, list[Edge]] = defaultdict(list)
    left = dict.fromkeys(sorted(edges))
    for each in left:
        for vertex in each:
            around[vertex].append(each)
    ends = {vertex for vertex, meeting in around.items() if len(meeting) != 2} | set(stops)
    found: list[list[Edge]] = []
    starts = [vertex for vertex in sorted(around) if vertex in ends] + sorted(around)
    for start in starts:
        for first in around[start]:
            if first not in left:
                continue
            chain, vertex = [first], first[1] if first[0] == start else first[0]
            del left[first]
            while vertex not in ends and (
                following := [each for each in around[vertex] if each in left]
            ):
                chain.append(following[0])
                del left[following[0]]
                a, b = following[0]
                vertex = b if a == vertex else a
            found.append(chain)
    return found


def dissolve(areas: Sequence[MultiPolygon]) -> MultiPolygon:
    """The areas as one, with all their vertices. Areas that do not share their vertices are overlaid."""
    total = sum(area.area for area in areas)
    with suppress(shapely.errors.GEOSException):  # they overlap in a way that it cannot cope with
        whole = polygonal(shapely.coverage_union_all(areas))
        if whole.is_valid and abs(whole.area - total) <= _SAME_AREA * total:
            return whole
    return polygonal(shapely.union_all(areas))
