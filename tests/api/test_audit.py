from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from data.audit import Who, record
from data.database import Database

SignIn = Callable[..., dict[str, str]]
LI = Who(account_id=7, name="li.wei", role="grid_chief", address="10.0.0.7")


@pytest.fixture
def some_records(database: Database) -> None:
    with database.begin() as conn:
        record(conn, LI, "session.open")
        record(conn, LI, "track.read", "unit GW-017", reason="走失", details={"fixes": 12})
        record(conn, Who.at_the_machine(), "account.create", "account wang")


def audit(client: TestClient, headers: dict[str, str], path: str = "", **query: Any) -> Any:
    answer = client.get(f"/api/v1/audit{path}", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_an_auditor_reads_the_newest_first(
    client: TestClient, sign_in: SignIn, some_records: None
) -> None:
    page = audit(client, sign_in("auditor"))
    assert [item["id"] for item in page["items"]] == [3, 2, 1]
    assert page["next"] is None
    created, look, _opened = page["items"]
    assert look["at"].endswith(("Z", "+00:00"))
    del look["at"]
    assert look == {
        "id": 2,
        "actor": "li.wei",
        "role": "grid_chief",
        "address": "10.0.0.7",
        "action": "track.read",
        "subject": "unit GW-017",
        "reason": "走失",
        "details": {"fixes": 12},
    }
    assert (created["role"], created["address"]) == (None, None)


def test_pages_follow_each_other_without_what_the_reading_adds(
    client: TestClient, sign_in: SignIn, some_records: None
) -> None:
    auditor = sign_in("auditor")
    first = audit(client, auditor, limit=2)
    second = audit(client, auditor, limit=2, cursor=first["next"])
    assert [item["id"] for item in first["items"] + second["items"]] == [3, 2, 1]
    assert (first["next"], second["next"]) == ("2", None)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"actor": "li.wei"}, [2, 1]),
        ({"action": "track."}, [2]),
        ({"action": "account.create"}, [3]),
        ({"subject": "unit GW-017"}, [2]),
        ({"to": "2020-01-01T00:00:00Z"}, []),
        ({"from": "2020-01-01T00:00:00Z"}, [3, 2, 1]),
    ],
)
def test_a_question_chooses(
    client: TestClient,
    sign_in: SignIn,
    some_records: None,
    query: dict[str, str],
    ids: list[int],
) -> None:
    page = audit(client, sign_in("auditor"), **query)
    assert [item["id"] for item in page["items"]] == ids


def test_who_reads_the_audit_is_on_it(
    client: TestClient, sign_in: SignIn, some_records: None
) -> None:
    auditor = sign_in("auditor")
    audit(client, auditor, subject="unit GW-017")
    verification = audit(client, auditor, "/verify")
    verified, read = audit(client, auditor)["items"][:2]
    assert (read["action"], read["details"]) == ("audit.read", {"subject": "unit GW-017"})
    assert read["actor"].startswith("auditor-")
    assert verified["action"] == "audit.verify"
    assert verified["details"]["last_hash"] == verification["last_hash"]


def test_a_whole_record_is_intact_and_gives_an_anchor(
    client: TestClient, sign_in: SignIn, some_records: None
) -> None:
    auditor = sign_in("auditor")
    first = audit(client, auditor, "/verify")
    assert (first["intact"], first["records"], first["problems"]) == (True, 3, [])
    anchor = f"{first['last_id']}:{first['last_hash']}"
    assert audit(client, auditor, "/verify", anchor=anchor)["intact"]
    other = f"{first['last_id']}:{'0' * 64}"
    second = audit(client, auditor, "/verify", anchor=other)
    assert second["problems"] == [{"id": 3, "problem": "is not the one that the anchor names"}]


def test_a_record_that_was_tampered_with_is_named(
    client: TestClient, sign_in: SignIn, database: Database, some_records: None
) -> None:
    with database.begin() as conn:
        conn.execute(text("SET LOCAL session_replication_role = replica"))
        conn.execute(text("UPDATE audit_events SET actor = 'nobody' WHERE id = 2"))
    verification = audit(client, sign_in("admin"), "/verify")
    assert verification["intact"] is False
    assert verification["problems"] == [{"id": 2, "problem": "does not say what was recorded"}]


def test_what_is_no_anchor_is_refused(client: TestClient, sign_in: SignIn) -> None:
    answer = client.get("/api/v1/audit/verify", params={"anchor": "17"}, headers=sign_in("auditor"))
    assert (answer.status_code, answer.json()["field"]) == (422, "anchor")


@pytest.mark.parametrize("role", ["dispatcher", "grid_chief", "analyst"])
@pytest.mark.parametrize("path", ["", "/verify"])
def test_the_audit_is_not_for_everybody(
    client: TestClient, sign_in: SignIn, role: str, path: str
) -> None:
    answer = client.get(f"/api/v1/audit{path}", headers=sign_in(role, grid_code="320722"))
    assert answer.status_code == 403
