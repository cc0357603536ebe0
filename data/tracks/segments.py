"""Stored segments of tracks near a place: found by one index on place and time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg import Connection as DriverConnection
from sqlalchemy import Connection

from data.sql import load_sql
from gis.errors import InvalidInput
from gis.geodesy import metres_per_degree

_SQL = load_sql("data.tracks", "segments.sql")

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Bounds = tuple[float, float, float, float]
"""West, south, east, north, in EPSG:4326."""

_MARGIN = 1.01
"""By how much a box is wider: a degree is a little longer at one edge of it than in the middle."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Vertices:
    """Believed fixes, a unit after the other, in the order of time: columns of equal length. `line` is
    the number of the segment; its last fix is the first of the next one, unless there is a gap."""

    unit_id: IntArray
    line: IntArray
    t_s: FloatArray
    lon: FloatArray
    lat: FloatArray

    def __len__(self) -> int:
        return len(self.unit_id)

    def by_unit(self) -> Iterator[tuple[int, "Vertices"]]:
        units, first = np.unique(self.unit_id, return_index=True)
        ends = np.append(first, len(self))[1:].tolist()
        for unit_id, begin, end in zip(units.tolist(), first.tolist(), ends, strict=True):
            yield unit_id, self.where(slice(begin, end))

    def where(self, chosen: slice | NDArray[np.bool_]) -> "Vertices":
        return Vertices(
            unit_id=self.unit_id[chosen],
            line=self.line[chosen],
            t_s=self.t_s[chosen],
            lon=self.lon[chosen],
            lat=self.lat[chosen],
        )


def bounds_around(place: tuple[float, float], radius_m: float) -> Bounds:
    """A box that holds a circle around a place (lon, lat)."""
    lon, lat = place
    per_lon, per_lat = metres_per_degree(min(abs(lat) + 0.05, 89.0))
    across, along = radius_m * _MARGIN / per_lon, radius_m * _MARGIN / per_lat
    return lon - across, lat - along, lon + across, lat + along


def read_vertices(
    conn: Connection, bounds: Bounds, since: datetime, until: datetime, *, most: int, field: str
) -> Vertices:
    """The fixes of the segments whose boxes meet `bounds` in a period, of the units that the viewer of
    the transaction sees; whole segments, so also some from beside them.

    Raises InvalidInput that names `field` for more than `most` segments: it would take long.
    """
    return vertices_of(
        conn, _SQL["segments_near"], box_parameters(bounds, since, until), most=most, field=field
    )


def vertices_of(
    conn: Connection,
    statement: str,
    parameters: dict[str, Any],
    *,
    most: int,
    field: str,
) -> Vertices:
    """Those of the segments that a statement finds, as unit and WKB, at most `most` of them."""
    driver = conn.connection.driver_connection
    assert isinstance(driver, DriverConnection)
    rows = driver.execute(statement, {**parameters, "most": most + 1}).fetchall()
    if len(rows) > most:
        raise InvalidInput(
            "Too much went on there in that time; ask for a smaller area or a shorter period.",
            field=field,
            code="too_many",
        )
    if not rows:
        none, nobody = np.empty(0), np.empty(0, np.int64)
        return Vertices(unit_id=nobody, line=nobody, t_s=none, lon=none, lat=none)
    lines = shapely.from_wkb([line for _, line in rows])
    vertices, line = shapely.get_coordinates(lines, include_m=True, return_index=True)
    lon, lat, t_s = vertices.T
    unit_id = np.array([unit for unit, _ in rows], np.int64)[line]
    return Vertices(unit_id=unit_id, line=line, t_s=t_s, lon=lon, lat=lat)


def box_parameters(bounds: Bounds, since: datetime, until: datetime) -> dict[str, Any]:
    west, south, east, north = bounds
    return {
        **{"west": west, "south": south, "east": east, "north": north},
        **{"since": since, "until": until},
    }
