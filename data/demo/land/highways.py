"""The roads between places: the trunk road, streets of the core and a network joining villages."""

from collections import defaultdict
from collections.abc import Sequence
from heapq import heappop, heappush

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon

from data.demo.land.curves import bent, smoothed
from data.demo.land.plane import Floats
from data.demo.land.settlements import Settlement
from data.demo.land.ways import CANAL, MAIN, MINOR, RIVER, TRUNK, Way, lines_of

_OUTSIDE_M = 1_300.0
_OUTSIDE_PLACES = 15
_CENTRE = (0.0, 0.0)
# Streets of the core: where the two main ones leave it, the ring road through those gates, and the
# streets that cross inside the ring.
_GATES = {
    "安和西路": (-960.0, -70.0),
    "安和东路": (930.0, 90.0),
    "文昌北路": (-60.0, 930.0),
    "文昌南路": (40.0, -800.0),
}
_RING = (
    ((-960.0, -70.0), (-900.0, 560.0), (-560.0, 860.0), (-60.0, 930.0)),
    ((-60.0, 930.0), (430.0, 930.0), (860.0, 620.0), (930.0, 90.0)),
    ((930.0, 90.0), (930.0, -420.0), (600.0, -760.0), (40.0, -800.0)),
    ((40.0, -800.0), (-480.0, -830.0), (-900.0, -560.0), (-960.0, -70.0)),
)
_STREETS = {
    "新华街": ((-450.0, 1_100.0), (-420.0, -1_100.0)),
    "建设街": ((450.0, 1_100.0), (480.0, -1_100.0)),
    "友谊路": ((-1_200.0, 400.0), (1_200.0, 450.0)),
    "河滨路": ((-1_200.0, -480.0), (1_200.0, -420.0)),
}
_EXIT_ROADS = ("柳泉路", "安圩路", "安桥路", "安渠路", "安平路", "安北路")

Link = tuple[int, int]


def draw_trunk(rng: np.random.Generator) -> Way:
    points = np.array(
        [[-8_000.0, 2_700.0], [-2_600.0, 1_700.0], [1_200.0, 1_250.0], [4_300.0, -300.0],
         [8_000.0, -1_000.0]]
    )  # fmt: skip
    line = smoothed(bent(points, roughness=0.03, step_m=1_500.0, rng=rng), 4)
    return Way(kind=TRUNK, line=LineString(line), name="安平公路")


def draw_highways(
    outline: Polygon,
    waters: Sequence[Way],
    hamlets: Sequence[Settlement],
    rng: np.random.Generator,
) -> list[Way]:
    """Streets of the core and the links between villages; those that lead out are main roads."""
    gates = np.array(list(_GATES.values()))
    villages = np.array([[place.x, place.y] for place in hamlets])
    outside = _outside(outline, waters, rng)
    places = np.vstack([gates, villages, outside])
    links = _links(places, waters, len(gates))
    main = _main_links(places, links, len(gates), len(outside))
    between = [
        Way(
            kind=MAIN if link in main else MINOR,
            line=_road(places[list(link)], rng),
            name=main.get(link),
        )
        for link in sorted(links)
    ]
    return [*_streets(rng), *between]


def _streets(rng: np.random.Generator) -> list[Way]:
    quarters = [smoothed(np.array(quarter), 4)[:-1] for quarter in _RING]
    town = Polygon(np.vstack(quarters))
    ring = LineString(town.exterior)
    found = [Way(kind=MINOR, line=ring, name="环镇路")]
    for name, gate in _GATES.items():
        found.append(Way(kind=MAIN, line=_road(np.array([_CENTRE, gate]), rng), name=name))
    for name, ends in _STREETS.items():
        street = shapely.intersection(_road(np.array(ends), rng), town)
        found.extend(Way(kind=MINOR, line=part, name=name) for part in shapely.get_parts(street))
    return found


def _road(ends: Floats, rng: np.random.Generator) -> LineString:
    return LineString(smoothed(bent(ends, roughness=0.045, step_m=420.0, rng=rng), 3))


