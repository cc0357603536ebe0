"""A unit's day in numbers: what is kept of it when its fixes are dropped."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime

import numpy as np
from sqlalchemy import Connection, select, text

from data.schema import unit_days
from data.sql import load_sql
from gis.track import analyse
from patrol.tracks.fixes import UnitFixes

_SQL = load_sql("patrol.tracks", "unit_days.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitDay:
    """What the fixes of one day (UTC) said. `fixes` counts all of them, `flagged` those not believed;
    lengths, times and stops are about the others, as `gis.track.TrackAnalysis` has them."""

    unit_id: int
    fixes: int
    flagged: int
    length_m: float
    moving_s: float
    stopped_s: float
    gap_s: float
    stops: int
    first_at: datetime
    last_at: datetime

    @property
    def day(self) -> date:
        return self.first_at.astimezone(UTC).date()


def unit_day_of(fixes: UnitFixes) -> UnitDay:
    """The day of these fixes, of which there is at least one."""
    analysis, t_s = analyse(fixes.track), fixes.track.t_s
    return UnitDay(
        unit_id=fixes.unit_id,
        fixes=len(t_s),
        flagged=int(np.count_nonzero(analysis.flags)),
        length_m=analysis.length_m,
        moving_s=analysis.moving_s,
        stopped_s=analysis.stopped_s,
        gap_s=analysis.gap_s,
        stops=len(analysis.stops),
        first_at=datetime.fromtimestamp(t_s.item(0), UTC),
        last_at=datetime.fromtimestamp(t_s.item(-1), UTC),
    )


def store_unit_days(conn: Connection, day: date, days: Sequence[UnitDay]) -> None:
    """Keep the days, all of them of `day`."""
    columns = {
        field.name: [getattr(each, field.name) for each in days] for field in fields(UnitDay)
    }
    conn.execute(text(_SQL["store_unit_days"]), {"day": day, **columns})


def read_unit_days(conn: Connection, unit_id: int, since: date, until: date) -> list[UnitDay]:
    """The days that are kept of a unit, from `since` to before `until`, in their order."""
    columns = [unit_days.c[field.name] for field in fields(UnitDay)]
    statement = (
        select(*columns)
        .where(unit_days.c.unit_id == unit_id, unit_days.c.day >= since, unit_days.c.day < until)
        .order_by(unit_days.c.day)
    )
    return [UnitDay(**row._mapping) for row in conn.execute(statement)]
