"""The units on duty near a place."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from data.scope import Scope
from data.sql import load_sql
from patrol.duty.ownership import units_on_duty

_SQL = load_sql("patrol.cases", "cases.sql")
_WITHIN_M = 30_000.0
"""Nobody is sent from further away."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NearUnit:
    """A unit on duty, by where it was `age_s` ago. `unit` is its public identifier."""

    unit: str
    name: str
    role: str
    distance_m: float
    age_s: float
    accuracy_m: float | None


def nearest_units(
    conn: Connection, lon: float, lat: float, at: datetime, scope: Scope, *, count: int = 5
) -> list[NearUnit]:
    """The units on duty nearest to a position (WGS-84), whose home is in the scope, nearest
    first, at most 30 km away."""
    rows = conn.execute(
        text(_SQL["nearest_units"]),
        {
            "unit_ids": sorted(units_on_duty(conn, at)),
            "lon": lon,
            "lat": lat,
            "at": at,
            "scope": scope.sql_codes(),
            "within_m": _WITHIN_M,
            "count": count,
        },
    )
    return [NearUnit(**row) for row in rows.mappings()]
