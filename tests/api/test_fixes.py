import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text
from starlette.testclient import TestClient

from api.device_rates import DeviceRateSettings
from api.settings import ServerSettings
from data.database import Database
from data.schema import staff, units
from tests.duty import put_everybody_on_duty

Headers = dict[str, str]
SignIn = Callable[..., Headers]


def fix(seconds_ago: float = 0, **changes: Any) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return {"unit": "GW-001", "at": at.isoformat(), "lon": 118.6, "lat": 34.5, **changes}


@pytest.fixture
def worker(database: Database) -> int:
    """王小明 carries GW-001; nobody carries GW-002; both are on duty. Returns the staff id."""
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
    put_everybody_on_duty(database)
    return int(staff_id)


@pytest.fixture
def enrol(client: TestClient, sign_in: SignIn) -> Callable[[str], tuple[int, Headers]]:
    """Enrol a device of a unit: its id, and the headers with its token."""

    def enrol(unit: str) -> tuple[int, Headers]:
        body = {"unit": unit, "protocol": "wangge", "identifier": f"phone of {unit}"}
        answer = client.post("/api/v1/devices", json=body, headers=sign_in("admin"))
        assert answer.status_code == 201, answer.text
        return answer.json()["device"]["id"], {"Authorization": f"Bearer {answer.json()['token']}"}

    return enrol


