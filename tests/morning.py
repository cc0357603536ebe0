"""A morning of GW-001: ten minutes on foot, half an hour at one place, half an hour unheard of, and ten
minutes back, with one fix that cannot be true."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shapely import MultiPolygon, box
from sqlalchemy import insert, text

from data.database import Database
from data.schema import grid_editions, grids, staff, units

TOWN, EAST, WEST = "320722001", "320722001001001", "320722001001002"
START = datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
NORTH_DEG_PER_M = 1 / 111_195
ALL_DAY = {"from": START.isoformat(), "to": (START + timedelta(days=1)).isoformat()}


def morning() -> list[dict[str, Any]]:
    """Seconds after START and metres north of where it began."""
    walk = [(s, 1.5 * s) for s in range(0, 600, 10)]
    stay = [(s, 900.0 + (s // 10) % 3) for s in range(600, 2400, 10)]
    back = [(s, 900.0 - 1.5 * (s - 4200)) for s in range(4200, 4810, 10)]
    jump = [(305, 90_000.0)]
    return [{"s": s, "north_m": m} for s, m in sorted([*walk, *stay, *back, *jump])]


def make_town(database: Database) -> int:
    """GW-001 of 王小明, at home in the east, has had its morning; GW-002 in the west has not. Gives the
    staff number of 王小明."""
    with database.begin() as conn:
        edition = conn.scalar(
            insert(grid_editions)
            .values(name="2026", state="active", content_hash="2026")
            .returning(grid_editions.c.id)
        )
        for code, level, parent, square in (
            (TOWN, 0, None, box(118.5, 34.4, 118.7, 34.6)),
            (EAST, 1, TOWN, box(118.6, 34.4, 118.7, 34.6)),
            (WEST, 1, TOWN, box(118.5, 34.4, 118.6, 34.6)),
        ):
            conn.execute(
                insert(grids).values(
                    edition_id=edition,
                    code=code,
                    name=f"网格{code[-3:]}",
                    level=level,
                    parent_code=parent,
                    area_m2=1.0,
                    geom=f"SRID=4326;{MultiPolygon([square]).wkt}",
                )
            )
        east = conn.scalar(text("SELECT id FROM grids WHERE code = :code"), {"code": EAST})
        person = conn.scalar(insert(staff).values(name="王小明").returning(staff.c.id))
        for code, home, owner in (("GW-001", EAST, person), ("GW-002", WEST, None)):
            conn.execute(
                insert(units).values(
                    code=code,
                    kind="person",
                    name=code,
                    role="grid_worker",
                    grid_code=home,
                    staff_id=owner,
                )
            )
        conn.execute(text("SELECT make_fixes_partition('2026-11-20')"))
        conn.execute(
            text(
                "INSERT INTO fixes (unit_id, at, lon, lat, grid_id) SELECT units.id, "
                "CAST(:start AS timestamptz) + :s * interval '1 second', 118.65, "
                "34.5 + :north_m * :deg_per_m, :east FROM units WHERE code = 'GW-001'"
            ),
            [
                {**fix, "start": START, "deg_per_m": NORTH_DEG_PER_M, "east": east}
                for fix in morning()
            ],
        )
        conn.execute(
            text(
                "INSERT INTO changed_days (unit_id, day) "
                "SELECT id, '2026-11-20' FROM units WHERE code = 'GW-001'"
            )
        )
        assert isinstance(person, int)
        return person
