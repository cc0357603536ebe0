from datetime import UTC, datetime, timedelta

import pytest

from data.audit import AuditFilter, Who, every_record, list_records, record
from data.database import Database

LI = Who(account_id=7, name="li.wei", role="grid_chief", address="10.0.0.7")
WANG = Who(account_id=8, name="wang.fang", role="dispatcher", address="10.0.0.8")


@pytest.fixture
def some_records(database: Database) -> Database:
    with database.begin() as conn:
        record(conn, LI, "session.open")
        record(conn, LI, "track.read", "unit GW-017", reason="走失", details={"fixes": 12})
        record(conn, WANG, "track.export", "unit GW-018", reason="complaint")
        record(conn, WANG, "replay.read", "grid 32", details={"units": ["GW-017", "GW-018"]})
        record(conn, WANG, "track%x", "unit GW-0")
    return database


def ids(database: Database, wanted: AuditFilter) -> list[int]:
    with database.begin() as conn:
        return [each.id for each in list_records(conn, wanted, limit=100)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (AuditFilter(), [5, 4, 3, 2, 1]),
        (AuditFilter(actor="li.wei"), [2, 1]),
        (AuditFilter(actor="li"), []),
        (AuditFilter(action="track.read"), [2]),
        (AuditFilter(action="track."), [3, 2]),
        (AuditFilter(action="track"), []),
        (AuditFilter(action="track%."), []),
        (AuditFilter(subject="grid 32"), [4]),
        (AuditFilter(subject="unit GW-017"), [4, 2]),
        (AuditFilter(subject="unit GW"), []),
        (AuditFilter(subject="unit GW-017", actor="li.wei"), [2]),
    ],
    ids=str,
)
def test_a_filter_chooses(some_records: Database, wanted: AuditFilter, expected: list[int]) -> None:
    assert ids(some_records, wanted) == expected


def test_a_period_has_its_beginning_and_not_its_end(some_records: Database) -> None:
    with some_records.begin() as conn:
        times = {each.id: each.at for each in list_records(conn, AuditFilter(), limit=9)}
    assert ids(some_records, AuditFilter(since=times[2], until=times[4])) == [3, 2]
    assert ids(some_records, AuditFilter(since=datetime.now(UTC) + timedelta(days=1))) == []


def test_pages_follow_each_other(some_records: Database) -> None:
    with some_records.begin() as conn:
        first = list_records(conn, AuditFilter(), limit=3)
        second = list_records(conn, AuditFilter(), before=first[-1].id, limit=3)
    assert [each.id for each in (*first, *second)] == [5, 4, 3, 2, 1]


def test_a_record_has_everything_that_was_said(some_records: Database) -> None:
    with some_records.begin() as conn:
        oldest, second, *_ = every_record(conn, AuditFilter())
    assert (oldest.id, oldest.action, oldest.subject, oldest.reason) == (
        1,
        "session.open",
        None,
        None,
    )
    assert (second.actor, second.role, second.address) == ("li.wei", "grid_chief", "10.0.0.7")
    assert (second.reason, dict(second.details)) == ("走失", {"fixes": 12})
    assert len(second.hash) == 64
