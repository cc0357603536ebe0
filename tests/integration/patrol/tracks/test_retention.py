"""What is dropped, what stays of it, and what becomes of it when something intervenes."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from data.audit import Who
from data.database import Database
from data.installation import Databases
from gis.errors import Conflict
from patrol.tracking.units import Unit
from patrol.tracks import retention
from patrol.tracks.expiry import KeepSettings, period_of
from patrol.tracks.retention import Expired, drop_expired, find_expired
from patrol.tracks.track import track_of
from patrol.tracks.unit_days import UnitDay, read_unit_days

Add = Callable[..., int]
NOW = datetime(2026, 11, 24, tzinfo=UTC)
KEEP = KeepSettings(fixes_days=90)
EVERYTHING_BUT_THE_LAST_DAY = datetime(2026, 8, 3, 1, tzinfo=UTC) + KEEP.fixes
WANGGE = Who(account_id=None, name="wangge", role=None, address=None)
A_FORTNIGHT = (date(2026, 7, 25), date(2026, 8, 8))


@pytest.fixture
def tracking(database: Database) -> Iterator[Database]:
    """As the server's own role for positions."""
    with Databases.beside(database) as databases:
        yield databases.tracking


def drop(database: Database, now: datetime = EVERYTHING_BUT_THE_LAST_DAY) -> Expired:
    return drop_expired(database, KEEP, now, WANGGE)


def partitions(database: Database) -> list[str]:
    with database.begin() as conn:
        return list(
            conn.scalars(
                text("SELECT relname FROM pg_class WHERE relname ~ '^fixes_[0-9]{8}$' ORDER BY 1")
            )
        )


def kept(conn: Connection, unit_id: int) -> list[UnitDay]:
    return read_unit_days(conn, unit_id, *A_FORTNIGHT)


def unit(unit_id: int) -> Unit:
    return Unit(id=unit_id, code="", kind="person", name="", role="", staff_id=None, grid_code=None)


def test_what_stays_of_a_day_is_what_its_analysis_said(
    database: Database, tracking: Database, patrols: list[int], days: tuple[date, ...]
) -> None:
    expected = []
    with database.begin() as conn:
        for unit_id in patrols:
            for day in days[:2]:
                track = track_of(conn, unit(unit_id), *period_of(day))
                analysis, t_s = track.analysis, track.track.t_s
                expected.append(
                    UnitDay(
                        unit_id=unit_id,
                        day=day,
                        fixes=len(t_s),
                        flagged=int(np.count_nonzero(analysis.flags)),
                        length_m=analysis.length_m,
                        moving_s=analysis.moving_s,
                        stopped_s=analysis.stopped_s,
                        gap_s=analysis.gap_s,
                        stops=len(analysis.stops),
                        trips=len(analysis.trips),
                        first_at=period_of(day)[0],
                        last_at=period_of(day)[0] + timedelta(seconds=12000),
                    )
                )
    assert all(each.flagged and each.stops and each.gap_s and each.moving_s for each in expected)
    drop(tracking)
    with database.begin() as conn:
        assert [day for unit_id in patrols for day in kept(conn, unit_id)] == expected


def test_only_days_that_were_kept_long_enough_go(
    database: Database, tracking: Database, patrols: list[int], days: tuple[date, ...]
) -> None:
    with database.begin() as conn:
        [fixes] = conn.scalars(text("SELECT count(*) FROM fixes"))
        planned = find_expired(conn, KEEP, EVERYTHING_BUT_THE_LAST_DAY)
    assert partitions(database) == ["fixes_20260801", "fixes_20260802", "fixes_20260803"]
    dropped = drop(tracking)
    assert dropped == planned
    assert [each.day for each in dropped.days] == list(days[:2])
    assert dropped.fixes == fixes * 2 / 3
    assert partitions(database) == ["fixes_20260803"]


