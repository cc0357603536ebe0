"""A unit's day in numbers. They are worked out again whenever its fixes change, and kept when those are
dropped."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime

import numpy as np
from sqlalchemy import Connection, delete, select, text

from data.schema import unit_days
from data.sql import load_sql
from gis.track import TrackAnalysis
from patrol.tracks.fixes import UnitFixes

_SQL = load_sql("patrol.tracks", "unit_days.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitDay:
    """What the fixes of a working day (`gis.work_day`) say. `fixes` counts all of them, `flagged` those
    not believed; lengths, times, stops and trips are about the others, as `gis.track.TrackAnalysis` has
    them."""

    unit_id: int
    day: date
    fixes: int
    flagged: int
    length_m: float
    moving_s: float
    stopped_s: float
    gap_s: float
    stops: int
    trips: int
    first_at: datetime
    last_at: datetime


def unit_day_of(fixes: UnitFixes, day: date, analysis: TrackAnalysis) -> UnitDay:
    """The day of these fixes, of which there is at least one, and of what their analysis says."""
    t_s = fixes.track.t_s
    return UnitDay(
        unit_id=fixes.unit_id,
        day=day,
        fixes=len(t_s),
        flagged=int(np.count_nonzero(analysis.flags)),
        length_m=analysis.length_m,
        moving_s=analysis.moving_s,
        stopped_s=analysis.stopped_s,
        gap_s=analysis.gap_s,
        stops=len(analysis.stops),
        trips=len(analysis.trips),
        first_at=datetime.fromtimestamp(t_s.item(0), UTC),
        last_at=datetime.fromtimestamp(t_s.item(-1), UTC),
    )


def store_unit_days(conn: Connection, days: Sequence[UnitDay], *, expired: bool = False) -> None:
    """Keep the days. Those that are `expired`, for fixes of theirs are dropped, are only replaced by a
    fuller picture from then on."""
    columns = {
        field.name: [getattr(each, field.name) for each in days] for field in fields(UnitDay)
    }
    conn.execute(text(_SQL["store_unit_days"]), {**columns, "expired": expired})


def forget_unit_day(conn: Connection, unit_id: int, day: date) -> None:
    """Of a day that has no fixes any more, unless they were dropped."""
    conn.execute(
        delete(unit_days).where(
            unit_days.c.unit_id == unit_id, unit_days.c.day == day, ~unit_days.c.expired
        )
    )


def read_unit_days(conn: Connection, unit_id: int, since: date, until: date) -> list[UnitDay]:
    """The days of a unit, from `since` to before `until`, in their order."""
    columns = [unit_days.c[field.name] for field in fields(UnitDay)]
    statement = (
        select(*columns)
        .where(unit_days.c.unit_id == unit_id, unit_days.c.day >= since, unit_days.c.day < until)
        .order_by(unit_days.c.day)
    )
    return [UnitDay(**row._mapping) for row in conn.execute(statement)]
