"""The demo town in the database: its map, its people, their patrols and cases.

Everything goes in by COPY on the driver's connection, inside the transaction of the caller.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from math import isnan
from typing import Any

import numpy as np
import shapely
from psycopg import Connection as DriverConnection
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb
from shapely import Point
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, func, insert, update

from data.demo.cases.incidents import CaseRecord
from data.demo.departments import DEPARTMENTS, SENT
from data.demo.land.plane import Floats
from data.demo.patrols.history import PatrolRecord
from data.demo.people import DemoUnit, StaffMember
from data.demo.plans import RADIUS_M, checkpoints_in, patrol_plans_of
from data.demo.roster import duty_roster
from data.demo.rows import case_row, category_row, event_rows, last_numbers
from data.demo.town import Town
from data.editions import GridIndex
from data.schema import (
    case_categories,
    case_category_version,
    case_numbers,
    cases,
    checkpoints,
    departments,
    patrol_plans,
    posts,
    rosters,
    staff,
    staff_leaves,
    units,
)
from data.sql import load_sql
from gis.local_time import LOCAL
from gis.work_day import touched_days

_SQL = load_sql("data.demo", "demo.sql")
_MOVING_MPS = 0.7
_TRANSMISSION = timedelta(seconds=2)
_FIX_COLUMNS = (
    *("unit_id", "at", "lon", "lat", "accuracy_m", "speed_mps", "heading_deg", "altitude_m"),
    *("battery_pct", "grid_id", "received_at"),
)
_FIX_TYPES = ("int8", "timestamptz", "float8", "float8", *["float4"] * 5, "int8", "timestamptz")

Row = Sequence[Any]


def insert_map(conn: Connection, town: Town) -> None:
    """Basemap, cameras and facilities."""
    _copy(
        conn,
        "basemap_features",
        ("source", "kind", "class", "name", "geom"),
        (
            ("demo", item.kind, item.category, item.name, _ewkb(item.geometry))
            for item in town.basemap
        ),
    )
    columns = ("code", "name", "network", "kind", "bearing_deg", "fov_deg", "range_m", "height_m")
    _copy(
        conn,
        "cameras",
        (*columns, "state", "geom"),
        (
            (*(getattr(item, name) for name in (*columns, "state")), _point(item.lon, item.lat))
            for item in town.cameras
        ),
    )
    _copy(
        conn,
        "facilities",
        ("code", "kind", "name", "properties", "geom"),
        (
            (item.code, item.kind, item.name, Jsonb(item.properties), _point(item.lon, item.lat))
            for item in town.facilities
        ),
    )


def insert_departments(conn: Connection) -> None:
    """The departments, and the categories of cases that are theirs."""
    conn.execute(
        insert(departments),
        [
            {"code": each.code, "name_zh": each.name_zh, "name_en": each.name_en, "active": True}
            for each in DEPARTMENTS
        ],
    )
    conn.execute(insert(case_categories), [category_row(each) for each in SENT.values()])
    conn.execute(insert(case_category_version).values(id=1, version=func.gen_random_uuid()))


def insert_staff(
    conn: Connection, members: Sequence[StaffMember], since: datetime
) -> Sequence[int]:
    """Staff with their posts from `since` on. Returns the ids in the order of `members`."""
    rows = [{"name": member.name, "phone": member.phone} for member in members]
    ids = conn.scalars(
        insert(staff).returning(staff.c.id, sort_by_parameter_order=True), rows
    ).all()
    held = [
        {
            "staff_id": staff_id,
            "role": post.role,
            "grid_code": post.grid_code,
            "is_deputy": post.is_deputy,
            "department": post.department,
            "valid_from": since,
        }
        for staff_id, member in zip(ids, members, strict=True)
        for post in member.posts
    ]
    conn.execute(insert(posts), held)
    return ids


def insert_units(
    conn: Connection, crew: Sequence[DemoUnit], staff_ids: Sequence[int]
) -> Mapping[str, int]:
    """The ids of the units, by code."""
    rows = [
        {
            "code": unit.code,
            "kind": unit.kind,
            "name": unit.name,
            "role": unit.role,
            "staff_id": None if unit.staff is None else staff_ids[unit.staff],
            "grid_code": unit.grid_code,
            "always_on_duty": unit.kind == "vehicle",
        }
        for unit in crew
    ]
    ids = conn.execute(insert(units).returning(units.c.code, units.c.id), rows)
    return {row.code: row.id for row in ids}


def insert_roster(conn: Connection, town: Town, staff_ids: Sequence[int], since: datetime) -> None:
    """The duty roster of the first level-1 grid from `since` on."""
    columns = duty_roster(town.level_1[0], town.workforce.staff, staff_ids)
    begins_on = since.astimezone(LOCAL).date()
    conn.execute(insert(rosters).values(**columns, begins_on=begins_on, valid_from=since))


def insert_absences(conn: Connection, town: Town, staff_ids: Sequence[int], now: datetime) -> None:
    """From `now` on, in the last grids of the town: one without a worker, one whose worker is on leave
    while a neighbour stands in, and one whose worker's post ends in five days."""
    vacant, away, ending = (grid.code for grid in town.level_2[-1:-4:-1])
    worker_of = {
        post.grid_code: staff_id
        for staff_id, member in zip(staff_ids, town.workforce.staff, strict=True)
        for post in member.posts
        if post.role == "grid_worker" and not post.is_deputy
    }
    soon = now + timedelta(days=5)
    for code, at in ((vacant, now), (ending, soon)):
        held = (posts.c.role == "grid_worker", posts.c.grid_code == code, ~posts.c.is_deputy)
        conn.execute(update(posts).where(*held).values(valid_to=at))
    conn.execute(
        insert(staff_leaves).values(
            staff_id=worker_of[away],
            kind="annual",
            begins_at=now,
            ends_at=soon,
            stand_in_id=worker_of[ending],
            entered_at=now,
            entered_by="demo",
        )
    )