def count(database: Database, table: str) -> int:
    with database.begin() as conn:
        return int(conn.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def codes(answer: Any) -> list[tuple[int, str]]:
    assert answer.status_code == 200, answer.text
    return [(item["index"], item["code"]) for item in answer.json()["rejected"]]


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
    assert count(database, "fixes") == 2


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


@pytest.mark.parametrize(
    ("item", "status", "code"),
    [("1,", 422, "too_many"), (json.dumps(fix()) + ",", 413, "request_entity_too_large")],
    ids=["of nothing", "of fixes"],
)
def test_a_million_elements_are_refused_before_any_is_stored(
    client: TestClient,
    database: Database,
    sign_in: SignIn,
    worker: int,
    item: str,
    status: int,
    code: str,
) -> None:
    body = f"[{item * 999_999}{json.dumps(fix())}]"
    answer = client.post("/api/v1/fixes", content=body, headers=sign_in("gateway"))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert count(database, "fixes") == count(database, "quarantined_fixes") == 0


def test_a_fix_from_off_duty_is_refused_and_said_so(
    client: TestClient, database: Database, sign_in: SignIn, worker: int
) -> None:
    gateway = sign_in("gateway")
    client.post("/api/v1/units/GW-001/duty", json={"on": False}, headers=gateway)
    answer = client.post("/api/v1/fixes", json=[fix(), fix(unit="GW-002")], headers=gateway)
    assert answer.json()["accepted"] == 1
    assert codes(answer) == [(0, "off_duty")]
    assert "begin duty first" in answer.json()["rejected"][0]["message"]
    assert count(database, "quarantined_fixes") == 0
    unit = client.get("/api/v1/units/GW-001", headers=sign_in("admin")).json()
    assert (unit["on_duty"], unit["off_duty_fixes_today"]) == (False, 1)

    before = fix()
    client.post("/api/v1/units/GW-001/duty", json={"on": True}, headers=gateway)
    first = client.post("/api/v1/fixes", json=[before, fix()], headers=gateway)
    assert (first.json()["accepted"], codes(first)) == (1, [(0, "off_duty")])


def test_a_late_fix_from_before_the_end_of_duty_is_taken(
    client: TestClient, sign_in: SignIn, worker: int
) -> None:
    headers = sign_in("grid_worker", staff_id=worker)
    late = fix(3)
    client.post("/api/v1/units/GW-001/duty", json={"on": False}, headers=headers)
    answer = client.post("/api/v1/fixes", json=[late, fix(-1)], headers=headers)
    assert (answer.json()["accepted"], codes(answer)) == (1, [(1, "off_duty")])


def test_a_vehicle_that_is_always_on_duty_needs_no_beginning(
    client: TestClient, database: Database, sign_in: SignIn
) -> None:
    with database.begin() as conn:
        for code, always in (("CAR-1", True), ("CAR-2", False)):
            conn.execute(
                insert(units).values(
                    code=code, kind="vehicle", name=code, role="patroller", always_on_duty=always
                )
            )
    fixes = [fix(unit="CAR-1"), fix(unit="CAR-2")]
    answer = client.post("/api/v1/fixes", json=fixes, headers=sign_in("gateway"))
    assert (answer.json()["accepted"], codes(answer)) == (1, [(1, "off_duty")])


def test_a_device_sends_fixes_of_its_unit_only_and_does_nothing_else(
    client: TestClient, database: Database, worker: int, enrol: Callable[[str], Any]
) -> None:
    _, device = enrol("GW-001")
    answer = client.post("/api/v1/fixes", json=[fix(), fix(unit="GW-002")], headers=device)
    assert (answer.json()["accepted"], codes(answer)) == (1, [(1, "not_your_unit")])
    assert count(database, "quarantined_fixes") == 1
    for path in ("/positions", "/units", "/units/GW-001/track", "/cases", "/devices", "/grids"):
        assert client.get(f"/api/v1{path}", headers=device).status_code == 403, path
    duty = client.post("/api/v1/units/GW-001/duty", json={"on": False}, headers=device)
    assert duty.status_code == 403


def test_a_revoked_token_is_of_no_use_from_the_next_request_on(
    client: TestClient,
    database: Database,
    sign_in: SignIn,
    worker: int,
    enrol: Callable[[str], Any],
) -> None:
    device_id, old = enrol("GW-001")
    admin = sign_in("admin")
    assert client.post("/api/v1/fixes", json=[fix(3)], headers=old).status_code == 200
    answer = client.post(f"/api/v1/devices/{device_id}/token", headers=admin)
    new = {"Authorization": f"Bearer {answer.json()['token']}"}
    refused = client.post("/api/v1/fixes", json=[fix(2)], headers=old)
    assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in")
    assert client.post("/api/v1/fixes", json=[fix(1)], headers=new).status_code == 200
    assert client.delete(f"/api/v1/devices/{device_id}", headers=admin).status_code == 204
    assert client.post("/api/v1/fixes", json=[fix()], headers=new).status_code == 401
    assert count(database, "fixes") == 2


class TestRates:
    @pytest.fixture
    def settings(self, settings: ServerSettings) -> ServerSettings:
        rates = DeviceRateSettings(requests_per_minute=4, fixes_per_minute=10)
        return replace(settings, device_rates=rates)

    def test_a_device_that_sends_too_much_is_told_when_to_come_again(
        self, client: TestClient, database: Database, worker: int, enrol: Callable[[str], Any]
    ) -> None:
        _, device = enrol("GW-001")
        _, other = enrol("GW-002")
        ten = [fix(seconds) for seconds in range(10)]
        assert client.post("/api/v1/fixes", json=ten, headers=device).json()["accepted"] == 10
        answer = client.post("/api/v1/fixes", json=[fix(20)], headers=device)
        assert (answer.status_code, answer.json()["code"]) == (429, "overloaded")
        assert int(answer.headers["retry-after"]) >= 1
        assert count(database, "fixes") == 10
        assert client.post("/api/v1/fixes", json=[], headers=device).status_code == 200
        assert client.post("/api/v1/fixes", json=[], headers=device).status_code == 200
        assert client.post("/api/v1/fixes", json=[], headers=device).status_code == 429
        assert client.post("/api/v1/fixes", json=[], headers=other).status_code == 200

    def test_a_request_with_more_than_a_minutes_fixes_gets_its_turn(
        self, client: TestClient, worker: int, enrol: Callable[[str], Any]
    ) -> None:
        _, device = enrol("GW-001")
        fixes = [fix(seconds) for seconds in range(30)]
        assert client.post("/api/v1/fixes", json=fixes, headers=device).json()["accepted"] == 30

    def test_a_gateway_is_not_limited(
        self, client: TestClient, sign_in: SignIn, worker: int
    ) -> None:
        gateway = sign_in("gateway")
        for first in range(6):
            fixes = [fix(first * 10 + seconds) for seconds in range(10)]
            answer = client.post("/api/v1/fixes", json=fixes, headers=gateway)
            assert answer.json()["accepted"] == 10


def test_nobody_signed_in_stores_nothing(client: TestClient, worker: int) -> None:
    answer = client.post("/api/v1/fixes", json=[fix()])
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_the_body_is_described(client: TestClient) -> None:
    document = client.get("/api/v1/openapi.json").json()
    operation = document["paths"]["/api/v1/fixes"]["post"]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    assert schema["items"]["required"] == ["unit", "at", "lon", "lat"]
    references = re.findall(
        r"#/components/schemas/(\w+)", str(schema["items"]["properties"]["crs"])
    )
    assert references == ["Crs"]
    assert references[0] in document["components"]["schemas"]
