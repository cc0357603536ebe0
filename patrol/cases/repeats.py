"""How often the same was complained of: in one case, and in others before it."""

from datetime import timedelta

from sqlalchemy import Connection, text

from data.sql import load_sql
from patrol.cases.case import Case
from patrol.cases.duplicates import NEAR_M
from patrol.duty.contact import mobile_in

_SQL = load_sql("patrol.cases", "cases.sql")


def times_reported(conn: Connection, case: Case, within: timedelta) -> int:
    """By how many the case was reported, and, where it is a complaint, in how many earlier complaints of
    its category within `within` before it the same place (NEAR_M metres around, WGS-84) or the same
    mobile number was named, whoever sees them. What became void does not count, and what was merged
    counts where it went."""
    if not case.source.is_complaint or not within:
        return case.reports
    before: int = conn.execute(
        text(_SQL["complaints_before"]),
        {
            "id": case.id,
            "lon": case.lon,
            "lat": case.lat,
            "near_m": NEAR_M,
            "category": case.category,
            "since": case.reported_at - within,
            "at": case.reported_at,
            "mobile": mobile_in(case.reporter or ""),
        },
    ).scalar_one()
    return case.reports + before
