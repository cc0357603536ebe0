"""Whoever tampers here is a superuser who has switched off the triggers first."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, text

from data.audit import Anchor, Verification, Who, record, verify
from data.audit.verifying import MOST_PROBLEMS
from data.database import Database
from data.installation import Databases
from gis.errors import InvalidInput

RECORDS = 6
LI = Who(account_id=7, name="li.wei", role="grid_chief", address="10.0.0.7")

# What the trigger's function gives, from a record on: for whoever forges a whole chain.
REHASH = """
    DO $$ DECLARE event audit_events; before bytea; BEGIN
        FOR event IN SELECT * FROM audit_events ORDER BY id LOOP
            before := coalesce((SELECT hash FROM audit_events WHERE id < event.id
                ORDER BY id DESC LIMIT 1), '');
            event.previous_hash := before;
            UPDATE audit_events SET previous_hash = before, hash = audit_hash(event)
                WHERE id = event.id;
        END LOOP;
        UPDATE audit_head SET (last_id, hash) =
            (SELECT id, hash FROM audit_events ORDER BY id DESC LIMIT 1);
    END $$
"""


@pytest.fixture
def chain(database: Database) -> Database:
    """Six records, of which the third has everything a record can have."""
    for number in range(1, RECORDS + 1):
        with database.begin() as conn:
            if number == 3:
                details = {"from": "2026-11-20T00:00:00Z", "fixes": 12, "length_m": 0.5, "in": None}
                record(conn, LI, "track.read", "unit GW-017", reason="走失", details=details)
            else:
                record(conn, Who.at_the_machine(), "account.create", f"account {number}")
    return database


@contextmanager
def tampering(database: Database) -> Iterator[Connection]:
    with database.begin() as conn:
        conn.execute(text("SET LOCAL session_replication_role = replica"))
        yield conn


def tamper(database: Database, *statements: str) -> None:
    with tampering(database) as conn:
        for statement in statements:
            conn.execute(text(statement))


def told(verification: Verification) -> list[tuple[int, str]]:
    return [(problem.id, problem.problem) for problem in verification.problems]


def test_a_chain_that_nobody_touched_is_intact(chain: Database) -> None:
    verification = verify(chain)
    assert verification.is_intact
    assert (verification.records, verification.last_id) == (RECORDS, RECORDS)
    assert verification.anchor is not None
    assert verify(chain, anchor=verification.anchor).is_intact


def test_a_record_of_nothing_yet_is_intact(database: Database) -> None:
    verification = verify(database)
    assert (verification.is_intact, verification.records) == (True, 0)
    assert verification.anchor is None


def test_the_server_verifies_with_its_own_role(chain: Database) -> None:
    with Databases.beside(chain) as databases:
        assert verify(databases.application).is_intact


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        pytest.param(
            "DELETE FROM audit_events WHERE id = 3",
            [(4, "does not follow the one before it: record 3 is missing")],
            id="one in the middle is deleted",
        ),
        pytest.param(
            "DELETE FROM audit_events WHERE id IN (1, 2)",
            [(3, "does not follow the one before it: records 1 to 2 are missing")],
            id="the first ones are deleted",
        ),
        pytest.param(
            "DELETE FROM audit_events WHERE id > 4",
            [(4, "is the last that is there: records 5 to 6 are missing")],
            id="the last ones are deleted",
        ),
        pytest.param(
            "DELETE FROM audit_events",
            [(0, "is the last that is there: records 1 to 6 are missing")],
            id="all are deleted",
        ),
        pytest.param(
            "UPDATE audit_events SET id = -2 WHERE id = 2; "
            "UPDATE audit_events SET id = 2 WHERE id = 4; "
            "UPDATE audit_events SET id = 4 WHERE id = -2",
            [
                (2, "does not belong to the one before it"),
                (2, "does not say what was recorded"),
                (3, "does not belong to the one before it"),
                (4, "does not belong to the one before it"),
                (4, "does not say what was recorded"),
                (5, "does not belong to the one before it"),
            ],
            id="two have changed places",
        ),
        pytest.param(
            "INSERT INTO audit_events (id, at, actor, action, previous_hash, hash) "
            "SELECT 7, now(), 'nobody', 'x', hash, sha256('') FROM audit_events WHERE id = 6",
            [
                (7, "does not say what was recorded"),
                (7, "is the last, but not the one that was made last"),
            ],
            id="one is added by hand",
        ),
        pytest.param(
            "INSERT INTO audit_events (id, at, actor, action, previous_hash, hash) "
            "VALUES (0, now(), 'nobody', 'x', '', sha256(''))",
            [
                (0, "stands where no record was ever made"),
                (0, "does not say what was recorded"),
                (1, "does not belong to the one before it"),
            ],
            id="one is put before the first",
        ),
        pytest.param(
            "DELETE FROM audit_head",
            [(6, "is the last, but the head of the chain is not there")],
            id="the head is gone",
        ),
    ],
)
def test_what_was_taken_out_moved_or_added_shows(
    chain: Database, statement: str, expected: list[tuple[int, str]]
) -> None:
    tamper(chain, statement)
    assert told(verify(chain)) == expected


@pytest.mark.parametrize(
    "change",
    [
        "at = at + interval '1 microsecond'",
        "account_id = NULL",
        "actor = 'wang.fang'",
        "role = 'admin'",
        "address = NULL",
        "action = 'replay.read'",
        "subject = 'unit GW-018'",
        "reason = NULL",
        "details = details - 'fixes'",
        """details = details || '{"in": 0}'""",
    ],
)
def test_a_field_that_was_changed_shows(chain: Database, change: str) -> None:
    tamper(chain, f"UPDATE audit_events SET {change} WHERE id = 3")
    assert told(verify(chain)) == [(3, "does not say what was recorded")]


def test_a_change_whose_hash_was_made_to_fit_shows_at_the_next_record(chain: Database) -> None:
    tamper(
        chain,
        "UPDATE audit_events SET reason = 'on duty' WHERE id = 3",
        "UPDATE audit_events AS e SET hash = audit_hash(e) WHERE id = 3",
    )
    assert told(verify(chain)) == [(4, "does not belong to the one before it")]


def test_a_hash_function_that_lies_changes_nothing(chain: Database) -> None:
    tamper(
        chain,
        "CREATE OR REPLACE FUNCTION audit_hash(event audit_events) RETURNS bytea "
        "LANGUAGE sql STABLE AS $$ SELECT event.hash $$",
        "UPDATE audit_events SET reason = 'on duty' WHERE id = 3",
    )
    assert told(verify(chain)) == [(3, "does not say what was recorded")]


@pytest.mark.parametrize(
    ("forgery", "expected"),
    [
        (
            "UPDATE audit_events SET reason = 'on duty' WHERE id = 3",
            [(6, "is not the one that the anchor names")],
        ),
        (
            "DELETE FROM audit_events WHERE id = 6",
            [(6, "is missing, and the anchor names it")],
        ),
    ],
)
def test_a_chain_written_anew_holds_but_not_against_an_anchor(
    chain: Database, forgery: str, expected: list[tuple[int, str]]
) -> None:
    anchor = verify(chain).anchor
    tamper(chain, forgery, REHASH)
    assert verify(chain).is_intact
    assert told(verify(chain, anchor=anchor)) == expected


def test_an_anchor_of_before_holds_while_records_are_added(chain: Database) -> None:
    anchor = verify(chain).anchor
    with chain.begin() as conn:
        record(conn, LI, "session.close")
    assert verify(chain, anchor=anchor).is_intact


def test_records_made_meanwhile_are_left_for_the_next_time(chain: Database) -> None:
    def add(_records: int, _of: int) -> None:
        with chain.begin() as conn:
            record(conn, LI, "session.close")

    assert verify(chain, on_progress=add).records == RECORDS
    assert verify(chain).records == RECORDS + 1


def test_more_than_one_batch_is_one_chain(chain: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.audit.verifying._BATCH", 2)
    reached: list[tuple[int, int]] = []
    assert verify(chain, on_progress=lambda *done: reached.append(done)).is_intact
    assert reached == [(2, 6), (4, 6), (6, 6)]
    tamper(chain, "DELETE FROM audit_events WHERE id = 3")
    assert [problem.id for problem in verify(chain).problems] == [4]


def test_of_very_many_problems_the_first_are_told(
    chain: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_PROBLEMS >= 100
    monkeypatch.setattr("data.audit.verifying.MOST_PROBLEMS", 4)
    tamper(chain, "UPDATE audit_events SET actor = 'nobody'")
    verification = verify(chain)
    assert [problem.id for problem in verification.problems] == [1, 2, 3, 4]
    assert verification.further == 2


def test_an_anchor_is_read_as_it_is_written() -> None:
    written = "17:" + "0123456789abcdef" * 4
    assert str(Anchor.parse(f" {written.upper()}\n")) == written


@pytest.mark.parametrize("text", ["", "17", "17:", "17:abc", "x:" + "0" * 64, "-1:" + "0" * 64])
def test_what_is_no_anchor_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="not an anchor"):
        Anchor.parse(text)
