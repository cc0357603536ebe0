"""What a town keeps in its streets: lamps, manholes, hydrants, bins, stops and public houses."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from data.demo.land.plane import Floats, Plane
from data.demo.land.roads import RoadNetwork
from data.demo.land.scatter import along, far_apart
from data.demo.land.settlements import CORE_RADIUS_M, Settlement
from data.demo.land.ways import MAIN, MINOR, PATH, TRUNK

Properties = Mapping[str, str | int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Facility:
    """One thing at a point in WGS-84; `properties` are what its kind is asked for."""

    code: str
    kind: str
    name: str
    lon: float
    lat: float
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Spot:
    x: float
    y: float
    place: str
    properties: Properties = field(default_factory=dict)


def place_facilities(
    network: RoadNetwork,
    settlements: Sequence[Settlement],
    plane: Plane,
    rng: np.random.Generator,
) -> tuple[Facility, ...]:
    """Facilities of eight kinds, some two thousand of them."""
    streets = _Streets(network, settlements)
    found = []
    for kind, title, prefix, spots in _KINDS:
        for number, spot in enumerate(spots(streets, rng), start=1):
            lon, lat = plane.to_lonlat(np.array([[spot.x, spot.y]]))[0].tolist()
            found.append(
                Facility(
                    code=f"{prefix}-{number:05d}",
                    kind=kind,
                    name=f"{spot.place}{title}{number:04d}",
                    lon=lon,
                    lat=lat,
                    properties=spot.properties,
                )
            )
    return tuple(found)


class _Streets:
    """The edges of the network that are inside the town, and what stands around them."""

    def __init__(self, network: RoadNetwork, settlements: Sequence[Settlement]) -> None:
        self.network = network
        self.settlements = settlements
        middles = np.array([line[len(line) // 2] for line in network.lines])
        self.places = np.array([(place.x, place.y) for place in settlements])
        apart = np.linalg.norm(middles[:, None] - self.places[None], axis=2)
        radius = np.array([max(place.radius_m, 1.0) for place in settlements])
        town = (network.sides >= 0).all(axis=1)
        self.core = town & (np.hypot(*middles.T) < CORE_RADIUS_M)
        self.village = town & ((apart / radius).min(axis=1) < 1.0)
        self.nearest = [settlements[index] for index in apart.argmin(axis=1)]

    def place(self, edge: int) -> str:
        """How people call this stretch of road."""
        nearest = self.nearest[edge]
        return self.network.names[edge] or f"{nearest.village_name}{nearest.name}"

    def edges(self, where: NDArray[np.bool_], *kinds: str) -> list[int]:
        return np.flatnonzero(where & np.isin(self.network.kinds, kinds)).tolist()

    def spots(
        self,
        edges: Sequence[int],
        spacing_m: float,
        offset_m: float,
        rng: np.random.Generator,
        describe: Callable[[], Properties] = dict,
    ) -> Iterator[_Spot]:
        """A spot every `spacing_m` or so along these edges, beside them on alternating sides."""
        owed = 0.0
        for edge in edges:
            length = float(self.network.lengths[edge])
            points, _ = along(self.network.lines[edge], spacing_m, offset_m, spacing_m - owed)
            owed = (owed + length) % spacing_m
            for x, y in (points + rng.normal(0.0, 0.5, points.shape)).tolist():
                yield _Spot(x=x, y=y, place=self.place(edge), properties=describe())

    def beside(self, settlement: Settlement, rng: np.random.Generator, offset_m: float) -> Floats:
        """A point near the middle of a settlement, off its road."""
        nodes = self.network.nodes
        near = np.argsort(np.hypot(*(nodes - (settlement.x, settlement.y)).T))[:8]
        turn = rng.uniform(0.0, 2 * np.pi)
        step = offset_m * np.array([np.cos(turn), np.sin(turn)])
        point: Floats = nodes[int(rng.choice(near))] + step
        return point


def _lamps(streets: _Streets, rng: np.random.Generator) -> Iterator[_Spot]:
    def lamp() -> Properties:
        return {"pole_m": int(rng.choice([6, 8, 10])), "power_w": int(rng.choice([40, 60, 100]))}

    yield from streets.spots(streets.edges(streets.core, MAIN, TRUNK), 32.0, 8.0, rng, lamp)
    yield from streets.spots(streets.edges(streets.core, MINOR), 38.0, 6.0, rng, lamp)
    yield from streets.spots(streets.edges(streets.village, MAIN, MINOR), 55.0, 5.0, rng, lamp)


def _manholes(streets: _Streets, rng: np.random.Generator) -> Iterator[_Spot]:
    def manhole() -> Properties:
        return {"network": str(rng.choice(["雨水", "污水", "电力", "通信"])), "diameter_mm": 700}

    yield from streets.spots(streets.edges(streets.core, MAIN, MINOR), 55.0, 2.0, rng, manhole)
    yield from streets.spots(streets.edges(streets.core, PATH), 110.0, 0.8, rng, manhole)


def _hydrants(streets: _Streets, rng: np.random.Generator) -> Iterator[_Spot]:
    def hydrant() -> Properties:
        return {"pressure_kpa": int(rng.integers(14, 35)) * 10}

    yield from streets.spots(streets.edges(streets.core, MAIN, MINOR), 160.0, 6.5, rng, hydrant)
    yield from streets.spots(streets.edges(streets.village, MAIN, MINOR), 420.0, 5.5, rng, hydrant)


def _bins(streets: _Streets, rng: np.random.Generator) -> Iterator[_Spot]:
    def bins() -> Properties:
        return {"bins": int(rng.integers(2, 7))}

    yield from streets.spots(streets.edges(streets.core, PATH), 400.0, 4.0, rng, bins)
    yield from streets.spots(streets.edges(streets.village, PATH), 640.0, 4.0, rng, bins)


def _bus_stops(streets: _Streets, rng: np.random.Generator) -> Iterator[_Spot]:
    roads = streets.edges(streets.core | streets.village, MAIN, TRUNK)
    ends = streets.network.ends[roads].ravel()
    for pick in far_apart(streets.network.nodes[ends], 48, rng):
        edge = roads[pick // 2]
        x, y = streets.network.nodes[ends[pick]] + rng.normal(0.0, 1.0, 2) + (7.0, 0.0)
        line = f"安和{int(rng.integers(1, 7))}路"
        yield _Spot(x=x, y=y, place=streets.nearest[edge].name, properties={"line": line})


def _toilets(streets: _Streets, rng: np.random.Generator) -> Iterator[_Spot]:
    for settlement in streets.settlements:
        if settlement.urban or settlement.member == 0:
            x, y = streets.beside(settlement, rng, 14.0)
            properties: Properties = {"seats": int(rng.integers(4, 13))}
            yield _Spot(x=x, y=y, place=settlement.name, properties=properties)


def _clinics(streets: _Streets, rng: np.random.Generator) -> Iterator[_Spot]:
    for settlement in streets.settlements:
        if settlement.member == 0:
            x, y = streets.beside(settlement, rng, 18.0)
            yield _Spot(x=x, y=y, place=settlement.village_name)


def _schools(streets: _Streets, rng: np.random.Generator) -> Iterator[_Spot]:
    seats = [place for place in streets.settlements if place.member == 0]
    for index in far_apart(np.array([(place.x, place.y) for place in seats]), 12, rng):
        x, y = streets.beside(seats[index], rng, 30.0)
        properties: Properties = {"pupils": int(rng.integers(12, 90)) * 10}
        yield _Spot(x=x, y=y, place=seats[index].village_name, properties=properties)


_KINDS = (
    ("street_lamp", "路灯", "LD", _lamps),
    ("manhole", "井盖", "JG", _manholes),
    ("hydrant", "消防栓", "XF", _hydrants),
    ("trash_station", "垃圾收集点", "LJ", _bins),
    ("bus_stop", "公交站", "GJ", _bus_stops),
    ("toilet", "公共厕所", "GC", _toilets),
    ("clinic", "卫生室", "WS", _clinics),
    ("school", "学校", "XX", _schools),
)
