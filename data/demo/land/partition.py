"""The town divided among its grids: which parcel belongs to which level-2 grid."""

from collections import defaultdict, deque
from collections.abc import Sequence
from heapq import heappop, heappush

import numpy as np
import shapely
from numpy.typing import NDArray

from data.demo.land.parcels import FIELD_EDGE, Parcels
from data.demo.land.plane import Floats
from data.demo.land.settlements import Settlement
from data.demo.land.skeleton import Skeleton
from data.demo.land.ways import CANAL, MAIN, MINOR, PATH, RIVER, TRUNK

OUTSIDE = -1

# How much farther it is to work across an edge of this kind than across a field.
_BARRIER = {RIVER: 6.0, CANAL: 2.2, TRUNK: 2.5, MAIN: 1.6, MINOR: 1.3, PATH: 1.1, FIELD_EDGE: 1.0}
# What a metre of border costs: cheap where people would draw one.
_BORDER = {RIVER: 0.12, CANAL: 0.3, TRUNK: 0.3, MAIN: 0.45, MINOR: 0.5, PATH: 0.85, FIELD_EDGE: 1.0}
# Parcels that touch along less than this hang by a thread, and count as apart.
_NECK_M = 30.0
_BALANCING_ROUNDS = 5
_TIDYING_ROUNDS = 6

Ints = NDArray[np.int64]


def partition(parcels: Parcels, skeleton: Skeleton) -> Ints:
    """The settlement (by index) that each parcel belongs to, or OUTSIDE the town.

    Every settlement's parcels hang together, and so does the town; borders prefer rivers and roads.
    """
    division = _Division(parcels, skeleton.settlements)
    inside = shapely.contains(skeleton.outline, shapely.point_on_surface(parcels.faces))
    return division.divide(inside)


def _shared_edges(parcels: Parcels) -> dict[tuple[int, int], list[tuple[str, float]]]:
    """The kinds and lengths of the edges between each two neighbouring parcels."""
    shared: dict[tuple[int, int], list[tuple[str, float]]] = defaultdict(list)
    lengths = shapely.length(parcels.edges).tolist()
    sides = np.sort(parcels.sides, axis=1).tolist()
    for (left, right), kind, length in zip(sides, parcels.kinds.tolist(), lengths, strict=True):
        if left >= 0 and left != right:
            shared[left, right].append((kind, length))
    return shared


class _Division:
    def __init__(self, parcels: Parcels, settlements: Sequence[Settlement]) -> None:
        self.settlements = settlements
        self.middles = shapely.get_coordinates(shapely.centroid(parcels.faces))
        self.areas = shapely.area(parcels.faces)
        self.neighbours: list[list[tuple[int, float, float]]] = [[] for _ in parcels.faces]
        shared = _shared_edges(parcels)
        firm = {
            face
            for pair, edges in shared.items()
            if sum(length for _, length in edges) >= _NECK_M
            for face in pair
        }
        for (left, right), edges in shared.items():
            if sum(length for _, length in edges) < _NECK_M and {left, right} <= firm:
                continue
            longest, _ = max(edges, key=lambda edge: edge[1])
            apart = float(np.hypot(*(self.middles[left] - self.middles[right]))) * _BARRIER[longest]
            border = sum(length * _BORDER[kind] for kind, length in edges)
            self.neighbours[left].append((right, apart, border))
            self.neighbours[right].append((left, apart, border))

    def divide(self, inside: NDArray[np.bool_]) -> Ints:
        inside = self._whole(inside)
        homes, village = self._homes(inside)
        speed = np.ones(len(self.settlements))
        urban = np.array([place.urban for place in self.settlements])
        for _ in range(_BALANCING_ROUNDS):
            owner = self._grown(homes, speed, inside)
            area = np.bincount(owner[inside], self.areas[inside], len(speed))
            wanted = np.where(urban, area[urban].mean(), area[~urban].mean())
            speed *= np.clip(wanted / np.maximum(area, 1.0), 0.5, 2.0) ** 0.35
        self._tidy(owner, frozen=village)
        return owner

    def _whole(self, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The largest connected part, with its holes filled as far as they hang together with it."""
        town = self._largest(inside)
        return self._largest(~self._largest(~town))

    def _largest(self, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        left = set(np.flatnonzero(among).tolist())
        best: set[int] = set()
        while left:
            part = self._connected(next(iter(left)), left)
            left -= part
            best = max(best, part, key=len)
        found = np.zeros(len(among), dtype=bool)
        found[list(best)] = True
        return found

    def _connected(self, start: int, among: set[int]) -> set[int]:
        seen, queue = {start}, deque([start])
        while queue:
            for other, _, _ in self.neighbours[queue.popleft()]:
                if other in among and other not in seen:
                    seen.add(other)
                    queue.append(other)
        return seen

    def _homes(self, inside: NDArray[np.bool_]) -> tuple[Ints, NDArray[np.bool_]]:
        """Parcels that belong somewhere from the start: each hamlet's own, all of them together."""
        homes = np.full(len(self.middles), OUTSIDE)
        places: Floats = np.array([(place.x, place.y) for place in self.settlements])
        radius = np.array([place.radius_m for place in self.settlements])
        apart = np.linalg.norm(self.middles[:, None] - places[None], axis=2)
        apart[~inside] = np.inf
        share = apart / np.maximum(radius, 1.0)
        nearest = share.argmin(axis=1)
        built = inside & (share.min(axis=1) < 1.0)
        homes[built] = nearest[built]
        for index in range(len(places)):
            seed = int(apart[:, index].argmin())
            mine = set(np.flatnonzero(homes == index).tolist()) | {seed}
            homes[list(mine - self._connected(seed, mine))] = OUTSIDE
            homes[seed] = index
        return homes, built & (homes != OUTSIDE)

    def _grown(self, homes: Ints, speed: Floats, inside: NDArray[np.bool_]) -> Ints:
        """Everyone walks out of their home parcels at once; a parcel belongs to the first to come."""
        owner = np.full(len(homes), OUTSIDE)
        queue = [(0.0, int(face), int(homes[face])) for face in np.flatnonzero(homes != OUTSIDE)]
        while queue:
            cost, face, who = heappop(queue)
            if owner[face] != OUTSIDE:
                continue
            owner[face] = who
            for other, apart, _ in self.neighbours[face]:
                if owner[other] == OUTSIDE and inside[other]:
                    heappush(queue, (cost + apart / speed[who], other, who))
        return owner

    def _tidy(self, owner: Ints, frozen: NDArray[np.bool_]) -> None:
        """Hand single parcels over where that makes the border cheaper and tears nothing apart."""
        for _ in range(_TIDYING_ROUNDS):
            moved = 0
            for face in np.flatnonzero(~frozen).tolist():
                moved += self._hand_over(face, owner)
            if not moved:
                return

    def _hand_over(self, face: int, owner: Ints) -> bool:
        mine = int(owner[face])
        border: dict[int, float] = {}
        for other, _, cost in self.neighbours[face]:
            border[int(owner[other])] = border.get(int(owner[other]), 0.0) + cost
        best = max(border, key=lambda who: (border[who], -who))
        if best == mine or border[best] <= border.get(mine, 0.0) * 1.05:
            return False
        rest = set(np.flatnonzero(owner == mine).tolist()) - {face}
        if not rest or len(self._connected(next(iter(rest)), rest)) < len(rest):
            return False
        owner[face] = best
        return True
