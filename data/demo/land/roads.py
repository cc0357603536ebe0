"""The network people walk and drive on: roads, lanes, tracks and the paths along fields."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data.basemap import BasemapFeature
from data.demo.land.parcels import Ints, Parcels
from data.demo.land.plane import Floats
from data.demo.land.ways import MAIN, MINOR, PATH, TRUNK, WATERWAYS

_BANK_M = 4.0
_SHORTEST_M = 5.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class RoadNetwork:
    """A connected graph in metres of the plane.

    Edge j joins nodes `ends[j]` along `lines[j]` (vertices, first at `ends[j, 0]`). `kinds[j]` is a
    kind of road or "field_edge" for a path that only feet know; `sides[j]` are the indices of the
    level-2 grids on both sides, -1 outside the town. `names[j]` is the road's name, if it has one.
    """

    nodes: Floats
    ends: Ints
    lines: tuple[Floats, ...]
    lengths: Floats
    kinds: NDArray[np.str_]
    names: tuple[str | None, ...]
    sides: Ints

    def junctions(self, *kinds: str) -> Ints:
        """Nodes where at least three edges of these kinds meet."""
        meeting = self.ends[np.isin(self.kinds, kinds)]
        return np.flatnonzero(np.bincount(meeting.ravel(), minlength=len(self.nodes)) >= 3)


def build_roads(parcels: Parcels, owner: Ints, streams: Iterable[BasemapFeature]) -> RoadNetwork:
    """Every edge between parcels that is not water; bridges carry roads only, not lanes or paths."""
    banks = shapely.buffer(shapely.union_all([stream.geometry for stream in streams]), _BANK_M)
    shapely.prepare(banks)
    sides = np.where(parcels.sides >= 0, owner[parcels.sides], -1)
    on_land = ~np.isin(parcels.kinds, list(WATERWAYS)) & (sides >= 0).any(axis=1)
    bridged = np.isin(parcels.kinds, (TRUNK, MAIN, MINOR))
    wet = shapely.intersects(banks, parcels.edges)
    pieces: list[tuple[int, Floats]] = []
    for edge in np.flatnonzero(on_land):
        line = parcels.edges[edge]
        if wet[edge] and not bridged[edge]:
            line = shapely.difference(line, banks)
        for part in shapely.get_parts(line):
            if part.length > _SHORTEST_M or not wet[edge]:
                pieces.append((int(edge), shapely.get_coordinates(part)))
    return _largest_part(_network(pieces, parcels, sides))


def _network(pieces: list[tuple[int, Floats]], parcels: Parcels, sides: Ints) -> RoadNetwork:
    tips = np.array([(line[0], line[-1]) for _, line in pieces]).reshape(-1, 2)
    nodes, index = np.unique(np.round(tips, 3), axis=0, return_inverse=True)
    edges = np.array([edge for edge, _ in pieces])
    lines = tuple(line for _, line in pieces)
    return RoadNetwork(
        nodes=nodes,
        ends=index.reshape(-1, 2),
        lines=lines,
        lengths=np.array([float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines]),
        kinds=parcels.kinds[edges],
        names=tuple(parcels.ways[way].name for way in parcels.way_of[edges]),
        sides=sides[edges],
    )


def _largest_part(network: RoadNetwork) -> RoadNetwork:
    neighbours: dict[int, list[int]] = defaultdict(list)
    for a, b in network.ends.tolist():
        neighbours[a].append(b)
        neighbours[b].append(a)
    part = np.full(len(network.nodes), -1)
    for start in range(len(network.nodes)):
        if part[start] >= 0:
            continue
        part[start] = start
        stack = [start]
        while stack:
            for other in neighbours[stack.pop()]:
                if part[other] < 0:
                    part[other] = start
                    stack.append(other)
    kept_nodes = part == np.bincount(part).argmax()
    kept = np.flatnonzero(kept_nodes[network.ends[:, 0]])
    renumbered = np.cumsum(kept_nodes) - 1
    return RoadNetwork(
        nodes=network.nodes[kept_nodes],
        ends=renumbered[network.ends[kept]],
        lines=tuple(network.lines[edge] for edge in kept),
        lengths=network.lengths[kept],
        kinds=network.kinds[kept],
        names=tuple(network.names[edge] for edge in kept),
        sides=network.sides[kept],
    )


def draw_roads(parcels: Parcels, streams: Iterable[BasemapFeature]) -> list[BasemapFeature]:
    """One feature for each road, in metres; tracks and lanes stop at the water's edge."""
    banks = shapely.buffer(shapely.union_all([stream.geometry for stream in streams]), _BANK_M)
    features = []
    for kind in (PATH, MINOR, MAIN, TRUNK):
        of_kind = np.flatnonzero(parcels.kinds == kind)
        order = of_kind[np.argsort(parcels.way_of[of_kind], kind="stable")]
        ways, starts = np.unique(parcels.way_of[order], return_index=True)
        for way, edges in zip(ways, np.split(order, starts[1:]), strict=True):
            line: BaseGeometry = shapely.line_merge(shapely.union_all(parcels.edges[edges]))
            if kind == PATH and shapely.intersects(line, banks):
                line = shapely.difference(line, banks)
            if not line.is_empty:
                name = parcels.ways[way].name
                features.append(
                    BasemapFeature(kind="road", category=kind, name=name, geometry=line)
                )
    return features
