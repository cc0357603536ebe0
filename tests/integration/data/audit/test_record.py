"""What is recorded is chained, and can be neither changed nor taken away."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from data.audit import Who, record
from data.database import Database
from data.installation import Databases
from data.schema import audit_events

SOMEBODY = Who(account_id=1, name="somebody", role="analyst", address="10.0.0.7")


def record_some(database: Database) -> None:
    for unit in ("GW-001", "GW-002"):
        with database.begin() as conn:
            record(conn, SOMEBODY, "track.read", f"unit {unit}", reason="a complaint")


def test_each_record_holds_the_hash_of_the_one_before(database):
    with Databases.beside(database) as databases:
        record_some(databases.application)
    with database.begin() as conn:
        first, second = conn.execute(select(audit_events).order_by(audit_events.c.id)).all()
        head = conn.execute(text("SELECT last_id, hash FROM audit_head")).one()
    assert (first.id, second.id) == (1, 2)
    assert first.previous_hash == b""
    assert second.previous_hash == first.hash
    assert head == (2, second.hash)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET actor = 'nobody'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
        "UPDATE audit_head SET last_id = 0",
        "INSERT INTO audit_events (id, at, actor, action, previous_hash, hash) "
        "VALUES (9, now(), 'x', 'y', '', '')",
        "UPDATE case_events SET note = 'never said'",
        "DELETE FROM cases",
        "ALTER TABLE audit_events DISABLE TRIGGER ALL",
    ],
)
def test_the_server_has_no_right_to_rewrite_history(database, statement):
    with Databases.beside(database) as databases:
        record_some(databases.application)
        for role in (databases.application, databases.tracking):
            refused = pytest.raises(ProgrammingError, match=r"permission denied|must be owner")
            with refused, role.begin() as conn:
                conn.execute(text(statement))


def test_even_the_owner_does_not_rewrite_it_by_accident(database):
    record_some(database)
    for statement in ("UPDATE audit_events SET actor = 'x'", "DELETE FROM audit_events"):
        with pytest.raises(ProgrammingError, match="append-only"), database.begin() as conn:
            conn.execute(text(statement))
