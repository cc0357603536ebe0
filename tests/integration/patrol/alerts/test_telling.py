"""Who is told of alerts."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from shapely import MultiPolygon, box
from sqlalchemy import insert, text

from data.database import Database
from data.editions import GridIndexes
from data.schema import accounts, grid_editions, grids, posts, staff, staff_leaves, units
from patrol.alerts.telling import tell_of_alerts

NOW = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def people(database: Database) -> dict[str, int]:
    """A worker and a chief in E, a chief in W, and two dispatchers, by a post and by an account."""
    with database.begin() as conn:

        def add(table: Any, **values: Any) -> int:
            statement = insert(table).values(**values).returning(table.c.id)
            return int(conn.execute(statement).scalar_one())

        edition = add(grid_editions, name="2026", state="active", content_hash="x")
        square = MultiPolygon([box(118.6, 34.5, 118.62, 34.52)])
        for code in ("E", "W"):
            add(
                grids,
                edition_id=edition,
                code=code,
                name=code,
                level=1,
                area_m2=1.0,
                geom=f"SRID=4326;{square.wkt}",
            )
        people = {
            name: add(staff, name=name) for name in ("worker", "chief", "other", "desk", "duty")
        }
        for name, role, grid in (
            ("worker", "grid_worker", "E"),
            ("chief", "grid_chief", "E"),
            ("other", "grid_chief", "W"),
            ("desk", "dispatcher", None),
        ):
            post = {"staff_id": people[name], "role": role, "grid_code": grid}
            add(posts, **post, valid_from=LONG_AGO)
        add(accounts, username="duty", role="dispatcher", staff_id=people["duty"])
        unit = {"kind": "person", "name": "王", "role": "grid_worker", "grid_code": "E"}
        add(units, id=1, code="GW-1", staff_id=people["worker"], **unit)
    return people


def raise_alert(
    database: Database, kind: str, *, ago: timedelta = timedelta(), late: bool = False
) -> None:
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO alerts "
                "(unit_id, kind, begun_at, last_at, recorded_at, late, ended_at, seq) VALUES "
                "(1, :kind, :at, :at, :at, :late, :at, nextval('positions_seq'))"
            ),
            {"kind": kind, "at": NOW - ago, "late": late},
        )


def told(database: Database) -> list[tuple[int, str]]:
    with database.begin() as conn:
        rows = conn.execute(text("SELECT staff_id, kind FROM notices ORDER BY 1, 2"))
        return [(row.staff_id, row.kind) for row in rows]


def look(database: Database, after: int = 0) -> int:
    return tell_of_alerts(database, GridIndexes(database), NOW, after=after)


def test_of_a_call_for_help_the_chief_and_the_dispatchers_are_told_once(
    database: Database, people: dict[str, int]
) -> None:
    raise_alert(database, "sos")
    after = look(database)
    assert look(database, after) == after
    look(database)  # one that begins again
    assert told(database) == [(people[name], "call_for_help") for name in ("chief", "desk", "duty")]


def test_of_another_alert_the_chief_is_told(database: Database, people: dict[str, int]) -> None:
    raise_alert(database, "left_grid")
    look(database)
    assert told(database) == [(people["chief"], "alert")]
    with database.begin() as conn:
        words = conn.scalar(text("SELECT words FROM notices"))
    assert words == {
        "about_zh": "离开本网格：GW-1，11-27 10:00",
        "about_en": "left grid: GW-1, 11-27 10:00",
    }


def test_where_the_chief_is_on_leave_without_a_stand_in_the_dispatchers_are_told(
    database: Database, people: dict[str, int]
) -> None:
    with database.begin() as conn:
        leave = {"kind": "sick", "begins_at": LONG_AGO, "entered_at": LONG_AGO, "entered_by": "x"}
        for name in ("chief", "duty"):
            conn.execute(insert(staff_leaves).values(staff_id=people[name], **leave))
    raise_alert(database, "still")
    look(database)
    assert told(database) == [(people["desk"], "alert")]


def test_of_what_was_over_long_ago_nobody_is_told(
    database: Database, people: dict[str, int]
) -> None:
    raise_alert(database, "sos", late=True)
    raise_alert(database, "sos", ago=timedelta(hours=2))
    look(database)
    assert told(database) == []


def test_what_comes_after_is_told_too(database: Database, people: dict[str, int]) -> None:
    raise_alert(database, "still")
    after = look(database)
    raise_alert(database, "low_battery")
    look(database, after)
    assert len(told(database)) == 2
