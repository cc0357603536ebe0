from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert
from starlette.testclient import TestClient

from data.database import Database
from data.schema import staff, units

SignIn = Callable[..., dict[str, str]]
EAST, WEST = "320722001001001", "320722001001002"


@pytest.fixture
def town(database: Database) -> int:
    """Three units: GW-001 of 王小明 in the east, GW-002 in the west, CAR-1 of the whole town."""
    rows: list[dict[str, Any]] = [
        {"code": "GW-001", "kind": "person", "grid_code": EAST},
        {"code": "GW-002", "kind": "person", "grid_code": WEST},
        {"code": "CAR-1", "kind": "vehicle", "grid_code": None, "always_on_duty": True},
    ]
    with database.begin() as conn:
        staff_id = conn.execute(
            insert(staff).values(name="王小明").returning(staff.c.id)
        ).scalar_one()
        rows[0]["staff_id"] = staff_id
        for row in rows:
            conn.execute(insert(units).values(name=row["code"], role="grid_worker", **row))
        return int(staff_id)


def codes(answer: Any) -> list[str]:
    return [item["id"] for item in answer.json()["items"]]


def test_units_come_by_their_identifier_and_in_pages(
    client: TestClient, sign_in: SignIn, town: int
) -> None:
    dispatcher = sign_in("dispatcher")
    first = client.get("/api/v1/units?limit=2", headers=dispatcher)
    assert codes(first) == ["CAR-1", "GW-001"]
    rest = client.get(f"/api/v1/units?cursor={first.json()['next']}", headers=dispatcher)
    assert codes(rest) == ["GW-002"]
    assert rest.json()["next"] is None


def test_a_chief_sees_the_units_at_home_in_their_grids(
    client: TestClient, sign_in: SignIn, town: int
) -> None:
    chief = sign_in("grid_chief", grid_code=WEST)
    assert codes(client.get("/api/v1/units", headers=chief)) == ["GW-002"]
    assert client.get("/api/v1/units/GW-002", headers=chief).json() == {
        "id": "GW-002",
        "kind": "person",
        "name": "GW-002",
        "role": "grid_worker",
        "grid": {"code": WEST, "name": WEST},
        "on_duty": False,
        "off_duty_fixes_today": 0,
    }
    outside = client.get("/api/v1/units/GW-001", headers=chief)
    assert (outside.status_code, outside.json()["code"]) == (403, "not_permitted")


def test_a_worker_sees_their_own_unit_only(client: TestClient, sign_in: SignIn, town: int) -> None:
    worker = sign_in("grid_worker", grid_code=WEST, staff_id=town)
    assert codes(client.get("/api/v1/units", headers=worker)) == ["GW-001"]


def test_an_unknown_unit_is_not_found(client: TestClient, sign_in: SignIn) -> None:
    answer = client.get("/api/v1/units/GW-404", headers=sign_in("dispatcher"))
    assert (answer.status_code, answer.json()["field"]) == (404, "unit")


def test_a_worker_begins_and_ends_duty(client: TestClient, sign_in: SignIn, town: int) -> None:
    worker = sign_in("grid_worker", staff_id=town)
    url = "/api/v1/units/GW-001/duty"
    assert client.post(url, json={"on": True}, headers=worker).json()["on_duty"] is True
    assert client.post(url, json={"on": True}, headers=worker).json()["on_duty"] is True
    assert client.get("/api/v1/units/GW-001", headers=worker).json()["on_duty"] is True
    assert client.post(url, json={"on": False}, headers=worker).json()["on_duty"] is False
    assert client.post(url, json={"on": False}, headers=worker).json()["on_duty"] is False


def test_nobody_sets_the_duty_of_somebody_elses_unit_but_a_gateway(
    client: TestClient, sign_in: SignIn, town: int
) -> None:
    url = "/api/v1/units/GW-002/duty"
    worker = sign_in("grid_worker", staff_id=town)
    assert client.post(url, json={"on": True}, headers=worker).status_code == 403
    gateway = client.post(url, json={"on": True}, headers=sign_in("gateway"))
    assert gateway.json()["on_duty"] is True


def test_a_vehicle_that_is_always_on_duty_is_on_duty(
    client: TestClient, sign_in: SignIn, town: int
) -> None:
    answer = client.get("/api/v1/units/CAR-1", headers=sign_in("dispatcher"))
    assert (answer.json()["on_duty"], answer.json()["grid"]) == (True, None)
