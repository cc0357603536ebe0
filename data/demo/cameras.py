"""Cameras of three networks: where roads meet, at the entrances of villages and over the fields."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.demo.land.parcels import Ints
from data.demo.land.plane import Floats, Plane
from data.demo.land.roads import RoadNetwork
from data.demo.land.scatter import far_apart
from data.demo.land.settlements import CORE_RADIUS_M, Settlement
from data.demo.land.ways import MAIN, MINOR, PATH, TRUNK

COMPREHENSIVE, SKYEYE, LANDWATCH = (
    "comprehensive",
    "skyeye",
    "landwatch",
)  # 综治, 公安天眼, 国土天网
_SKYEYES_CORE, _SKYEYES_COUNTRY = 36, 44
_ENTRANCES_CORE, _ENTRANCES_LANES = 24, 21
_LANDWATCHES = 32
_OFFLINE_SHARE = 0.05
_POLE_M = 5.0

# GB/T 28181-2016, annex D: digits 9-10 are the industry (00 and 01: public security of roads and of
# communities, 40: agriculture and forestry), 11-13 the type (132: network camera), 14 the network.
_INDUSTRY = {COMPREHENSIVE: "01", SKYEYE: "00", LANDWATCH: "40"}
_TYPE_AND_NETWORK = "1320"
# fov, range and height from and to, by kind of camera.
_VIEWS = {
    "dome": ((95.0, 125.0), (110.0, 180.0), (6.0, 8.0)),
    "bullet": ((50.0, 80.0), (60.0, 100.0), (4.0, 6.5)),
    LANDWATCH: ((55.0, 75.0), (700.0, 1_200.0), (18.0, 35.0)),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Camera:
    """`bearing_deg` is the middle of the view, clockwise from north; `code` has 20 digits."""

    code: str
    name: str
    network: str
    kind: str
    bearing_deg: float
    fov_deg: float
    range_m: float
    height_m: float
    state: str
    lon: float
    lat: float


def place_cameras(
    network: RoadNetwork,
    settlements: Sequence[Settlement],
    plane: Plane,
    division: str,
    rng: np.random.Generator,
) -> tuple[Camera, ...]:
    """212 cameras; `division` is the first 8 digits of their codes."""
    names = Counter[str]()
    found = []
    for number, (which, node) in enumerate(_sites(network, settlements, rng), start=1):
        kind = "dome" if which == LANDWATCH or rng.random() < 0.45 else "bullet"
        fov, reach, height = _VIEWS[LANDWATCH if which == LANDWATCH else kind]
        toward = _direction_of_a_road(network, node, rng)
        place = _place_name(network, settlements, node, which)
        names[place] += 1
        # The pole stands on the corner, behind the road it looks along.
        corner = network.nodes[node] - toward * _POLE_M + rng.normal(0.0, 1.0, 2)
        lon, lat = plane.to_lonlat(corner[None])[0].tolist()
        found.append(
            Camera(
                code=f"{division}{_INDUSTRY[which]}{_TYPE_AND_NETWORK}{number:06d}",
                name=f"{place}{names[place]}号{'球机' if kind == 'dome' else '枪机'}",
                network=which,
                kind=kind,
                bearing_deg=round(float(np.degrees(np.arctan2(*toward)) % 360.0), 1) % 360.0,
                fov_deg=round(rng.uniform(*fov)),
                range_m=round(rng.uniform(*reach) / 5.0) * 5.0,
                height_m=round(rng.uniform(*height), 1),
                state="offline" if rng.random() < _OFFLINE_SHARE else "online",
                lon=lon,
                lat=lat,
            )
        )
    return tuple(found)


def _sites(
    network: RoadNetwork, settlements: Sequence[Settlement], rng: np.random.Generator
) -> Iterator[tuple[str, int]]:
    """The network of each camera and the node it stands at."""
    inside = np.zeros(len(network.nodes), dtype=bool)
    inside[network.ends[(network.sides >= 0).all(axis=1)].ravel()] = True
    core = np.hypot(*network.nodes.T) < 1.1 * CORE_RADIUS_M
    lanes = _only(network.junctions(TRUNK, MAIN, MINOR, PATH), inside)
    on_road = np.unique(network.ends[np.isin(network.kinds, (TRUNK, MAIN, MINOR))])
    crossings = np.intersect1d(lanes, on_road)
    hamlets = np.array([(place.x, place.y) for place in settlements if not place.urban])
    apart = np.linalg.norm(network.nodes[:, None] - hamlets[None], axis=2)
    taken: set[int] = set()

    def choose(nodes: Ints, count: int) -> Iterator[int]:
        free = np.array(sorted(set(nodes.tolist()) - taken))
        for index in far_apart(network.nodes[free], count, rng):
            taken.add(int(free[index]))
            yield int(free[index])

    for hamlet in range(len(hamlets)):
        node = int(lanes[apart[lanes, hamlet].argmin()])
        taken.add(node)
        yield COMPREHENSIVE, node
    for node in choose(_only(crossings, core), _SKYEYES_CORE):
        yield SKYEYE, node
    for node in choose(_only(crossings, ~core), _SKYEYES_COUNTRY):
        yield SKYEYE, node
    for node in choose(_only(lanes, core), _ENTRANCES_CORE):
        yield COMPREHENSIVE, node
    near_village = (apart < 350.0).any(axis=1) & ~core
    for node in choose(_only(lanes, near_village), _ENTRANCES_LANES):
        yield COMPREHENSIVE, node
    for node in choose(np.flatnonzero(inside & ~core & (apart > 450.0).all(axis=1)), _LANDWATCHES):
        yield LANDWATCH, node


def _only(nodes: Ints, where: NDArray[np.bool_]) -> Ints:
    return nodes[where[nodes]]


def _direction_of_a_road(network: RoadNetwork, node: int, rng: np.random.Generator) -> Floats:
    """A unit vector (east, north) along one of the edges that leave `node`."""
    edge = int(rng.choice(np.flatnonzero((network.ends == node).any(axis=1))))
    line = network.lines[edge] if network.ends[edge, 0] == node else network.lines[edge][::-1]
    step = line[1] - line[0]
    direction: Floats = step / np.hypot(*step)
    return direction


def _place_name(
    network: RoadNetwork, settlements: Sequence[Settlement], node: int, which: str
) -> str:
    places = np.array([(place.x, place.y) for place in settlements])
    nearest = settlements[int(np.hypot(*(places - network.nodes[node]).T).argmin())]
    if which == LANDWATCH:
        return f"{nearest.village_name}农田高点"
    edges = np.flatnonzero((network.ends == node).any(axis=1))
    roads = sorted({name for edge in edges if (name := network.names[edge])})
    if len(roads) > 1:
        return f"{roads[0]}与{roads[1]}路口"
    if roads:
        return f"{roads[0]}{nearest.name}段"
    return f"{nearest.name}路口" if nearest.urban else f"{nearest.village_name}{nearest.name}"