def insert_plans(
    conn: Connection,
    town: Town,
    patrols: Sequence[PatrolRecord],
    index: GridIndex,
    *,
    since: datetime,
    made_at: datetime,
) -> None:
    """Checkpoints and patrol plans of the first level-1 grid from `since` on. Somebody is told of rounds
    that end after `made_at`."""
    grid = town.level_1[0]
    places = checkpoints_in(grid, town.facilities, patrols)
    rows = [
        {
            "name": place.name,
            "grid_code": found.grid.code,
            "radius_m": RADIUS_M,
            "geom": f"SRID=4326;POINT({place.lon} {place.lat})",
            "valid_from": since,
        }
        for place in places
        if (found := index.tree.place(place.lon, place.lat)) is not None
    ]
    ids = conn.scalars(insert(checkpoints).returning(checkpoints.c.id), rows).all()
    for columns in patrol_plans_of(grid, ids):
        conn.execute(insert(patrol_plans).values(**columns, valid_from=since, created_at=made_at))


def insert_patrols(
    conn: Connection,
    patrols: Sequence[PatrolRecord],
    unit_ids: Mapping[str, int],
    index: GridIndex,
) -> None:
    """Duty sessions, fixes with their grids, marks for the server to work out what they mean, and the
    position of every unit that has any."""
    _copy(
        conn,
        "duty_sessions",
        ("unit_id", "began_at", "ended_at"),
        (
            (unit_ids[item.shift.unit.code], item.shift.began_at, item.shift.ended_at)
            for item in patrols
        ),
    )
    days = {datetime.fromtimestamp(at, UTC).date() for item in patrols for at in item.fixes.at_s}
    driver = _driver(conn)
    driver.execute(_SQL["make_partitions"], {"days": sorted(days)})
    _copy(conn, "fixes", _FIX_COLUMNS, _fix_rows(patrols, unit_ids, index), types=_FIX_TYPES)
    _copy(conn, "changed_days", ("unit_id", "day"), sorted(_touched(patrols, unit_ids)))
    driver.execute(_SQL["lock_positions"])
    driver.execute(_SQL["set_positions"], {"moving_mps": _MOVING_MPS})
    driver.execute(_SQL["begin_watches"])


