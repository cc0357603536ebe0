"""The administrator's calendar: what is kept, and when a change of it is seen."""

from datetime import date, time

import pytest
from sqlalchemy import text

from data.audit import Who
from data.database import Database
from gis.errors import InvalidInput, NotFound
from gis.local_time import Window
from patrol.clocks.calendar import SpecialDay
from patrol.clocks.store import WorkCalendars, remove_day, set_days, set_hours

WHO = Who(account_id=None, name="管理员", role="admin", address=None)
MONDAY = date(2026, 6, 8)
REST = SpecialDay(day=MONDAY, is_working=False, name="本地节日")
MORNING = Window(begins=time(9), ends=time(12))


def test_without_anything_set_the_law_and_the_usual_hours_hold(database: Database) -> None:
    with database.begin() as conn:
        calendar = WorkCalendars().current(conn)
    assert calendar.day_length.total_seconds() == 8 * 3600
    assert calendar.is_working(MONDAY)


def test_an_unchanged_calendar_is_built_once(database: Database) -> None:
    calendars = WorkCalendars()
    with database.begin() as conn:
        set_days(conn, WHO, [REST])
    with database.begin() as conn:
        first = calendars.current(conn)
    with database.begin() as conn:
        assert calendars.current(conn) is first


def test_what_one_process_changes_another_sees_in_its_next_transaction(database: Database) -> None:
    here, elsewhere = WorkCalendars(), WorkCalendars()
    for change, works, day_s in (
        (lambda conn: set_days(conn, WHO, [REST]), False, 8 * 3600),
        (lambda conn: set_hours(conn, WHO, [MORNING]), False, 3 * 3600),
        (lambda conn: remove_day(conn, WHO, MONDAY), True, 3 * 3600),
    ):
        with database.begin() as conn:
            elsewhere.current(conn)
        with database.begin() as conn:
            change(conn)
            here.current(conn)
        for calendars in (here, elsewhere):
            with database.begin() as conn:
                calendar = calendars.current(conn)
            assert calendar.is_working(MONDAY) is works
            assert calendar.day_length.total_seconds() == day_s


def test_a_change_that_was_rolled_back_is_not_kept(database: Database) -> None:
    calendars = WorkCalendars()
    with database.begin() as conn:
        set_hours(conn, WHO, [MORNING])
    with database.engine.connect() as conn:  # never committed
        set_days(conn, WHO, [REST])
        assert not calendars.current(conn).is_working(MONDAY)
    with database.begin() as conn:
        assert calendars.current(conn).is_working(MONDAY)


def test_setting_days_again_changes_nothing_and_leaves_others_alone(database: Database) -> None:
    other = SpecialDay(day=date(2026, 6, 13), is_working=True, name="加班")
    renamed = SpecialDay(day=MONDAY, is_working=False, name="节日")
    with database.begin() as conn:
        counts = [
            (done.new, done.changed, done.unchanged)
            for days in ([REST], [REST, other], [renamed])
            for done in [set_days(conn, WHO, days)]
        ]
        listed = list(WorkCalendars().current(conn).special_days(2026))
        recorded = conn.execute(text("SELECT subject FROM audit_events ORDER BY id")).scalars()
        assert list(recorded) == ["day 2026-06-08", "day 2026-06-13", "day 2026-06-08"]
    assert counts == [(1, 0, 0), (1, 0, 1), (0, 1, 0)]
    assert renamed in listed
    assert other in listed


def test_what_is_not_there_or_cannot_be_is_refused(database: Database) -> None:
    with database.begin() as conn:
        with pytest.raises(NotFound, match="what the law says"):
            remove_day(conn, WHO, MONDAY)
        with pytest.raises(InvalidInput, match="do not end after"):
            set_hours(conn, WHO, [Window(begins=time(22), ends=time(6))])
