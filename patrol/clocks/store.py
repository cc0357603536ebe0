"""The calendar as the administrator has it: kept between transactions, and changed on the record."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from data.audit import Who, record
from data.schema import calendar_days, work_calendar
from gis.errors import NotFound
from gis.local_time import Window
from patrol.clocks.calendar import USUAL_HOURS, SpecialDay, WorkCalendar, check_hours

_MOST_RECORDED = 200


class WorkCalendars:
    """Gives the calendar of a transaction; one for each process.

    A transaction asks for the version only, and the calendar is built again when it is another one: what
    anybody committed holds for the next transaction everywhere.
    """

    def __init__(self) -> None:
        self._kept: tuple[UUID | None, WorkCalendar] | None = None

    def current(self, conn: Connection) -> WorkCalendar:
        """As this transaction sees it."""
        w = work_calendar.c
        row = conn.execute(select(w.version, w.hours)).one_or_none()
        return self.of(conn, *((None, None) if row is None else (row.version, row.hours)))

    def of(
        self, conn: Connection, version: UUID | None, own_hours: list[dict[str, str]] | None
    ) -> WorkCalendar:
        """The same for whoever has read that row of `work_calendar`; both are None without one."""
        kept = self._kept
        if kept is not None and kept[0] == version:
            return kept[1]
        # The version was read first: what is kept under it may be newer, and is then built once more.
        calendar = WorkCalendar(hours=_hours(own_hours), own_days=read_own_days(conn))
        self._kept = (version, calendar)
        return calendar


@dataclass(frozen=True, kw_only=True, slots=True)
class DaysSet:
    """How many of the days that were to be set are new, changed, and as they were."""

    new: int
    changed: int
    unchanged: int


def read_own_days(conn: Connection) -> list[SpecialDay]:
    """The administrator's days, in order."""
    rows = conn.execute(select(calendar_days).order_by(calendar_days.c.day))
    return [SpecialDay(day=row.day, is_working=row.is_working, name=row.name) for row in rows]


def set_days(conn: Connection, who: Who, days: Iterable[SpecialDay]) -> DaysSet:
    """Make each a working day or a day of rest, whatever it was; other days stay."""
    _change(conn)
    before = {each.day: each for each in read_own_days(conn)}
    wanted = {each.day: each for each in days}
    new = [each for day, each in wanted.items() if day not in before]
    changed = [each for day, each in wanted.items() if day in before and before[day] != each]
    rows = [
        {"day": each.day, "is_working": each.is_working, "name": each.name}
        for each in (*new, *changed)
    ]
    if rows:
        adding = insert(calendar_days).values(rows)
        columns = {name: adding.excluded[name] for name in ("is_working", "name")}
        conn.execute(adding.on_conflict_do_update(index_elements=["day"], set_=columns))
        record(conn, who, "calendar.set", _subject([*new, *changed]), details=_details(rows))
    return DaysSet(
        new=len(new), changed=len(changed), unchanged=len(wanted) - len(new) - len(changed)
    )


def remove_day(conn: Connection, who: Who, day: date) -> SpecialDay:
    """What the law says holds again. Raises NotFound."""
    _change(conn)
    d = calendar_days.c
    removing = delete(calendar_days).where(d.day == day).returning(d.day, d.is_working, d.name)
    row = conn.execute(removing).one_or_none()
    if row is None:
        raise NotFound(
            f"{day} is no day of your own; what the law says of it holds. GET /calendar lists them."
        )
    removed = SpecialDay(day=row.day, is_working=row.is_working, name=row.name)
    details = {"is_working": removed.is_working, "name": removed.name}
    record(conn, who, "calendar.remove", _subject([removed]), details=details)
    return removed


def set_hours(conn: Connection, who: Who, hours: Sequence[Window]) -> None:
    """Raises InvalidInput for hours that cannot be."""
    stored = [window.to_json() for window in check_hours(hours)]
    _change(conn, stored)
    record(conn, who, "calendar.hours", details={"hours": stored})


def _change(conn: Connection, hours: list[dict[str, str]] | None = None) -> None:
    """Another version, and whoever else changes something waits for this transaction."""
    values = {"version": func.gen_random_uuid()} | ({} if hours is None else {"hours": hours})
    changing = insert(work_calendar).values(id=1, **values)
    conn.execute(changing.on_conflict_do_update(index_elements=["id"], set_=values))


def _subject(days: Sequence[SpecialDay]) -> str:
    return f"day {days[0].day}" if len(days) == 1 else f"{len(days)} days"


def _details(rows: Sequence[Mapping[str, object]]) -> dict[str, object]:
    if len(rows) == 1:
        return {name: rows[0][name] for name in ("is_working", "name")}
    listed = {f"{row['day']}": row["is_working"] for row in rows}
    return {"days": dict(sorted(listed.items())[:_MOST_RECORDED])}


def _hours(stored: list[dict[str, str]] | None) -> Sequence[Window]:
    return USUAL_HOURS if stored is None else [Window.from_json(each) for each in stored]
