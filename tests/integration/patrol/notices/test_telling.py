"""Telling people in transactions that overlap, fail and are done again."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import text

from data.database import Database
from data.installation import Databases
from data.outbox import ChannelKind, OpenChannel
from data.scope import Scope, Viewer
from gis.local_time import LOCAL, Window
from patrol.notices import Notice, NoticeKind, about_alert, tell
from patrol.notices.expiry import drop_old_notices
from patrol.notices.preferences import Preferences
from patrol.notices.telling import messages_about

NOW = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)  # 23:00 in China
NOBODY = Viewer(scope=Scope.of(frozenset()))
ALERT, CALL = NoticeKind.ALERT, NoticeKind.CALL_FOR_HELP


def about(staff_id: int, kind: NoticeKind = ALERT, alert_id: int = 1) -> Notice:
    return about_alert(kind, staff_id=staff_id, alert_id=alert_id, zh="告警", en="alert")


@pytest.fixture
def application(database: Database) -> Iterator[Database]:
    with database.begin() as conn:
        conn.execute(text("INSERT INTO staff (id, name) VALUES (1, '王'), (2, '李')"))
        conn.execute(
            text(
                "INSERT INTO units (id, code, kind, name, role) "
                "VALUES (1, 'GW-1', 'person', 'x', 'grid_worker')"
            )
        )
        conn.execute(
            text(
                "INSERT INTO alerts (unit_id, kind, begun_at, last_at, seq) "
                "SELECT 1, kind, now(), now(), 1 FROM (VALUES ('still'), ('sos')) AS two (kind)"
            )
        )
        conn.execute(
            text(
                "INSERT INTO channels (name, kind, host, sealed, notices) "
                "VALUES ('x', 'wecom', 'x', '', '{alert,call_for_help}')"
            )
        )
    with Databases.beside(database) as databases:
        yield databases.application


def counts(database: Database) -> tuple[int, int]:
    with database.begin() as conn:
        return tuple(  # type: ignore[return-value]
            conn.scalar(text(f"SELECT count(*) FROM {table}")) for table in ("notices", "outbox")
        )


def test_what_is_rolled_back_was_never_told(application: Database, database: Database) -> None:
    with application.engine.connect() as conn:
        assert tell(conn, [about(1)], NOW) == 1
        conn.rollback()
    assert counts(database) == (0, 0)
    with application.begin(NOBODY) as conn:
        assert tell(conn, [about(1)], NOW) == 1
    assert counts(database) == (1, 1)


def test_of_two_who_tell_the_same_at_once_one_does(
    application: Database, database: Database
) -> None:
    begin = threading.Barrier(4)
    told: list[int] = []

    def tell_both() -> None:
        begin.wait()
        with application.begin(NOBODY) as conn:
            told.append(tell(conn, [about(2), about(1)], NOW))

    threads = [threading.Thread(target=tell_both) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [0, 0, 0, 2]
    assert counts(database) == (2, 1)


def test_a_notice_goes_after_a_year(application: Database, database: Database) -> None:
    with application.begin(NOBODY) as conn:
        tell(conn, [about(1)], NOW - timedelta(days=366))
        tell(conn, [about(2)], NOW - timedelta(days=364))
    drop_old_notices(application, NOW)
    with database.begin() as conn:
        assert conn.scalars(text("SELECT staff_id FROM notices")).all() == [2]


def test_telling_nobody_is_nothing(application: Database, database: Database) -> None:
    with application.begin(NOBODY) as conn:
        assert tell(conn, [], NOW) == 0
    assert counts(database) == (0, 0)


def channel(number: int, kind: ChannelKind = ChannelKind.WECOM) -> OpenChannel:
    return OpenChannel(id=number, kind=kind, name="x", language="en", notices=frozenset({"alert"}))


def test_a_group_hears_of_a_fact_once_and_each_telephone_for_itself() -> None:
    heard = [(about(person), Preferences(), person != 3) for person in (1, 2, 3)]
    messages = messages_about(heard, [channel(1), channel(2, ChannelKind.SMS)], NOW)
    assert [(each.channel_id, each.staff_ids) for each in messages] == [
        (1, (1, 2, 3)),
        (2, (1,)),
        (2, (2,)),
    ]
    assert {each.title for each in messages} == {"Alert"}


def test_whoever_is_at_rest_is_told_in_the_morning_but_of_a_call_for_help_at_once() -> None:
    at_night = Preferences(quiet=Window(begins=time(22), ends=time(7)), channels={CALL: (1,)})
    heard = [(about(1), at_night, True), (about(1, CALL, 2), at_night, True)]
    alert, call = messages_about(heard, [channel(1)], NOW)
    assert alert.not_before == datetime(2026, 11, 28, 7, tzinfo=LOCAL)
    assert call.not_before == NOW


def test_what_one_has_chosen_counts_more_than_what_is_usual() -> None:
    chosen = Preferences(channels={ALERT: ()})
    assert messages_about([(about(1), chosen, True)], [channel(1)], NOW) == []