def _touched(patrols: Sequence[PatrolRecord], unit_ids: Mapping[str, int]) -> set[tuple[int, date]]:
    """The units and working days that have fixes."""
    touched: set[tuple[int, date]] = set()
    for patrol in patrols:
        at = np.sort(np.rint(np.asarray(patrol.fixes.at_s) * 1e6).astype("M8[us]"))
        units_, days = touched_days(np.full(len(at), unit_ids[patrol.shift.unit.code]), at)
        touched.update(zip(units_.tolist(), days.tolist(), strict=True))
    return touched


def insert_cases(
    conn: Connection,
    records: Sequence[CaseRecord],
    edition_id: int,
    staff_ids: Sequence[int],
) -> None:
    """Cases with all their events, and the numbers given out so far."""
    rows = [
        case_row(case, edition_id, staff_ids) | {"geom": _ewkt(case.lon, case.lat)}
        for case in records
    ]
    ids = conn.scalars(
        insert(cases).returning(cases.c.id, sort_by_parameter_order=True), rows
    ).all()
    columns = (
        "case_id",
        "seq",
        "action",
        "from_state",
        "to_state",
        "actor",
        "note",
        "details",
        "at",
    )
    _copy(
        conn,
        "case_events",
        columns,
        (
            tuple(Jsonb(row[name]) if name == "details" else row[name] for name in columns)
            for case_id, case in zip(ids, records, strict=True)
            for row in event_rows(case, case_id, edition_id, staff_ids)
        ),
    )
    if records:
        given = last_numbers(records)
        conn.execute(
            insert(case_numbers), [{"day": day, "last": last} for day, last in given.items()]
        )


def _fix_rows(
    patrols: Iterable[PatrolRecord], unit_ids: Mapping[str, int], index: GridIndex
) -> Iterator[Row]:
    for patrol in patrols:
        fixes = patrol.fixes
        unit_id = unit_ids[patrol.shift.unit.code]
        grid_ids = index.grid_ids(fixes.lon, fixes.lat)
        for at_s, grid_id, *measured in zip(
            fixes.at_s.tolist(),
            grid_ids.tolist(),
            fixes.lon.tolist(),
            fixes.lat.tolist(),
            _known(fixes.accuracy_m),
            _known(fixes.speed_mps),
            _known(fixes.heading_deg),
            _known(fixes.altitude_m),
            _known(fixes.battery_pct),
            strict=True,
        ):
            at = datetime.fromtimestamp(at_s, UTC)
            yield (unit_id, at, *measured, grid_id or None, at + _TRANSMISSION)


def _known(column: Floats) -> list[float | None]:
    return [None if isnan(value) else value for value in column.tolist()]


def _copy(
    conn: Connection,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Row],
    *,
    types: Sequence[str] | None = None,
) -> None:
    """COPY rows into a table; with the `types` of the columns in PostgreSQL's binary format."""
    statement = SQL("COPY {table} ({columns}) FROM STDIN {options}").format(
        table=Identifier(table),
        columns=SQL(", ").join(map(Identifier, columns)),
        options=SQL("(FORMAT binary)" if types else ""),
    )
    with _driver(conn).cursor() as cursor, cursor.copy(statement) as copy:
        if types:
            copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _driver(conn: Connection) -> DriverConnection[Any]:
    driver = conn.connection.driver_connection
    assert isinstance(driver, DriverConnection)
    return driver


def _point(lon: float, lat: float) -> str:
    return _ewkb(Point(lon, lat))


def _ewkb(geometry: BaseGeometry) -> str:
    return shapely.to_wkb(shapely.set_srid(geometry, 4326), hex=True, include_srid=True)


def _ewkt(lon: float, lat: float) -> str:
    return f"SRID=4326;POINT({lon!r} {lat!r})"
