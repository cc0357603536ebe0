"""Departments over HTTP: who changes them, whose handlers are in them, and what is sent to them."""

from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from data.database import Database
from tests.api.conftest import SignIn

DEPARTMENTS = "/api/v1/departments"
URBAN = {"code": "urban", "name_zh": "城管中队", "name_en": "Urban management"}
PARKING = "/api/v1/cases/categories/order.parking"
Headers = dict[str, str]


@pytest.fixture
def admin(sign_in: SignIn) -> Headers:
    return sign_in("admin")


@pytest.fixture
def urban(client: TestClient, admin: Headers) -> dict[str, Any]:
    return client.post(DEPARTMENTS, json=URBAN, headers=admin).json()


def change(client: TestClient, headers: Headers, **changes: Any) -> Any:
    body = {"name_zh": "城管中队", "name_en": "Urban management", **changes}
    return client.put(f"{DEPARTMENTS}/urban", json=body, headers=headers)


def for_urban(client: TestClient, headers: Headers, department: str = "urban") -> Any:
    body = {"parent": "order", "title_zh": "违规停车", "term": "8h", "dispatch": "department"}
    return client.put(PARKING, json={**body, "department": department}, headers=headers)


def test_a_department_is_added_renamed_and_retired(
    client: TestClient, admin: Headers, urban: dict[str, Any], database: Database
) -> None:
    name = {"zh": "城管中队", "en": "Urban management"}
    version = urban.pop("version")
    assert urban == {"code": "urban", "name": name, "active": True}
    assert client.post(DEPARTMENTS, json=URBAN, headers=admin).json()["code"] == "department_exists"
    assert change(client, admin, name_zh="城管队").status_code == 200
    assert change(client, admin, name_zh="城管队", active=False).json()["active"] is False
    [item] = client.get(DEPARTMENTS, headers=admin).json()["items"]
    assert (item["name"]["zh"], item["active"]) == ("城管队", False)
    assert item["version"] != version
    with database.begin() as conn:
        told = conn.execute(text("SELECT action, details FROM audit_events ORDER BY id")).all()
    assert [row.action for row in told] == ["department.create", *["department.change"] * 2]
    assert told[-1].details == {"active": False}


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    client: TestClient, admin: Headers, urban: dict[str, Any], database: Database
) -> None:
    seen = urban["version"]
    theirs = change(client, admin, name_zh="执法队", version=seen)
    assert theirs.status_code == 200
    for mine in ({"name_en": "Enforcement"}, {"active": False}):
        refused = change(client, admin, **mine, version=seen)
        assert (refused.status_code, refused.json()["code"]) == (409, "department_changed")
    assert client.get(DEPARTMENTS, headers=admin).json()["items"] == [theirs.json()]
    again = {"name_zh": "执法队", "name_en": "Enforcement", "version": theirs.json()["version"]}
    assert change(client, admin, **again).json()["name"]["en"] == "Enforcement"
    with database.begin() as conn:
        told = conn.execute(text("SELECT action FROM audit_events ORDER BY id")).scalars().all()
    assert told == ["department.create", *["department.change"] * 2]


@pytest.mark.parametrize(
    ("body", "field"),
    [({"code": "城管"}, "code"), ({"name_zh": " "}, "name_zh"), ({"name_en": "x" * 61}, "name_en")],
)
def test_what_is_no_department_is_refused(
    client: TestClient, admin: Headers, body: dict[str, str], field: str
) -> None:
    refused = client.post(DEPARTMENTS, json=URBAN | body, headers=admin)
    assert (refused.status_code, refused.json()["field"]) == (422, field)


@pytest.mark.usefixtures("urban")
def test_a_category_is_for_a_department_that_is_there(client: TestClient, admin: Headers) -> None:
    assert for_urban(client, admin, "nobody").json()["code"] == "unknown_department"
    assert for_urban(client, admin).json()["department"] == "urban"
    refused = change(client, admin, active=False)
    assert (refused.status_code, refused.json()["code"]) == (409, "department_in_use")
    assert "order.parking" in refused.json()["detail"]


@pytest.mark.usefixtures("urban")
def test_a_handler_of_the_department_gets_the_case(client: TestClient, admin: Headers) -> None:
    number = client.post("/api/v1/staff", json={"name": "冯"}, headers=admin).json()["id"]
    posts = f"/api/v1/staff/{number}/posts"
    for body, field in (
        ({"role": "grid_worker", "grid": "320722101001001", "department": "urban"}, "department"),
        ({"role": "department_handler", "department": "nobody"}, "department"),
    ):
        assert client.post(posts, json=body, headers=admin).json()["field"] == field
    body = {"role": "department_handler", "department": "urban"}
    made = client.post(posts, json=body, headers=admin)
    assert (made.status_code, made.json()["department"]) == (201, "urban")
    for_urban(client, admin)
    body = {"lon": 118.5, "lat": 34.5, "description": "占道", "category": "order.parking"}
    case = client.post("/api/v1/cases", json=body, headers=admin).json()
    assert (case["owner"]["staff"], case["owner_reason"]) == (number, "department")
    assert case["department"] == "urban"
