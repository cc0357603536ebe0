"""Marks of days whose facts are not those of the fixes yet."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from data.schema import changed_days, units
from data.scope import Viewer
from gis.local_time import LOCAL
from patrol.tracking.units import is_seen_by


def oldest_mark(
    conn: Connection, viewer: Viewer, since: datetime, until: datetime
) -> datetime | None:
    """When the oldest of the marks was made that concern the period, of units that `viewer` sees: those
    of its working days, of which the first may be the day before. Fixes that arrived after it may not be
    in the facts; None is all are."""
    first, last = since.astimezone(LOCAL).date(), until.astimezone(LOCAL).date()
    marks = changed_days.c
    oldest: datetime | None = conn.scalar(
        select(func.min(marks.changed_at))
        .select_from(changed_days.join(units, units.c.id == marks.unit_id))
        .where(marks.day >= first - timedelta(days=1), marks.day <= last, is_seen_by(viewer))
    )
    return oldest
