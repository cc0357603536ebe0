"""Checkpoints: places that patrols have to reach. One never changes, for rounds of the past depend on
it: it is ended, and another one is made."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import shapely
from geoalchemy2.shape import from_shape, to_shape
from shapely import Point
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Row,
    any_,
    insert,
    literal,
    or_,
    select,
    update,
)

from data.schema import checkpoints, patrol_plans
from data.scope import Scope
from gis.errors import Conflict, NotFound


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCheckpoint:
    """Reached by whoever comes within `radius_m` of it, and stays for `dwell_s`. `grid_code` is the
    deepest grid that it lay in when it was made."""

    name: str
    lon: float
    lat: float
    radius_m: float
    dwell_s: float
    grid_code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint(NewCheckpoint):
    id: int
    valid_from: datetime
    valid_to: datetime | None

    @property
    def place(self) -> tuple[float, float]:
        return self.lon, self.lat


def list_checkpoints(conn: Connection, scope: Scope, now: datetime) -> list[Checkpoint]:
    """Those in force in the grids of the scope, in the order in which they were made."""
    c = checkpoints.c
    query = select(checkpoints).where(
        or_(c.valid_to.is_(None), c.valid_to > now), scope.condition_on(c.grid_code)
    )
    return [_checkpoint(row) for row in conn.execute(query.order_by(c.id))]


def checkpoints_with_ids(conn: Connection, ids: Collection[int]) -> dict[int, Checkpoint]:
    """By id, also those that are ended."""
    wanted = checkpoints.c.id == any_(literal([*ids], ARRAY(BigInteger)))
    return {row.id: _checkpoint(row) for row in conn.execute(select(checkpoints).where(wanted))}


def insert_checkpoint(conn: Connection, new: NewCheckpoint, now: datetime) -> Checkpoint:
    """In force from now on."""
    values = {
        "name": new.name,
        "grid_code": new.grid_code,
        "radius_m": new.radius_m,
        "dwell_s": new.dwell_s,
        "geom": from_shape(Point(new.lon, new.lat), srid=4326),
        "valid_from": now,
    }
    row = conn.execute(insert(checkpoints).values(values).returning(*checkpoints.c)).one()
    return _checkpoint(row)


def end_checkpoint(conn: Connection, checkpoint_id: int, scope: Scope, now: datetime) -> str:
    """Returns its name. Raises NotFound for one that is not in force in the scope, and Conflict while a
    plan has it."""
    c, p = checkpoints.c, patrol_plans.c
    ended = (
        update(checkpoints)
        .where(c.id == checkpoint_id, c.valid_to.is_(None), scope.condition_on(c.grid_code))
        .values(valid_to=now)
        .returning(c.name)
    )
    name = conn.scalar(ended)
    if name is None:
        raise NotFound(
            f"There is no checkpoint {checkpoint_id}; GET /api/v1/checkpoints lists them.",
            field="id",
        )
    plan = conn.scalar(
        select(p.name).where(
            literal(checkpoint_id) == any_(p.checkpoint_ids),
            or_(p.valid_to.is_(None), p.valid_to > now),
        )
    )
    if plan is not None:
        raise Conflict(
            f"The plan {plan} has this checkpoint; end the plan first.", code="in_use", field="id"
        )
    return str(name)


def _checkpoint(row: Row[tuple[object, ...]]) -> Checkpoint:
    [(lon, lat)] = shapely.get_coordinates(to_shape(row.geom)).tolist()
    return Checkpoint(
        id=row.id,
        name=row.name,
        lon=lon,
        lat=lat,
        radius_m=row.radius_m,
        dwell_s=row.dwell_s,
        grid_code=row.grid_code,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )
