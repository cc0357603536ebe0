"""The part of a file that the map needs."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, func, select

from data.basemap.feature import BasemapFeature
from data.schema import grid_editions, grids
from gis.errors import InvalidInput

_KM_PER_DEG = 111.32


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """A box in degrees, WGS-84."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def parse(cls, text: str) -> "Frame":
        """From `west,south,east,north`. Raises InvalidInput."""
        try:
            west, south, east, north = map(float, text.split(","))
        except ValueError:
            west = south = east = north = math.nan
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise InvalidInput(
                f"{text!r} is no box; write west,south,east,north in degrees, such as "
                "118.5,34.4,118.8,34.6.",
                field="bbox",
            )
        return cls(west=west, south=south, east=east, north=north)

    def wider(self, margin_km: float) -> "Frame":
        """With a margin on all sides, inside the world that web maps show."""
        lat = margin_km / _KM_PER_DEG
        lon = lat / math.cos(math.radians(min(85.0, max(abs(self.south), abs(self.north)))))
        return Frame(
            west=max(-180.0, self.west - lon),
            south=max(-85.0, self.south - lat),
            east=min(180.0, self.east + lon),
            north=min(85.0, self.north + lat),
        )


def frame_of_grids(conn: Connection) -> Frame | None:
    """The box around the grids of the active edition; None while there is none."""
    extent = (
        select(func.ST_Extent(grids.c.geom).label("box"))
        .join(grid_editions, grids.c.edition_id == grid_editions.c.id)
        .where(grid_editions.c.state == "active")
        .subquery()
        .c.box
    )
    corners = conn.execute(
        select(
            func.ST_XMin(extent), func.ST_YMin(extent), func.ST_XMax(extent), func.ST_YMax(extent)
        )
    ).one()
    if corners[0] is None:
        return None
    west, south, east, north = corners
    return Frame(west=west, south=south, east=east, north=north)


def clipped(features: Iterable[BasemapFeature], frame: Frame | None) -> Iterator[BasemapFeature]:
    """The features, repaired, as far as they lie in the frame; whole without one."""
    for feature in features:
        geometry = _inside(feature.geometry, frame)
        if geometry is not None:
            yield feature if geometry is feature.geometry else replace(feature, geometry=geometry)


def _inside(geometry: BaseGeometry, frame: Frame | None) -> BaseGeometry | None:
    dimension = int(shapely.get_dimensions(geometry))
    if geometry.is_empty:
        return None
    if frame is not None:
        west, south, east, north = geometry.bounds
        if west > frame.east or east < frame.west or south > frame.north or north < frame.south:
            return None
    repaired = geometry if geometry.is_valid else shapely.make_valid(geometry)
    if frame is None or (
        frame.west <= west and east <= frame.east and frame.south <= south and north <= frame.north
    ):
        cut = repaired
    else:
        box = shapely.box(frame.west, frame.south, frame.east, frame.north)
        cut = shapely.intersection(repaired, box)
    return cut if cut is geometry else _of_dimension(cut, dimension)


def _of_dimension(geometry: BaseGeometry, dimension: int) -> BaseGeometry | None:
    """Without the points and lines that cutting and repairing leave of an area."""
    parts = shapely.get_parts(geometry)
    while any(part.geom_type == "GeometryCollection" for part in parts):
        parts = shapely.get_parts(parts)
    singles = shapely.get_parts(parts)
    kept = [part for part in singles if shapely.get_dimensions(part) == dimension]
    if not kept:
        return None
    collect = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)[dimension]
    collected: BaseGeometry = kept[0] if len(kept) == 1 else collect(kept)
    return collected