def _outside(outline: Polygon, waters: Sequence[Way], rng: np.random.Generator) -> Floats:
    ring = outline.buffer(_OUTSIDE_M).exterior
    shares = (
        np.arange(_OUTSIDE_PLACES) + rng.uniform(-0.3, 0.3, _OUTSIDE_PLACES)
    ) / _OUTSIDE_PLACES
    points = shapely.line_interpolate_point(ring, shares % 1.0, normalized=True)
    wet = shapely.distance(points, shapely.union_all(lines_of(waters, RIVER, CANAL))) < 300.0
    return shapely.get_coordinates(points[~wet])


def _links(places: Floats, waters: Sequence[Way], gates: int) -> set[Link]:
    """Relative neighbours: two places are joined unless a third is nearer to both.

    A crossing of the river costs a bridge and counts as a detour; a road never crosses it twice.
    """
    river = shapely.union_all(lines_of(waters, RIVER))
    canals = shapely.union_all(lines_of(waters, CANAL))
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    ends = np.stack(np.broadcast_arrays(places[:, None], places[None]), axis=2)
    straight = np.asarray(shapely.linestrings(ends))
    bridges = _crossings(straight, river, apart < 4_000.0)
    fords = _crossings(straight, canals, apart < 4_000.0)
    cost = apart * (1.0 + 0.45 * bridges + 0.2 * fords)
    along_bank = shapely.length(shapely.intersection(straight, river.buffer(90.0))) > 330.0
    cost[(bridges > 1) | (fords > 1) | along_bank | (apart >= 4_000.0)] = np.inf
    np.fill_diagonal(cost, 0.0)
    rival = np.maximum(cost[:, None, :], cost[None, :, :])
    index = np.arange(len(places))
    rival[index, :, index] = np.inf
    rival[:, index, index] = np.inf
    joined = np.isfinite(cost) & (cost <= 1.04 * rival.min(axis=2))
    joined[:gates, :gates] = False  # the streets of the core join them already
    return {(int(a), int(b)) for a, b in zip(*np.nonzero(np.triu(joined, 1)), strict=True)}


def _crossings(
    lines: NDArray[np.object_], water: shapely.Geometry, among: NDArray[np.bool_]
) -> NDArray[np.int64]:
    counts = np.zeros(lines.shape, dtype=np.int64)
    meet = shapely.intersection(lines[among], water)
    counts[among] = np.where(shapely.is_empty(meet), 0, shapely.get_num_geometries(meet))
    return counts


def _main_links(places: Floats, links: set[Link], gates: int, outside: int) -> dict[Link, str]:
    """Links on the shortest ways from the core to places all around, with the road's name."""
    came_from = _shortest_ways(places, links, gates)
    exits = [place for place in range(len(places) - outside, len(places)) if place in came_from]
    bearings = np.arctan2(places[exits, 1], places[exits, 0])
    main: dict[Link, str] = {}
    for turn, name in enumerate(_EXIT_ROADS):
        wanted = -np.pi + 2 * np.pi * (turn + 0.5) / len(_EXIT_ROADS)
        place = exits[int(np.abs(np.angle(np.exp(1j * (bearings - wanted)))).argmin())]
        while came_from[place] >= 0:
            before = came_from[place]
            main.setdefault((min(place, before), max(place, before)), name)
            place = before
    return main


def _shortest_ways(places: Floats, links: set[Link], gates: int) -> dict[int, int]:
    """For each place that can be reached, the place before it on the way from the nearest gate."""
    neighbours: dict[int, list[int]] = defaultdict(list)
    for a, b in links:
        neighbours[a].append(b)
        neighbours[b].append(a)
    came_from: dict[int, int] = {}
    queue = [(0.0, gate, -1) for gate in range(gates)]
    while queue:
        cost, place, before = heappop(queue)
        if place in came_from:
            continue
        came_from[place] = before
        for other in neighbours[place]:
            step = float(np.hypot(*(places[place] - places[other])))
            heappush(queue, (cost + step, other, place))
    return came_from
