"""Reports of the same thing: of the same category, near in place and time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from data.sql import load_sql
from gis.errors import InvalidInput
from patrol.cases.case import State

_SQL = load_sql("patrol.cases", "cases.sql")
NEAR_M = 50.0
WITHIN = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class Duplicate:
    """An open case that may be about the same."""

    id: int
    number: str
    state: State
    reported_at: datetime
    distance_m: float


def duplicates(
    conn: Connection,
    lon: float,
    lat: float,
    *,
    category: str,
    at: datetime,
    but_not: int | None = None,
    count: int = 10,
) -> list[Duplicate]:
    """Open cases of the category within NEAR_M metres (WGS-84) that were reported within WITHIN before
    or after `at`, as far as the transaction's viewer sees them, the nearest first. Neither `but_not`,
    the id of a case, nor those of which somebody has said that they and it are two."""
    rows = conn.execute(
        text(_SQL["duplicates"]),
        {
            "lon": lon,
            "lat": lat,
            "category": category,
            "since": at - WITHIN,
            "until": at + WITHIN,
            "near_m": NEAR_M,
            "but_not": but_not,
            "count": count,
        },
    )
    return [
        Duplicate(
            id=row.id,
            number=row.number,
            state=State(row.state),
            reported_at=row.reported_at,
            distance_m=row.distance_m,
        )
        for row in rows
    ]


def no_duplicate() -> InvalidInput:
    """Of a report that joins what `duplicates` does not have."""
    return InvalidInput(
        "`joins` names no open case of the same category within 50 m and 24 hours; leave it out, or "
        "look again which there are.",
        field="joins",
        code="no_duplicate",
    )
