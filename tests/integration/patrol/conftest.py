"""A town in the least data: units, staff and posts, as rows."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert

from data.database import Database
from data.schema import posts, staff, units


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def add_unit(database: Database) -> Callable[..., int]:
    """`add_unit("GW-001", kind="vehicle", ...) -> units.id`."""

    def add(code: str, **columns: Any) -> int:
        values = {"kind": "person", "name": code, "role": "grid_worker", **columns}
        with database.begin() as conn:
            row = conn.execute(insert(units).values(code=code, **values).returning(units.c.id))
            return int(row.scalar_one())

    return add


@pytest.fixture
def add_staff(database: Database) -> Callable[..., int]:
    """`add_staff("王小明", role=..., grid_code=..., ...) -> staff.id`, with one post."""

    def add(name: str, **post: Any) -> int:
        with database.begin() as conn:
            staff_id = conn.execute(insert(staff).values(name=name).returning(staff.c.id))
            identifier = int(staff_id.scalar_one())
            conn.execute(insert(posts).values(staff_id=identifier, **post))
            return identifier

    return add
