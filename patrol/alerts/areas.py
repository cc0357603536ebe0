"""Areas: where some people should not go, or should be looked after when they do.

The polygon of an area and whom it is for never change, for alerts are about them: it is ended, and
another one is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import shapely
from geoalchemy2.shape import from_shape, to_shape
from shapely import MultiPolygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, insert, or_, select, update

from data.schema import alerts, areas
from gis.errors import InvalidInput, NotFound
from gis.polygons import polygonal
from patrol.cases.report import read_text
from patrol.tracking.positions import announce, lock_positions

NAME_LIMIT = 100
_MOST_VERTICES = 10_000


class AreaKind(StrEnum):
    FORBIDDEN = "forbidden"
    ATTENTION = "attention"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewArea:
    """For units at home in `grid_code` or below it, and of `roles`; None is everybody."""

    name: str
    kind: AreaKind
    grid_code: str | None
    roles: Sequence[str] | None
    geometry: MultiPolygon


@dataclass(frozen=True, kw_only=True, slots=True)
class Area(NewArea):
    id: int
    valid_from: datetime


def read_area(
    *,
    name: str,
    kind: AreaKind,
    geometry: BaseGeometry,
    grid_code: str | None,
    roles: Sequence[str] | None,
) -> NewArea:
    """An area that can be used as it is. Raises InvalidInput."""
    text = read_text(name, field="name", limit=NAME_LIMIT)
    if text is None:
        raise InvalidInput("Give the area a name.", field="name")
    if geometry.geom_type not in ("Polygon", "MultiPolygon") or geometry.is_empty:
        raise InvalidInput("An area is a Polygon or a MultiPolygon.", field="geometry")
    west, south, east, north = geometry.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise InvalidInput("Write an area in degrees: [lon, lat] in WGS-84.", field="geometry")
    if shapely.get_num_coordinates(geometry) > _MOST_VERTICES:
        raise InvalidInput(
            f"An area has at most {_MOST_VERTICES:,} corners; simplify it.", field="geometry"
        )
    if not geometry.is_valid:
        raise InvalidInput(
            f"The area crosses itself: {shapely.is_valid_reason(geometry)}.", field="geometry"
        )
    return NewArea(
        name=text,
        kind=kind,
        grid_code=grid_code,
        roles=None if roles is None else sorted({*roles}),
        geometry=polygonal(shapely.force_2d(geometry)),
    )


def list_areas(conn: Connection, now: datetime) -> list[Area]:
    """Those that are in force, in the order in which they were drawn."""
    a = areas.c
    query = select(areas).where(or_(a.valid_to.is_(None), a.valid_to > now)).order_by(a.id)
    return [
        Area(
            id=row.id,
            name=row.name,
            kind=AreaKind(row.kind),
            grid_code=row.grid_code,
            roles=row.roles,
            geometry=polygonal(to_shape(row.geom)),
            valid_from=row.valid_from,
        )
        for row in conn.execute(query)
    ]


def insert_area(conn: Connection, area: NewArea, now: datetime) -> Area:
    """In force from now on."""
    values = {
        "name": area.name,
        "kind": area.kind.value,
        "grid_code": area.grid_code,
        "roles": area.roles,
        "geom": from_shape(area.geometry, srid=4326),
        "valid_from": now,
    }
    area_id = conn.execute(insert(areas).values(values).returning(areas.c.id)).scalar_one()
    return Area(
        id=area_id,
        valid_from=now,
        **{name: getattr(area, name) for name in NewArea.__dataclass_fields__},
    )


def end_area(conn: Connection, area_id: int, now: datetime) -> str:
    """With the alerts about it. Returns its name. Raises NotFound."""
    a = areas.c
    name = conn.scalar(
        update(areas)
        .where(a.id == area_id, a.valid_to.is_(None))
        .values(valid_to=now)
        .returning(a.name)
    )
    if name is None:
        raise NotFound(f"There is no area {area_id}; GET /api/v1/areas lists them.", field="id")
    lock_positions(conn)
    conn.execute(
        update(alerts)
        .where(alerts.c.area_id == area_id, alerts.c.ended_at.is_(None))
        .values(ended_at=now, seq=announce(conn))
    )
    return str(name)
