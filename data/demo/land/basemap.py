"""The map under everything: waters, fields, woods, built-up land, houses, roads."""

from collections.abc import Iterable, Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, Polygon, STRtree
from shapely.geometry.base import BaseGeometry

from data.basemap import BasemapFeature
from data.demo.land import buildings, landuse
from data.demo.land.curves import ragged_ring
from data.demo.land.parcels import Objects, Parcels
from data.demo.land.skeleton import Skeleton
from data.demo.land.ways import CANAL, RIVER

_RIVER_HALF_M, _CANAL_HALF_M = 26.0, 7.0
_VERGE_M = {landuse.CORE: 5.0, landuse.VILLAGE: 2.0}
_FIELD_MARGIN_M = 3.0
_STREAM_ENDS_M = 40.0
_PONDS = 36


def draw_streams(
    parcels: Parcels, skeleton: Skeleton, rng: np.random.Generator
) -> list[BasemapFeature]:
    """The surfaces of the river and of the canals that meet it, in metres."""
    land = shapely.union_all(parcels.faces).buffer(_STREAM_ENDS_M)
    river = shapely.union_all(
        [_widened(line, _RIVER_HALF_M, rng) for line in skeleton.lines(RIVER)]
    )
    river = shapely.intersection(river, land)
    features = [BasemapFeature(kind="water", category="river", name="柳河", geometry=river)]
    for line in skeleton.lines(CANAL):
        canal = shapely.difference(_widened(line, _CANAL_HALF_M, rng), river)
        canal = shapely.intersection(canal, land)
        features.append(BasemapFeature(kind="water", category="canal", geometry=canal))
    return features


def _widened(line: LineString, half_width_m: float, rng: np.random.Generator) -> BaseGeometry:
    points = shapely.get_coordinates(shapely.segmentize(line, 60.0))
    swell = np.convolve(rng.normal(0.0, 1.0, len(points) + 8), np.ones(9) / 3.0, "valid")
    widths = half_width_m * np.clip(1.0 + 0.16 * swell, 0.7, 1.5)
    reaches = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))
    return shapely.union_all(shapely.buffer(reaches, (widths[:-1] + widths[1:]) / 2, quad_segs=4))


def draw_land(
    parcels: Parcels,
    skeleton: Skeleton,
    streams: Iterable[BasemapFeature],
    rng: np.random.Generator,
) -> Iterator[BasemapFeature]:
    """Ponds, fields, woods, built-up land and the houses on it, in metres."""
    water = shapely.union_all([stream.geometry for stream in streams])
    use = landuse.use_land(parcels, skeleton, rng)
    for code, kind, category in (
        (landuse.FIELD, "farmland", "field"),
        (landuse.ORCHARD, "farmland", "orchard"),
        (landuse.WOOD, "green", "wood"),
        (landuse.PARK, "green", "park"),
    ):
        land = shapely.buffer(parcels.faces[use == code], -_FIELD_MARGIN_M, join_style="mitre")
        yield from _features(kind, category, _clear_of(water, land))
    for code, category in ((landuse.CORE, "core"), (landuse.VILLAGE, "village")):
        land = shapely.coverage_union_all(parcels.faces[use == code])
        softened = shapely.buffer(shapely.buffer(land, -_VERGE_M[code] - 8.0), 8.0)
        yield from _features("built", category, _clear_of(water, shapely.get_parts(softened)))
    yield from _features("built", "block", _houses(parcels, use, water, rng))
    yield from _features("water", "pond", _ponds(parcels, use, rng))


def _features(kind: str, category: str, geometries: Objects) -> Iterator[BasemapFeature]:
    for geometry in geometries:
        if not geometry.is_empty:
            yield BasemapFeature(kind=kind, category=category, geometry=geometry)


def _clear_of(water: BaseGeometry, land: Objects) -> Objects:
    shapely.prepare(water)
    wet = shapely.intersects(water, land)
    land = land.copy()
    land[wet] = shapely.difference(land[wet], shapely.buffer(water, 8.0))
    return land


def _houses(
    parcels: Parcels, use: NDArray[np.int64], water: BaseGeometry, rng: np.random.Generator
) -> Objects:
    urban = (buildings.SLABS, buildings.SHOPS, buildings.HALLS)
    found = [
        buildings.houses(face, buildings.VILLAGE, rng)
        for face in parcels.faces[use == landuse.VILLAGE]
    ]
    for face in parcels.faces[use == landuse.CORE]:
        pattern = urban[int(rng.choice(3, p=(0.45, 0.42, 0.13)))]
        found.append(buildings.houses(face, pattern, rng))
    drawn = np.concatenate(found)
    return drawn[~shapely.intersects(shapely.buffer(water, 15.0), drawn)]


def _ponds(parcels: Parcels, use: NDArray[np.int64], rng: np.random.Generator) -> Objects:
    """Fish ponds and old clay pits: in fields next to villages, away from the field's edge."""
    tree = STRtree(parcels.faces[use == landuse.VILLAGE])
    fields = parcels.faces[use == landuse.FIELD]
    near = fields[np.unique(tree.query(fields, predicate="dwithin", distance=5.0)[0])]
    chosen = rng.choice(near, min(_PONDS, len(near)), replace=False)
    found = []
    for field in chosen:
        land = field.buffer(-12.0)
        reach = float(np.sqrt(land.area) * rng.uniform(0.28, 0.5))
        ring = ragged_ring(
            (reach, reach * rng.uniform(0.5, 0.8)), unevenness=0.2, step_m=60.0, rng=rng
        )
        middle = shapely.get_coordinates(field.point_on_surface())
        pond = shapely.intersection(Polygon(ring + middle).buffer(0), land)
        found.append(shapely.get_parts(pond.buffer(-6.0).buffer(6.0)))
    return np.concatenate(found)
