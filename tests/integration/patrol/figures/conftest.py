"""Cases as rows: what figures count is what a case adds up to."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import insert

from data.database import Database
from data.schema import case_holds, cases
from gis.local_time import LOCAL
from patrol.figures.period import Period

AddCases = Callable[..., None]
Hold = tuple[datetime, datetime | None]
DAY = timedelta(days=1)


def local(month: int, day: int = 1, hour: int = 0, *, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=LOCAL).astimezone(UTC)


MARCH = Period(since=local(3), until=local(4))


@pytest.fixture
def add_cases(database: Database) -> AddCases:
    """`add_cases(12, state="closed", ...)` adds that many alike. `reported_at` is at noon of 2 March,
    filed and dispatched at once, unless it is said; None is what did not happen. `holds` are when each
    was on hold, to None for one that lasts."""
    numbers = count(1)

    def add(number: int, *, holds: Sequence[Hold] = (), **columns: Any) -> None:
        reported_at = columns.pop("reported_at", local(3, 2, 12))
        values = {
            "state": "in_progress",
            "source": "patrol",
            "category": "other",
            "description": "",
            "geom": "SRID=4326;POINT(118.6 34.5)",
            "grid_code": "32072210100100101",
            "tier": "grid",
            "reported_at": reported_at,
            "filed_at": reported_at,
            "dispatched_at": reported_at,
            **columns,
        }
        if number:
            with database.begin() as conn:
                ids = conn.scalars(
                    insert(cases).returning(cases.c.id),
                    [{"number": f"C{next(numbers)}", **values} for _ in range(number)],
                ).all()
                if holds:
                    conn.execute(
                        insert(case_holds),
                        [
                            {"case_id": case_id, "seq": seq, "began_at": began, "ended_at": ended}
                            for case_id in ids
                            for seq, (began, ended) in enumerate(holds, start=1)
                        ],
                    )

    return add
