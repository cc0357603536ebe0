"""What the administrator decides about cases: their categories, and the calendar that terms run by."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from data.schema import case_category_version, work_calendar
from patrol.categories.store import KeptCategories
from patrol.categories.tree import Categories
from patrol.clocks.calendar import WorkCalendar
from patrol.clocks.store import WorkCalendars


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """As one transaction sees them."""

    categories: Categories
    calendar: WorkCalendar


class Rulebook:
    """Gives the rules of a transaction; one for each process. A transaction asks for both versions in
    one statement, and for nothing else unless one of them is new.

    `calendars`: the same calendar for whoever needs nothing else.
    """

    def __init__(self) -> None:
        self.calendars = WorkCalendars()
        self._categories = KeptCategories()

    def current(self, conn: Connection) -> Rules:
        row = conn.execute(_VERSIONS).one()
        return Rules(
            categories=self._categories.of(conn, row.categories),
            calendar=self.calendars.of(conn, row.calendar, row.hours),
        )


_VERSIONS = select(
    select(case_category_version.c.version).scalar_subquery().label("categories"),
    select(work_calendar.c.version).scalar_subquery().label("calendar"),
    select(work_calendar.c.hours).scalar_subquery().label("hours"),
)
