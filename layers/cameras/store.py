"""Cameras in the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy import Connection, Row, case, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from data.schema import cameras, grid_editions, grids
from gis.errors import Conflict, NotFound
from layers.cameras.camera import Camera, CameraKind, CameraState, Network, assumed_of


@dataclass(frozen=True, kw_only=True, slots=True)
class CameraFilter:
    """`box` is west, south, east, north in degrees; `grid` the code of one in force."""

    box: tuple[float, float, float, float] | None = None
    network: Network | None = None
    state: CameraState | None = None
    grid: str | None = None


def list_cameras(
    conn: Connection, wanted: CameraFilter, *, after: str | None, count: int
) -> list[Camera]:
    """By code."""
    statement = select(cameras).order_by(cameras.c.code).limit(count)
    if after is not None:
        statement = statement.where(cameras.c.code > after)
    if wanted.network is not None:
        statement = statement.where(cameras.c.network == wanted.network)
    if wanted.state is not None:
        statement = statement.where(cameras.c.state == wanted.state)
    if wanted.box is not None:
        statement = statement.where(
            cameras.c.geom.op("&&")(func.ST_MakeEnvelope(*wanted.box, 4326))
        )
    if wanted.grid is not None:
        area = (
            select(grids.c.geom)
            .join(grid_editions, grid_editions.c.id == grids.c.edition_id)
            .where(grid_editions.c.state == "active", grids.c.code == wanted.grid)
            .scalar_subquery()
        )
        statement = statement.where(func.ST_Covers(area, cameras.c.geom))
    return [_camera(row) for row in conn.execute(statement)]


def find_camera(conn: Connection, code: str, *, lock: bool = False) -> Camera:
    """Raises NotFound."""
    statement = select(cameras).where(cameras.c.code == code)
    row = conn.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFound(f"There is no camera {code}.", code="no_such_camera", field="code")
    return _camera(row)


def find_cameras(conn: Connection, codes: list[str]) -> dict[str, Camera]:
    """Those of `codes` that there are."""
    rows = conn.execute(select(cameras).where(cameras.c.code.in_(codes)))
    return {row.code: _camera(row) for row in rows}


def insert_camera(
    conn: Connection, fields: Mapping[str, Any], lon: float, lat: float, at: datetime
) -> Camera:
    """`fields` as `read_fields` gives them. Raises Conflict."""
    row = {**assumed_of(fields["code"]), **fields, "state_since": at}
    try:
        with conn.begin_nested():
            conn.execute(insert(cameras).values(**row, geom=f"SRID=4326;POINT({lon} {lat})"))
    except IntegrityError as error:
        raise Conflict(
            f"There is a camera {fields['code']} already; change that one.",
            code="camera_exists",
            field="code",
        ) from error
    return find_camera(conn, fields["code"])


def update_camera(
    conn: Connection,
    code: str,
    fields: Mapping[str, Any],
    place: tuple[float, float] | None,
    at: datetime,
) -> Camera:
    changes: dict[str, Any] = dict(fields)
    if "state" in fields:
        changes["state_since"] = case(
            (cameras.c.state != fields["state"], at), else_=cameras.c.state_since
        )
    if place is not None:
        changes["geom"] = f"SRID=4326;POINT({place[0]} {place[1]})"
    if changes:
        conn.execute(update(cameras).where(cameras.c.code == code).values(**changes))
    return find_camera(conn, code)


def delete_camera(conn: Connection, code: str) -> None:
    conn.execute(delete(cameras).where(cameras.c.code == code))


def _camera(row: Row[*tuple[Any, ...]]) -> Camera:
    place = to_shape(row.geom)
    lon, lat = shapely.get_coordinates(place)[0].tolist()
    return Camera(
        code=row.code,
        name=row.name,
        network=Network(row.network),
        kind=CameraKind(row.kind),
        bearing_deg=row.bearing_deg,
        fov_deg=row.fov_deg,
        range_m=row.range_m,
        height_m=row.height_m,
        state=CameraState(row.state),
        state_since=row.state_since,
        lon=lon,
        lat=lat,
        view=None if row.view is None else to_shape(row.view),
    )
