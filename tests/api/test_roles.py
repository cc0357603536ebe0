"""Roles over HTTP: an installation decides what each may do."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text
from starlette.testclient import TestClient

from api.accounts import Permission, Role, permissions_of
from api.accounts.service import create_account
from data.database import Database
from data.schema import role_permissions

SignIn = Callable[..., dict[str, str]]
ROLES = "/api/v1/roles"


@pytest.fixture
def admin(sign_in: SignIn) -> dict[str, str]:
    return sign_in("admin")


def put(client: TestClient, headers: dict[str, str], role: str, what: str, granted: bool) -> Any:
    url = f"{ROLES}/{role}/permissions/{what}"
    return client.put(url, json={"granted": granted}, headers=headers)


def granted(role: Any) -> set[str]:
    return {each["permission"] for each in role["permissions"] if each["granted"]}


def changes(database: Database) -> list[tuple[str, str, dict[str, Any]]]:
    with database.begin() as conn:
        rows = conn.execute(
            text("SELECT action, subject, details FROM audit_events WHERE action = 'role.change'")
        )
        return [tuple(row) for row in rows]


def test_the_list_has_every_role_with_every_permission(
    client: TestClient, admin: dict[str, str]
) -> None:
    items = client.get(ROLES, headers=admin).json()["items"]
    assert [item["role"] for item in items] == list(Role)
    for item in items:
        assert [each["permission"] for each in item["permissions"]] == list(Permission)
        assert granted(item) == permissions_of(Role(item["role"]))
        assert all(each["granted"] is each["by_default"] for each in item["permissions"])


def test_a_permission_is_given_and_taken_at_once_and_on_the_audit(
    client: TestClient, database: Database, admin: dict[str, str], sign_in: SignIn
) -> None:
    def may_read_cases(headers: dict[str, str]) -> bool:
        return client.get("/api/v1/cases", headers=headers).status_code == 200

    analyst = sign_in("analyst")
    assert may_read_cases(analyst)
    answer = put(client, admin, "analyst", "read_cases", False)
    assert granted(answer.json()) == permissions_of(Role.ANALYST) - {Permission.READ_CASES}
    assert not may_read_cases(analyst)
    put(client, admin, "analyst", "read_cases", True)
    assert may_read_cases(analyst)
    with database.begin() as conn:
        assert conn.execute(select(role_permissions)).all() == []
    assert changes(database) == [
        ("role.change", "role analyst", {"permission": "read_cases", "granted": False}),
        ("role.change", "role analyst", {"permission": "read_cases", "granted": True}),
    ]


def test_what_is_so_already_is_not_recorded(
    client: TestClient, database: Database, admin: dict[str, str]
) -> None:
    assert put(client, admin, "analyst", "read_cases", True).status_code == 200
    put(client, admin, "analyst", "unmask", True)
    put(client, admin, "analyst", "unmask", True)
    assert len(changes(database)) == 1


@pytest.mark.parametrize(
    ("role", "wanted", "why"),
    [
        ("admin", False, "somebody must be able to put things right"),
        ("auditor", True, "whoever checks the record must not make what is on it"),
        ("device", True, "a machine in the field"),
        ("gateway", True, "a machine in the field"),
    ],
)
def test_who_administers_and_who_never_does_is_fixed(
    client: TestClient,
    database: Database,
    admin: dict[str, str],
    role: str,
    wanted: bool,
    why: str,
) -> None:
    answer = put(client, admin, role, "administer", wanted)
    assert (answer.status_code, answer.json()["code"]) == (409, "fixed_permission")
    assert why in answer.json()["detail"]
    assert put(client, admin, role, "administer", not wanted).status_code == 200
    assert changes(database) == []


@pytest.mark.parametrize(("role", "what"), [("boss", "unmask"), ("analyst", "fly")])
def test_what_is_no_role_or_permission_is_refused(
    client: TestClient, admin: dict[str, str], role: str, what: str
) -> None:
    assert put(client, admin, role, what, True).status_code == 422


def test_an_account_is_not_given_what_its_role_can_never_have(
    client: TestClient, database: Database, admin: dict[str, str]
) -> None:
    with database.begin() as conn:
        create_account(conn, username="zhou", password=None, role=Role.AUDITOR)

    def grant(what: str) -> tuple[int, str | None]:
        answer = client.patch("/api/v1/accounts/zhou", json={"granted": [what]}, headers=admin)
        return answer.status_code, answer.json().get("code")

    assert grant("administer") == (409, "fixed_permission")
    assert grant("read_cases") == (200, None)
