"""The people who hold posts in grids."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from data.sql import load_sql
from patrol.duty.ownership import staff_on_duty

_SQL = load_sql("patrol.duty", "posts.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Somebody in a post. `unit` is the public identifier of what they carry, if anything."""

    staff_id: int
    name: str
    phone: str | None
    role: str
    is_deputy: bool
    grid_code: str | None
    department: str | None
    unit: str | None
    on_duty: bool
    on_leave: bool


def holders_in(
    conn: Connection, grid_codes: Iterable[str], at: datetime, *, of_the_town: bool = False
) -> list[Holder]:
    """Who holds a post in one of these grids at an instant, and with `of_the_town` one that knows no
    grid, the earlier post first."""
    asked = {"grid_codes": sorted(grid_codes), "at": at, "of_the_town": of_the_town}
    rows = conn.execute(text(_SQL["holders_in_grids"]), asked)
    on_duty = staff_on_duty(conn, at)
    return [Holder(**row, on_duty=row["staff_id"] in on_duty) for row in rows.mappings()]
