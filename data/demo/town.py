"""安和镇, a township that does not exist: its grids, its map, its cameras and its people.

The county's division code 329922 is assigned to nobody, so no code below it can be mistaken for a
real place. The land is drawn in metres around the middle of the town and turned into degrees once,
at the end; vertices that were shared before are shared after.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import shapely
from shapely import MultiPolygon, Point, Polygon

from data.basemap import BasemapFeature
from data.demo.cameras import Camera, place_cameras
from data.demo.facilities import Facility, place_facilities
from data.demo.land.basemap import draw_land, draw_streams
from data.demo.land.parcels import Ints, Objects, Parcels, cut_parcels
from data.demo.land.partition import OUTSIDE, partition
from data.demo.land.plane import Plane
from data.demo.land.roads import RoadNetwork, build_roads, draw_roads
from data.demo.land.settlements import Settlement
from data.demo.land.skeleton import Skeleton, draw_skeleton
from data.demo.names import TOWN
from data.demo.people import Workforce, hire
from gis.grid import Grid

DEFAULT_SEED = 20260101
COUNTY_CODE = "329922"
TOWN_CODE = COUNTY_CODE + "101"
_PLANE = Plane(lon=118.6, lat=34.5)
# Division codes number residents' committees from 001 and villagers' committees from 201.
_FIRST_COMMUNITY, _FIRST_VILLAGE = 1, 201
_SMALLEST_GRID_M2 = 60_000.0
_NARROWEST_M = 16.0
_ORDINALS = "一二三四五六七八九"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Town:
    """Everything about the town that does not change from day to day.

    Geometry is in EPSG:4326 but for `roads`, which are in metres of `plane`; the sides of a road are
    indices into `level_2`.
    """

    seed: int
    name: str
    code: str
    plane: Plane
    outline: Polygon
    level_1: tuple[Grid, ...]
    level_2: tuple[Grid, ...]
    basemap: tuple[BasemapFeature, ...]
    roads: RoadNetwork
    settlements: tuple[Settlement, ...]
    cameras: tuple[Camera, ...]
    facilities: tuple[Facility, ...]
    workforce: Workforce

    @property
    def grids(self) -> tuple[Grid, ...]:
        return (*self.level_1, *self.level_2)


def generate_town(seed: int = DEFAULT_SEED) -> Town:
    """The same town for the same seed: 26 level-1 and 69 level-2 grids, 212 cameras."""
    rng = np.random.default_rng(seed)
    skeleton, parcels, owner = _divided_land(rng)
    streams = draw_streams(parcels, skeleton, rng)
    roads = build_roads(parcels, owner, streams)
    basemap = [
        *streams,
        *draw_land(parcels, skeleton, streams, rng),
        *draw_roads(parcels, streams),
        *_place_names(skeleton.settlements),
    ]
    level_1, level_2 = _grids(parcels, owner, skeleton.settlements)
    return Town(
        seed=seed,
        name=TOWN,
        code=TOWN_CODE,
        plane=_PLANE,
        outline=_area(parcels.faces[owner != OUTSIDE]).geoms[0],
        level_1=level_1,
        level_2=level_2,
        basemap=tuple(
            replace(feature, geometry=_PLANE.geometry_to_lonlat(feature.geometry))
            for feature in basemap
        ),
        roads=roads,
        settlements=skeleton.settlements,
        cameras=place_cameras(roads, skeleton.settlements, _PLANE, COUNTY_CODE + "10", rng),
        facilities=place_facilities(roads, skeleton.settlements, _PLANE, rng),
        workforce=hire(level_1, level_2, rng),
    )


def _divided_land(rng: np.random.Generator) -> tuple[Skeleton, Parcels, Ints]:
    """Land whose grids are all in one piece. Nearly every draw is; the rare other one is redrawn."""
    while True:
        skeleton = draw_skeleton(rng)
        parcels = cut_parcels(skeleton, rng)
        owner = partition(parcels, skeleton)
        villages = np.array([place.village for place in skeleton.settlements])
        regions = [parcels.faces[owner != OUTSIDE]]
        regions += [parcels.faces[owner == index] for index in range(len(villages))]
        regions += [
            parcels.faces[np.isin(owner, np.flatnonzero(villages == village))]
            for village in range(int(villages.max()) + 1)
        ]
        if all(_is_whole(shapely.coverage_union_all(region)) for region in regions):
            return skeleton, parcels, owner


def _is_whole(region: shapely.Geometry) -> bool:
    return (
        isinstance(region, Polygon)
        and not region.interiors
        and region.is_valid
        and region.area > _SMALLEST_GRID_M2
        and isinstance(region.buffer(-_NARROWEST_M / 2), Polygon)
    )


def _grids(
    parcels: Parcels, owner: Ints, settlements: Sequence[Settlement]
) -> tuple[tuple[Grid, ...], tuple[Grid, ...]]:
    """Both levels in code order. A parent is the union of its children's parcels."""
    level_1: list[Grid] = []
    level_2: list[Grid] = []
    numbers = {True: count(_FIRST_COMMUNITY), False: count(_FIRST_VILLAGE)}
    for village in range(settlements[-1].village + 1):
        members = [i for i, place in enumerate(settlements) if place.village == village]
        first = settlements[members[0]]
        code = f"{TOWN_CODE}{next(numbers[first.urban]):03d}001"
        level_1.append(
            Grid(
                code=code,
                name=f"{first.village_name}网格",
                level=1,
                parent_code=None,
                geometry=_area(parcels.faces[np.isin(owner, members)]),
            )
        )
        for number, member in enumerate(members, start=1):
            level_2.append(
                Grid(
                    code=f"{code}{number:02d}",
                    name=f"{first.village_name}第{_ORDINALS[number - 1]}网格",
                    level=2,
                    parent_code=code,
                    geometry=_area(parcels.faces[owner == member]),
                )
            )
    return tuple(level_1), tuple(level_2)


def _area(faces: Objects) -> MultiPolygon:
    land = _PLANE.geometry_to_lonlat(shapely.coverage_union_all(faces))
    assert isinstance(land, Polygon)  # as `_divided_land` has made sure
    return MultiPolygon([land])


def _place_names(settlements: Sequence[Settlement]) -> Iterator[BasemapFeature]:
    yield BasemapFeature(kind="place", category="town", name=TOWN, geometry=Point(0.0, 0.0))
    for place in settlements:
        if place.urban:
            continue
        at = Point(place.x, place.y)
        if place.member == 0:
            yield BasemapFeature(
                kind="place", category="village", name=place.village_name, geometry=at
            )
        else:
            yield BasemapFeature(kind="place", category="hamlet", name=place.name, geometry=at)
