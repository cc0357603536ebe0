"""How much somebody has in hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from data.sql import load_sql

_SQL = load_sql("patrol.cases", "cases.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Workload:
    """`open` are the cases of somebody that are not handled yet; `overdue` those that are late."""

    open: int = 0
    overdue: int = 0


NOTHING = Workload()


def workload_of(conn: Connection, staff_ids: Iterable[int], at: datetime) -> dict[int, Workload]:
    """By staff id; nobody without a case. The same for every viewer: it tells numbers only."""
    rows = conn.execute(text(_SQL["workload"]), {"staff_ids": sorted(set(staff_ids)), "at": at})
    return {row.staff_id: Workload(open=row.open, overdue=row.overdue) for row in rows}
