"""How often the same was complained of: in one case, and in others before it."""

import re
from datetime import timedelta

from sqlalchemy import Connection, text

from data.sql import load_sql
from patrol.cases.case import Case
from patrol.cases.duplicates import NEAR_M

_SQL = load_sql("patrol.cases", "cases.sql")
MOBILE = re.compile(r"1[3-9]\d{9}")
"""A mobile number of China (E.164 without +86), among whatever else was written down of somebody."""


def times_reported(conn: Connection, case: Case, within: timedelta) -> int:
    """By how many the case was reported, and, where it is a complaint, in how many earlier complaints of
    its category within `within` before it the same place (NEAR_M metres around, WGS-84) or the same
    mobile number was named; as far as the transaction's viewer sees them. What became void does not
    count, and what was merged counts where it went."""
    if not case.source.is_complaint or not within:
        return case.reports
    mobile = MOBILE.search(case.reporter or "")
    before: int = conn.execute(
        text(_SQL["complaints_before"]),
        {
            "id": case.id,
            "lon": case.lon,
            "lat": case.lat,
            "near_m": NEAR_M,
            "category": case.category,
            "since": case.reported_at - within,
            "until": case.reported_at,
            "mobile": None if mobile is None else mobile[0],
        },
    ).scalar_one()
    return case.reports + before
