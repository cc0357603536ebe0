import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text
from starlette.testclient import TestClient

from data.database import Database
from data.schema import staff, units

Headers = dict[str, str]
SignIn = Callable[..., Headers]


def fix(seconds_ago: float = 0, **changes: Any) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return {"unit": "GW-001", "at": at.isoformat(), "lon": 118.6, "lat": 34.5, **changes}


@pytest.fixture
def worker(database: Database) -> int:
    """王小明 carries GW-001; nobody carries GW-002. Returns the staff id."""
    with database.begin() as conn:
        staff_id = conn.execute(
            insert(staff).values(name="王小明").returning(staff.c.id)
        ).scalar_one()
        for code, owner in (("GW-001", staff_id), ("GW-002", None)):
            conn.execute(
                insert(units).values(
                    code=code, kind="person", name=code, role="grid_worker", staff_id=owner
                )
            )
        return int(staff_id)


def test_a_gateway_sends_fixes_of_any_unit(
    client: TestClient, database: Database, sign_in: SignIn, worker: int
) -> None:
    gateway = sign_in("gateway")
    fixes = [fix(1), fix(0, unit="GW-002", accuracy_m=5, sos=True)]
    answer = client.post("/api/v1/fixes", json=fixes, headers=gateway)
    assert answer.status_code == 200
    assert answer.json() == {"accepted": 2, "duplicates": 0, "rejected": []}
    again = client.post("/api/v1/fixes", json=fixes, headers=gateway)
    assert again.json() == {"accepted": 0, "duplicates": 2, "rejected": []}
    with database.begin() as conn:
        assert conn.scalar(text("SELECT count(*) FROM fixes")) == 2


def test_a_bad_fix_does_not_stop_the_others(
    client: TestClient, sign_in: SignIn, worker: int
) -> None:
    fixes = [fix(1), fix(2, lon="east"), fix(3, lat=118.6, lon=34.5), fix(4, unit="GW-404")]
    answer = client.post("/api/v1/fixes", json=fixes, headers=sign_in("gateway"))
    assert answer.status_code == 200
    assert answer.json()["accepted"] == 1
    assert [(item["index"], item["code"]) for item in answer.json()["rejected"]] == [
        (1, "wrong_type"),
        (2, "swapped_coordinates"),
        (3, "unknown_unit"),
    ]
    assert all(item["message"].endswith(".") for item in answer.json()["rejected"])


def test_a_worker_sends_fixes_of_their_own_unit_only(
    client: TestClient, sign_in: SignIn, worker: int
) -> None:
    answer = client.post(
        "/api/v1/fixes",
        json=[fix(1), fix(2, unit="GW-002"), fix(3, unit="GW-404")],
        headers=sign_in("grid_worker", staff_id=worker),
    )
    assert answer.json()["accepted"] == 1
    assert [(item["index"], item["code"]) for item in answer.json()["rejected"]] == [
        (1, "not_your_unit"),
        (2, "not_your_unit"),
    ]


def test_an_account_of_nobody_has_no_unit_to_send_fixes_of(
    client: TestClient, sign_in: SignIn, worker: int
) -> None:
    answer = client.post("/api/v1/fixes", json=[fix()], headers=sign_in("grid_worker"))
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


@pytest.mark.parametrize(
    "body",
    ["", "{}", "[", "null", json.dumps(fix())],
    ids=["empty", "object", "broken", "null", "one fix"],
)
def test_a_body_that_is_no_list_says_how_one_looks(
    client: TestClient, sign_in: SignIn, body: str
) -> None:
    answer = client.post("/api/v1/fixes", content=body, headers=sign_in("gateway"))
    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_list")
    assert '"unit": "GW-017"' in answer.json()["detail"]


def test_more_than_ten_thousand_fixes_are_too_many(client: TestClient, sign_in: SignIn) -> None:
    answer = client.post("/api/v1/fixes", json=[fix()] * 10_001, headers=sign_in("gateway"))
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many")


def test_nobody_signed_in_stores_nothing(client: TestClient, worker: int) -> None:
    answer = client.post("/api/v1/fixes", json=[fix()])
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_the_body_is_described(client: TestClient) -> None:
    document = client.get("/api/v1/openapi.json").json()
    operation = document["paths"]["/api/v1/fixes"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema["items"]["required"] == ["unit", "at", "lon", "lat"]
    assert (
        schema["items"]["properties"]["crs"]["$ref"].removeprefix("#/components/schemas/")
        in (document["components"]["schemas"])
    )