def test_many_units_are_read_in_parts(
    database: Database, patrols: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_FIXES_AT_ONCE", 1)
    parts: list[int] = []
    drop_expired(database, KEEP, EVERYTHING_BUT_THE_LAST_DAY, WANGGE, progress=parts.append)
    assert len(parts) == 4  # two units, two days
    with database.begin() as conn:
        assert [len(kept(conn, unit_id)) for unit_id in patrols] == [2, 2]


def test_dropping_again_drops_nothing_and_says_nothing(
    database: Database, tracking: Database, patrols: list[int]
) -> None:
    drop(tracking)
    records = text("SELECT subject, details FROM audit_events WHERE action = 'retention.drop'")
    with database.begin() as conn:
        before = kept(conn, patrols[0]), conn.execute(records).all()
    assert drop(tracking) == Expired(days=(), quarantined=0)
    with database.begin() as conn:
        assert (kept(conn, patrols[0]), conn.execute(records).all()) == before
    assert [subject for subject, _ in before[1]] == ["day 2026-08-01", "day 2026-08-02"]
    assert before[1][0].details["fixes"] > 1000


def test_interrupted_it_leaves_whole_days_and_goes_on_from_there(
    database: Database, tracking: Database, patrols: list[int]
) -> None:
    calls = 0

    def interrupt_in_the_second_day(_fixes: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        drop_expired(
            tracking,
            KEEP,
            EVERYTHING_BUT_THE_LAST_DAY,
            WANGGE,
            progress=interrupt_in_the_second_day,
        )
    assert partitions(database) == ["fixes_20260802", "fixes_20260803"]
    with database.begin() as conn:
        assert [len(kept(conn, unit_id)) for unit_id in patrols] == [1, 1]
    assert [each.day for each in drop(tracking).days] == [date(2026, 8, 2)]
    with database.begin() as conn:
        assert [len(kept(conn, unit_id)) for unit_id in patrols] == [2, 2]


def test_two_processes_do_not_do_it_at_once(
    database: Database, tracking: Database, patrols: list[int]
) -> None:
    def meanwhile(_fixes: int) -> None:
        with pytest.raises(Conflict, match="Another process"):
            drop(database)

    drop_expired(tracking, KEEP, EVERYTHING_BUT_THE_LAST_DAY, WANGGE, progress=meanwhile)
    assert partitions(database) == ["fixes_20260803"]


def test_a_long_look_at_the_fixes_is_not_waited_for_forever(
    database: Database, tracking: Database, patrols: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = {**retention._SQL, "limit_waiting": "SET LOCAL lock_timeout = '10ms'"}
    monkeypatch.setattr(retention, "_SQL", impatient)
    with database.begin() as reader:
        reader.execute(text("SELECT count(*) FROM fixes"))
        with pytest.raises(OperationalError, match="lock timeout"):
            drop(tracking)
    assert len(partitions(database)) == 3
    with database.begin() as conn:
        assert kept(conn, patrols[0]) == []
    assert len(drop(tracking).days) == 2


def test_a_few_fixes_that_come_again_do_not_replace_a_whole_day(
    database: Database, tracking: Database, patrols: list[int]
) -> None:
    drop(tracking)
    with database.begin() as conn:
        whole = kept(conn, patrols[0])
        conn.execute(text("SELECT make_fixes_partition('2026-08-01')"))
        conn.execute(
            text(
                "INSERT INTO fixes (unit_id, at, lon, lat) VALUES (:id, '2026-08-01', 118.6, 34.5)"
            ),
            {"id": patrols[0]},
        )
    assert drop(tracking).fixes == 1
    with database.begin() as conn:
        assert kept(conn, patrols[0]) == whole


def test_a_unit_that_is_gone_does_not_hold_up_the_rest(
    database: Database, tracking: Database, patrols: list[int]
) -> None:
    with database.begin() as conn:
        conn.execute(text("DELETE FROM units WHERE id = :id"), {"id": patrols[0]})
    drop(tracking)
    with database.begin() as conn:
        assert [len(kept(conn, unit_id)) for unit_id in patrols] == [0, 2]


def test_a_track_whose_days_are_partly_gone_is_what_is_left(
    database: Database, tracking: Database, patrols: list[int], days: tuple[date, ...]
) -> None:
    whole = period_of(days[0])[0], period_of(days[2])[1]
    drop(tracking)
    with database.begin() as conn:
        left = track_of(conn, unit(patrols[0]), *whole)
        alone = track_of(conn, unit(patrols[0]), *period_of(days[2]))
        gone = track_of(conn, unit(patrols[0]), *period_of(days[0]))
    assert left.track.t_s.tolist() == alone.track.t_s.tolist() != []
    assert len(gone.track) == 0


def test_quarantine_is_emptied_earlier_and_off_duty_counts_stay(
    database: Database, tracking: Database, add_unit: Add
) -> None:
    unit_id = add_unit("GW-001")
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO quarantined_fixes (received_at, reason, message, payload) "
                "VALUES (:old, 'a', '', '{}'), (:young, 'b', '', '{}')"
            ),
            {"old": NOW - timedelta(days=31), "young": NOW - timedelta(days=29)},
        )
        conn.execute(
            text("INSERT INTO off_duty_fixes VALUES (:id, '2020-01-01', 7)"), {"id": unit_id}
        )
    assert drop(tracking, NOW).quarantined == 1
    with database.begin() as conn:
        assert conn.scalars(text("SELECT reason FROM quarantined_fixes")).all() == ["b"]
        assert conn.scalars(text("SELECT fixes FROM off_duty_fixes")).all() == [7]
        assert conn.scalars(text("SELECT subject FROM audit_events")).all() == ["quarantine"]


def test_who_answers_requests_may_not_drop_anything(database: Database, patrols: list[int]) -> None:
    with (
        Databases.beside(database) as databases,
        pytest.raises(ProgrammingError, match="permission denied"),
        databases.application.begin() as conn,
    ):
        conn.execute(text("SELECT drop_fixes_partition('2026-08-01')"))
