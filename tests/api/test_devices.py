from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, text
from starlette.testclient import TestClient

from data.database import Database
from data.schema import units

Headers = dict[str, str]
SignIn = Callable[..., Headers]
URL = "/api/v1/devices"
PHONE = {"unit": "GW-001", "protocol": "wangge", "identifier": "Mate 60 张三"}


@pytest.fixture(autouse=True)
def unit(database: Database) -> None:
    with database.begin() as conn:
        conn.execute(
            insert(units).values(code="GW-001", kind="person", name="x", role="grid_worker")
        )


@pytest.fixture
def admin(sign_in: SignIn) -> Headers:
    return sign_in("admin")


def audited(database: Database) -> list[tuple[Any, ...]]:
    with database.begin() as conn:
        statement = "SELECT action, subject, details FROM audit_events ORDER BY id"
        return [tuple(row) for row in conn.execute(text(statement))]


def test_a_unit_may_have_several_devices_each_with_a_token_of_its_own(
    client: TestClient, admin: Headers
) -> None:
    first = client.post(URL, json=PHONE, headers=admin).json()
    second = client.post(URL, json=PHONE | {"protocol": "osmand"}, headers=admin).json()
    assert first["token"] != second["token"]
    items = client.get(URL, headers=admin).json()["items"]
    assert items == [first["device"], second["device"]]
    assert [item["account"] for item in items] == [f"device-{item['id']}" for item in items]
    assert first["device"].items() >= PHONE.items()


def test_enrolling_renewing_and_revoking_are_on_the_audit_without_the_token(
    client: TestClient, database: Database, admin: Headers
) -> None:
    enrolled = client.post(URL, json=PHONE, headers=admin).json()
    device_id = enrolled["device"]["id"]
    renewed = client.post(f"{URL}/{device_id}/token", headers=admin).json()
    assert client.delete(f"{URL}/{device_id}", headers=admin).status_code == 204
    subject = f"device {device_id}"
    assert audited(database) == [
        ("device.enrol", subject, PHONE),
        ("token.create", subject, {}),
        ("token.create", subject, {}),
        ("device.revoke", subject, PHONE),
    ]
    assert enrolled["token"] not in str(audited(database))
    assert renewed["token"] not in str(audited(database))


def test_a_revoked_device_leaves_no_account_and_can_be_enrolled_again(
    client: TestClient, database: Database, admin: Headers
) -> None:
    device = client.post(URL, json=PHONE, headers=admin).json()["device"]
    client.delete(f"{URL}/{device['id']}", headers=admin)
    with database.begin() as conn:
        found = conn.scalar(text("SELECT count(*) FROM accounts WHERE role = 'device'"))
    assert found == 0
    assert client.post(URL, json=PHONE, headers=admin).status_code == 201


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"unit": "GW-404"}, 404, "not_found", "unit"),
        ({"protocol": "JT 808"}, 422, "invalid_input", "protocol"),
        ({"identifier": ""}, 422, "invalid_input", "identifier"),
        ({"identifier": "a\nb"}, 422, "invalid_input", "identifier"),
        ({"protocol": "jt808", "identifier": "Mate 60"}, 422, "invalid_input", "identifier"),
        ({}, 409, "device_enrolled", "identifier"),
    ],
)
def test_what_cannot_be_enrolled_says_why(
    client: TestClient, admin: Headers, changes: dict[str, str], status: int, code: str, field: str
) -> None:
    client.post(URL, json=PHONE, headers=admin)
    answer = client.post(URL, json=PHONE | changes, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["field"] == field
    assert len(client.get(URL, headers=admin).json()["items"]) == 1


def test_a_terminals_number_is_enrolled_without_the_zeros_in_front(
    client: TestClient, admin: Headers
) -> None:
    terminal = PHONE | {"protocol": "jt808", "identifier": "013812345678"}
    assert client.post(URL, json=terminal, headers=admin).json()["device"]["identifier"] == (
        "13812345678"
    )
    again = client.post(URL, json=terminal | {"identifier": "13812345678"}, headers=admin)
    assert again.json()["code"] == "device_enrolled"


@pytest.mark.parametrize(("method", "path"), [("POST", "/7/token"), ("DELETE", "/7")])
def test_a_device_that_is_not_there_is_not_found(
    client: TestClient, admin: Headers, method: str, path: str
) -> None:
    answer = client.request(method, URL + path, headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_device")
