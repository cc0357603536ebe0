"""The roads of a patrol plan, as they are drawn and stored."""

from typing import Any

import shapely
from geoalchemy2.shape import to_shape
from shapely import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, select

from data.schema import patrol_plans
from gis.errors import InvalidInput
from gis.geodesy import length_m, local_projection
from gis.geojson import geojson_to_geometry
from gis.grid import Grid

USUAL_WIDTH_M = 20.0
MOST_M = 200_000.0
MOST_VERTICES = 20_000
OUTSIDE_M = 50.0
"""A road along the border of a grid is drawn a little beside it."""


def read_roads(geojson: dict[str, Any], grid: Grid) -> MultiLineString:
    """Roads in a grid that can be patrolled as they are. Raises InvalidInput."""
    roads = _lines(geojson_to_geometry(geojson))
    if shapely.get_num_coordinates(roads) > MOST_VERTICES:
        raise InvalidInput(
            f"The roads have more than {MOST_VERTICES:,} vertices; simplify them.", field="roads"
        )
    west, south, east, north = roads.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise InvalidInput("Write roads in degrees: [lon, lat] in WGS-84.", field="roads")
    plane = local_projection((west + east) / 2, (south + north) / 2)
    if not plane.to_metres(grid.geometry).buffer(OUTSIDE_M).covers(plane.to_metres(roads)):
        raise InvalidInput(
            f"Some of the roads lie outside grid {grid.code}; leave those out.", field="roads"
        )
    if length_m(roads) > MOST_M:
        raise InvalidInput(
            f"These are more than {MOST_M / 1000:,.0f} km of roads; make several plans of them.",
            field="roads",
        )
    return roads


def roads_of(conn: Connection, plan_id: int) -> MultiLineString:
    """Those of a plan of roads."""
    stored = conn.execute(
        select(patrol_plans.c.geom).where(patrol_plans.c.id == plan_id)
    ).scalar_one()
    return _lines(to_shape(stored))


def _lines(geometry: BaseGeometry) -> MultiLineString:
    lines = [geometry] if isinstance(geometry, LineString) else shapely.get_parts(geometry)
    if not len(lines) or not all(
        isinstance(line, LineString) and line.length > 0 for line in lines
    ):
        raise InvalidInput(
            "Roads are a LineString or a MultiLineString, each line with two places or more.",
            field="roads",
        )
    return MultiLineString(list(shapely.force_2d(lines)))
