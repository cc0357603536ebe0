"""A drawn line, fitted to the borders that it meets."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import LineString, MultiPolygon

from gis.errors import InvalidInput
from gis.geodesy import metres_per_degree
from gis.redivision.edges import Edge, FloatArray, Vertex, edge, nearest_on

MOST_VERTICES = 10_000
SNAP_M = 0.5
"""How near to a border a drawn line is meant to be on it, unless said otherwise."""
MOST_SNAP_M = 50.0


@dataclass(frozen=True, kw_only=True, slots=True)
class FittedLine:
    """A line whose every meeting with a border is a vertex of it. `nodes` are the places on edges of the
    borders where there is no vertex yet; put them in before the line is used."""

    vertices: tuple[Vertex, ...]
    nodes: tuple[Vertex, ...]

    @property
    def ends(self) -> tuple[Vertex, Vertex]:
        return self.vertices[0], self.vertices[-1]

    def steps_inside(self, area: MultiPolygon, outline: set[Edge]) -> list[Edge]:
        """Its steps from vertex to vertex, in its direction, that run through the area and not along
        its outline."""
        steps = [
            step
            for step in zip(self.vertices, self.vertices[1:], strict=False)
            if edge(*step) not in outline
        ]
        middles = np.array([np.add(*step) / 2 for step in steps]).reshape(-1, 2)
        inside = shapely.contains_xy(area, middles[:, 0], middles[:, 1])
        return [step for step, is_in in zip(steps, inside.tolist(), strict=True) if is_in]


def read_line(coordinates: Sequence[Sequence[float]]) -> LineString:
    """A line (EPSG:4326). Raises InvalidInput when it is none or crosses itself."""
    try:
        line = LineString([(float(x), float(y)) for x, y, *_ in coordinates])
    except (ValueError, TypeError, shapely.errors.GEOSException) as error:
        raise InvalidInput(
            "This is not a line. Send two or more positions, each lon and lat.", field="line"
        ) from error
    if not 2 <= len(line.coords) <= MOST_VERTICES or line.length == 0:
        raise InvalidInput(
            f"A line has from 2 to {MOST_VERTICES:,} positions that differ.", field="line"
        )
    if not np.isfinite(np.asarray(line.coords)).all():
        raise InvalidInput("A position of the line is not a number.", field="line")
    west, south, east, north = line.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise InvalidInput(
            "The line is not on the earth. Send lon before lat, in degrees.", field="line"
        )
    if not line.is_simple:
        raise InvalidInput("The line crosses itself. Draw it without a loop.", field="line")
    return line


def fit(line: LineString, borders: Iterable[Edge], *, snap_m: float) -> FittedLine:
    """The line with its vertices on the vertices and edges that are within `snap_m`, with those of the
    borders that it passes so near, and with each place where it crosses one."""
    if not 0 < snap_m <= MOST_SNAP_M:
        raise InvalidInput(f"Snap within 0 to {MOST_SNAP_M:.0f} m.", field="snap_m")
    # A degree of latitude is the longer one: the tolerance is never exceeded.
    snap_deg = snap_m / metres_per_degree(line.centroid.y)[1]
    near = shapely.buffer(line, 2 * snap_deg)
    segments = np.array([(*a, *b) for a, b in borders])
    if len(segments):
        lines = shapely.linestrings(segments.reshape(-1, 2, 2))
        segments = segments[shapely.intersects(lines, near)]
    if not len(segments):
        raise InvalidInput(
            "The line meets no border of these grids. Draw it from border to border.", field="line"
        )
    return _Fitting(segments, snap_deg).fit(
        [(x, y) for x, y in np.asarray(line.coords)[:, :2].tolist()]
    )


class _Fitting:
    def __init__(self, segments: FloatArray, snap_deg: float) -> None:
        self._segments = segments
        self._snap_deg = snap_deg
        self._corners = np.unique(segments.reshape(-1, 2), axis=0)
        self._nodes: list[Vertex] = []

    def fit(self, line: Sequence[Vertex]) -> FittedLine:
        snapped = [self._snap(vertex) for vertex in line]
        fitted: list[Vertex] = [snapped[0]]
        for start, end in itertools.pairwise(snapped):
            for vertex in [*self._between(start, end), end]:
                if vertex != fitted[-1]:
                    fitted.append(vertex)
        if len(fitted) < 2 or not LineString(fitted).is_simple:
            raise InvalidInput(
                "Fitted to the borders, the line folds up. Draw it farther from them, or snap less.",
                field="line",
            )
        return FittedLine(vertices=tuple(fitted), nodes=tuple(dict.fromkeys(self._nodes)))

    def _snap(self, vertex: Vertex) -> Vertex:
        corner = self._corner_near(vertex)
        if corner is not None:
            return corner
        distance, place = nearest_on(vertex, self._segments)
        return self._node(place) if distance <= self._snap_deg else vertex

    def _corner_near(self, vertex: Vertex) -> Vertex | None:
        corners = np.vstack([self._corners, *self._nodes]) if self._nodes else self._corners
        distance = np.hypot(*(corners - vertex).T)
        nearest = int(distance.argmin())
        if distance[nearest] > self._snap_deg:
            return None
        x, y = corners[nearest].tolist()
        return x, y

    def _node(self, place: Vertex) -> Vertex:
        self._nodes.append(place)
        return place

    def _between(self, start: Vertex, end: Vertex) -> list[Vertex]:
        """What a step of the line passes, in order: corners near it, and crossings of edges."""
        step = np.array([(*start, *end)])
        length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
        passed: dict[Vertex, float] = {}
        # Nodes too that steps before it have made.
        for x, y in [*self._corners.tolist(), *self._nodes]:
            distance, place = nearest_on((x, y), step)
            if distance <= self._snap_deg:
                passed[x, y] = float(np.hypot(place[0] - start[0], place[1] - start[1]))
        for share, place in self._crossings(start, end):
            if self._corner_near(place) is None:
                passed[self._node(place)] = share * length
        ordered = sorted(passed, key=lambda vertex: passed[vertex])
        return [each for each in ordered if each not in (start, end)]

    def _crossings(self, start: Vertex, end: Vertex) -> list[tuple[float, Vertex]]:
        a, b = self._segments[:, :2], self._segments[:, 2:]
        step, along, apart = np.subtract(end, start), b - a, a - np.asarray(start)
        cross = step[0] * along[:, 1] - step[1] * along[:, 0]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (apart[:, 0] * along[:, 1] - apart[:, 1] * along[:, 0]) / cross
            on_edge = (apart[:, 0] * step[1] - apart[:, 1] * step[0]) / cross
        found = np.flatnonzero((share > 0) & (share < 1) & (on_edge > 0) & (on_edge < 1))
        places = a[found] + on_edge[found, None] * along[found]
        return [
            (s, (x, y)) for s, (x, y) in zip(share[found].tolist(), places.tolist(), strict=True)
        ]
