"""Facilities in the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from data.schema import facilities, facility_imports
from data.sql import load_sql
from gis.errors import Conflict, NotFound
from layers.facilities.facility import Facility

_SQL = load_sql("layers.facilities", "facilities.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class FacilityImport:
    id: int
    name: str
    made_by: str
    made_at: datetime
    new: int
    changed: int


def list_facilities(
    conn: Connection,
    *,
    kind: str | None,
    box: tuple[float, float, float, float] | None,
    import_id: int | None,
    after: str | None,
    count: int,
) -> list[Facility]:
    """By code. `box` is west, south, east, north in degrees."""
    statement = _select().order_by(facilities.c.code).limit(count)
    if after is not None:
        statement = statement.where(facilities.c.code > after)
    if kind is not None:
        statement = statement.where(facilities.c.kind == kind)
    if import_id is not None:
        statement = statement.where(facilities.c.import_id == import_id)
    if box is not None:
        statement = statement.where(facilities.c.geom.op("&&")(func.ST_MakeEnvelope(*box, 4326)))
    return [_facility(row) for row in conn.execute(statement)]


def find_facility(conn: Connection, code: str, *, lock: bool = False) -> Facility:
    """Raises NotFound."""
    statement = _select().where(facilities.c.code == code)
    row = conn.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFound(f"There is no facility {code}.", code="no_such_facility", field="code")
    return _facility(row)


def insert_facility(
    conn: Connection, code: str, fields: Mapping[str, Any], lon: float, lat: float
) -> Facility:
    """By hand: it is of no import. `fields` as `read_changes` gives them. Raises Conflict."""
    try:
        with conn.begin_nested():
            conn.execute(insert(facilities).values(**fields, code=code, geom=_point(lon, lat)))
    except IntegrityError as error:
        raise Conflict(
            f"There is a facility {code} already; change that one.",
            code="facility_exists",
            field="code",
        ) from error
    return find_facility(conn, code)


def update_facility(
    conn: Connection, code: str, fields: Mapping[str, Any], place: tuple[float, float] | None
) -> Facility:
    """By hand: it is of no import any more, so it stays when the one that wrote it is taken back."""
    changes: dict[str, Any] = {**fields, "import_id": None}
    if place is not None:
        changes["geom"] = _point(*place)
    conn.execute(update(facilities).where(facilities.c.code == code).values(**changes))
    return find_facility(conn, code)


def delete_facility(conn: Connection, code: str) -> None:
    conn.execute(delete(facilities).where(facilities.c.code == code))


def count_kinds(conn: Connection) -> Mapping[str, int]:
    """How many there are of each kind."""
    return {row.kind: row.facilities for row in conn.execute(text(_SQL["kinds"]))}


def list_imports(conn: Connection) -> list[FacilityImport]:
    """The latest first."""
    rows = conn.execute(select(facility_imports).order_by(facility_imports.c.id.desc()))
    return [FacilityImport(**row._mapping) for row in rows]


def _point(lon: float, lat: float) -> str:
    return f"SRID=4326;POINT({lon} {lat})"


def _select() -> Select[*tuple[Any, ...]]:
    return select(
        facilities.c.code,
        facilities.c.kind,
        facilities.c.name,
        facilities.c.properties,
        facilities.c.geom.ST_X().label("lon"),
        facilities.c.geom.ST_Y().label("lat"),
        facilities.c.import_id,
    )


def _facility(row: Row[*tuple[Any, ...]]) -> Facility:
    return Facility(**row._mapping)
