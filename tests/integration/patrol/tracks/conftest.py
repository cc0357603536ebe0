"""Two units on patrol for three days, stored as real partitions."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from data.database import Database

FIRST = date(2026, 8, 1)


@pytest.fixture
def days() -> tuple[date, ...]:
    return tuple(FIRST + timedelta(days=n) for n in range(3))


@pytest.fixture
def patrols(database: Database, add_unit: Callable[..., int], days: tuple[date, ...]) -> list[int]:
    """The units' ids. Each walks an hour, stands for half of one, is silent for an hour and walks
    again, with one fix that cannot be true; the second is a little slower."""
    units = [add_unit("GW-001"), add_unit("GW-002")]
    with database.begin() as conn:
        for day in days:
            conn.execute(text("SELECT make_fixes_partition(:day)"), {"day": day})
            conn.execute(
                text(
                    "INSERT INTO fixes (unit_id, at, lon, lat, accuracy_m) "
                    "SELECT unit_id, CAST(:day AS date) + s * interval '1 second', 118.6, "
                    "34.5 + least(s, 3600) * 0.00001 / unit_id "
                    "+ CASE WHEN s > 9000 THEN (s - 9000) * 0.00001 ELSE 0 END "
                    "+ CASE WHEN s = 600 THEN 1 ELSE 0 END, CASE WHEN s % 20 = 0 THEN 5 END "
                    "FROM unnest(CAST(:units AS bigint[])) AS unit_id, "
                    "generate_series(0, 12000, 10) AS s WHERE s NOT BETWEEN 5401 AND 8999"
                ),
                {"day": day, "units": units},
            )
    return units
