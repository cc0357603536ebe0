"""Beats: the part of the road network that one unit patrols, with its places and the ways between."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np
from numpy.typing import NDArray

from data.demo.land.parcels import FIELD_EDGE, Ints
from data.demo.land.plane import Floats
from data.demo.land.roads import RoadNetwork
from data.demo.land.scatter import far_apart
from data.demo.land.ways import MAIN, MINOR, PATH, TRUNK

# How much longer a metre feels: people on foot keep off the trunk road and prefer lanes to fields.
ON_FOOT: Mapping[str, float] = {TRUNK: 1.6, MAIN: 1.1, MINOR: 1.0, PATH: 1.0, FIELD_EDGE: 1.4}
ON_WHEELS: Mapping[str, float] = {TRUNK: 1.0, MAIN: 1.0, MINOR: 1.15}
# A road on the border belongs to the neighbours as well; people keep to their own side.
_BORDER = 2.5


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Tree:
    """Shortest ways from one place: how far every node feels, and the step before it."""

    cost: dict[int, float]
    came_from: dict[int, tuple[int, int]]  # node -> (edge, node before)


class Beat:
    """Edges that may be used, and `places` worth visiting: nodes well inside, far from each other.

    `weights` is the cost of a metre by kind of road; a kind that is not there is not used. `home` are
    indices of level-2 grids; None is the whole network. A beat is the largest connected part of what
    they leave over, and remembers the ways it has found.
    """

    def __init__(
        self,
        network: RoadNetwork,
        weights: Mapping[str, float],
        *,
        places: int,
        home: frozenset[int] | None = None,
        rng: np.random.Generator,
    ) -> None:
        self.network = network
        usable = np.isin(network.kinds, list(weights))
        inner = (network.sides >= 0).all(axis=1)
        if home is not None:
            mine = np.isin(network.sides, list(home))
            usable &= mine.any(axis=1)
            inner = mine.all(axis=1)
        factor = np.array([weights.get(kind, 0.0) for kind in network.kinds.tolist()])
        cost = network.lengths * factor * np.where(inner, 1.0, _BORDER)
        self._links: dict[int, list[tuple[int, int, float]]] = defaultdict(list)
        for edge in np.flatnonzero(usable).tolist():
            a, b = network.ends[edge].tolist()
            self._links[a].append((b, edge, float(cost[edge])))
            self._links[b].append((a, edge, float(cost[edge])))
        self._trees: dict[int, _Tree] = {}
        self.places = self._choose_places(usable & inner, usable & ~inner, places, rng)

    def _choose_places(
        self,
        inside: NDArray[np.bool_],
        border: NDArray[np.bool_],
        count: int,
        rng: np.random.Generator,
    ) -> Ints:
        ends = self.network.ends
        nodes = np.setdiff1d(ends[inside], ends[border])
        connected = self._largest_part()
        nodes = nodes[[node in connected for node in nodes.tolist()]]
        chosen = far_apart(self.network.nodes[nodes], min(count, len(nodes)), rng)
        found: Ints = nodes[chosen]
        return found

    def _largest_part(self) -> set[int]:
        best: set[int] = set()
        left = set(self._links)
        while left:
            start = min(left)
            part, stack = {start}, [start]
            while stack:
                for other, _, _ in self._links[stack.pop()]:
                    if other not in part:
                        part.add(other)
                        stack.append(other)
            left -= part
            best = max(best, part, key=len)
        return best

    def distances(self, start: int) -> Floats:
        """How far each of `places` feels from the node `start`, in metres of easy road."""
        cost = self._tree(start).cost
        return np.array([cost.get(place, np.inf) for place in self.places.tolist()])

    def way(self, start: int, end: int) -> Floats:
        """The vertices (n, 2) of the shortest way between two nodes, both included."""
        came_from = self._tree(start).came_from
        pieces = [self.network.nodes[end][None]]
        node = end
        while node != start:
            edge, before = came_from[node]
            line = self.network.lines[edge]
            forward = int(self.network.ends[edge, 0]) == before
            pieces.append(line[:-1] if forward else line[:0:-1])
            node = before
        return np.vstack(pieces[::-1])

    def nearest_place(self, x: float, y: float) -> int:
        """The node of the place nearest to a point of the plane."""
        apart = np.hypot(*(self.network.nodes[self.places] - (x, y)).T)
        return int(self.places[apart.argmin()])

    def _tree(self, start: int) -> _Tree:
        tree = self._trees.get(start)
        if tree is None:
            tree = self._trees[start] = self._grow_tree(start)
        return tree

    def _grow_tree(self, start: int) -> _Tree:
        cost: dict[int, float] = {}
        came_from: dict[int, tuple[int, int]] = {}
        queue = [(0.0, start, -1, -1)]
        while queue:
            reached, node, edge, before = heappop(queue)
            if node in cost:
                continue
            cost[node] = reached
            came_from[node] = edge, before
            for other, link, step in self._links[node]:
                if other not in cost:
                    heappush(queue, (reached + step, other, link, node))
        return _Tree(cost=cost, came_from=came_from)
