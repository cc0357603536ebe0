"""Sensors through HTTP: readings in, cases out, each once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from api.settings import ServerSettings
from data.database import Database
from data.editions import GridIndexes
from patrol.cases.service import CaseService
from patrol.sensors.exceedance import Direction, Threshold, exceedances_of
from patrol.sensors.reading import Reading
from patrol.sensors.service import SensorService
from patrol.tracks.expiry import KeepSettings
from tests.morning import EAST, WEST, make_town

SignIn = Callable[..., dict[str, str]]
NOW = datetime.now(UTC).replace(microsecond=0)
RULE = {
    "name": "窨井水位过高",
    "kind": "manhole",
    "quantity": "water_level_m",
    "direction": "above",
    "threshold": 1.2,
    "clears_at": 1.0,
    "for_s": 600,
    "category": "facility.manhole",
}


def ago(minutes: float) -> str:
    return (NOW - timedelta(minutes=minutes)).isoformat()


def reading(minutes_ago: float, level: float, sensor: str = "JG-1") -> dict[str, Any]:
    return {"sensor": sensor, "at": ago(minutes_ago), "values": {"water_level_m": level}}


class Desk:
    """An administrator, who has everything, beside the gateway of the sensors."""

    def __init__(self, client: TestClient, admin: dict[str, str], gateway: dict[str, str]) -> None:
        self._client = client
        self._admin = admin
        self._gateway = gateway

    def ask(self, method: str, path: str, *, status: int = 200, **extra: Any) -> Any:
        answer = self._client.request(method, f"/api/v1{path}", headers=self._admin, **extra)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def sensor(self, code: str = "JG-1", kind: str = "manhole", **fields: Any) -> Any:
        body = {"code": code, "kind": kind, "lon": 118.65, "lat": 34.5, **fields}
        return self.ask("POST", "/sensors", json=body, status=201)

    def send(self, *readings: Any) -> Any:
        answer = self._client.post(
            "/api/v1/sensors/readings", json={"readings": readings}, headers=self._gateway
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def cases(self) -> list[Any]:
        items: list[Any] = self.ask("GET", "/cases")["items"]
        return items

    def exceedances(self) -> list[Any]:
        items: list[Any] = self.ask("GET", "/sensors/JG-1/exceedances")["items"]
        return items

    def state(self, code: str = "JG-1") -> Any:
        return self.ask("GET", f"/sensors/{code}")["properties"]


@pytest.fixture
def settings(tmp_path: Path) -> ServerSettings:
    return ServerSettings(web_dir=tmp_path / "dist", keep=KeepSettings(readings_days=50))


@pytest.fixture
def desk(client: TestClient, sign_in: SignIn, database: Database) -> Desk:
    make_town(database)
    return Desk(client, sign_in("admin"), sign_in("sensor_gateway"))


@pytest.fixture
def watched(desk: Desk, database: Database) -> Desk:
    """JG-1 under RULE, in force for long."""
    desk.sensor()
    desk.ask("POST", "/sensor_rules", json=RULE, status=201)
    with database.begin() as conn:
        conn.execute(text("UPDATE sensor_rules SET valid_from = now() - interval '1 year'"))
    return desk


def test_each_reading_is_told_what_became_of_it_and_a_bad_one_stops_no_other(desk: Desk) -> None:
    desk.sensor()
    receipt = desk.send(
        reading(5, 0.3),
        "nonsense",
        reading(5, 0.3),
        reading(4, 0.4, sensor="JG-404"),
        {"sensor": "JG-1", "at": ago(3), "values": {"water_level_m": "high"}},
        {"sensor": "JG-1", "at": ago(-60), "values": {"water_level_m": 1}},
        {"sensor": "JG-1", "at": ago(60 * 24 * 8), "values": {"water_level_m": 1}},
        {"sensor": "JG-1", "at": "2026-11-27 08:00", "values": {"water_level_m": 1}},
        {"sensor": "JG-1\0", "at": ago(3), "values": {"water_level_m": 1}},
        reading(2, 0.5),
    )
    assert [each["status"] for each in receipt["results"]] == [
        "stored",
        "rejected",
        "duplicate",
        *["rejected"] * 6,
        "stored",
    ]
    assert [each["code"] for each in receipt["results"]] == [
        None,
        "invalid_reading",
        None,
        "no_such_sensor",
        "invalid_reading",
        "in_the_future",
        "too_old",
        "no_zone",
        "no_such_sensor",
        None,
    ]
    assert (receipt["stored"], receipt["duplicates"], receipt["rejected"]) == (2, 1, 7)
    assert desk.send(reading(5, 9.9))["duplicates"] == 1
    assert desk.state()["values"] == {"water_level_m": 0.5}


def test_only_who_may_send_readings_does(client: TestClient, sign_in: SignIn) -> None:
    for role, status in (("dispatcher", 403), ("gateway", 403), ("sensor_gateway", 200)):
        answer = client.post(
            "/api/v1/sensors/readings", json={"readings": []}, headers=sign_in(role)
        )
        assert answer.status_code == status


def test_what_lasts_beyond_its_threshold_becomes_one_case(watched: Desk) -> None:
    assert watched.send(reading(60, 1.3))["cases"] == 0  # not yet for ten minutes
    assert watched.send(reading(50, 1.5))["cases"] == 1
    assert watched.send(reading(40, 1.1), reading(30, 1.4))["cases"] == 0
    [case] = watched.cases()
    assert (case["source"], case["category"]) == ("sensor", "facility.manhole")
    assert "JG-1" in case["description"]
    assert case["grid"]["code"] == EAST
    assert watched.state()["state"] == "alarm"
    [one] = watched.exceedances()
    assert (one["case"], one["to"], one["peak"]) == (case["id"], None, 1.5)
    watched.send(reading(20, 0.9))
    assert watched.state()["state"] == "normal"
    assert watched.exceedances()[0]["to"] is not None
    watched.send(reading(15, 1.3), reading(5, 1.3))
    assert len(watched.cases()) == 2


def test_a_late_reading_that_fills_a_gap_or_extends_it_makes_no_second_case(watched: Desk) -> None:
    watched.send(reading(50, 1.5), reading(40, 1.5))
    watched.send(reading(45, 1.6), reading(60, 1.4))
    assert len(watched.cases()) == 1
    [one] = watched.exceedances()
    assert (datetime.fromisoformat(one["from"]), one["peak"]) == (
        NOW - timedelta(minutes=60),
        1.6,
    )


def test_a_late_reading_that_says_there_was_none_withdraws_it_and_leaves_the_case(
    watched: Desk,
) -> None:
    watched.send(reading(50, 1.5), reading(39, 1.5))
    watched.send(reading(45, 0.2))
    [one] = watched.exceedances()
    assert one["is_withdrawn"]
    assert len(watched.cases()) == 1
    assert watched.state()["state"] == "normal"


def test_a_threshold_is_not_about_what_was_before_it(desk: Desk) -> None:
    desk.sensor()
    desk.ask("POST", "/sensor_rules", json=RULE, status=201)
    assert desk.send(reading(60, 2), reading(1, 2))["cases"] == 0


def test_one_of_a_sensor_is_of_no_other_and_ended_it_raises_nothing(
    desk: Desk, database: Database
) -> None:
    desk.sensor()
    desk.sensor("JG-2")
    rule = {**RULE, "kind": None, "sensor": "JG-2", "for_s": 0}
    made = desk.ask("POST", "/sensor_rules", json=rule, status=201)
    with database.begin() as conn:
        conn.execute(text("UPDATE sensor_rules SET valid_from = now() - interval '1 year'"))
    assert desk.send(reading(60, 2), reading(60, 2, "JG-2"))["cases"] == 1
    desk.ask("DELETE", f"/sensor_rules/{made['id']}", status=204)
    assert desk.state("JG-2")["state"] == "normal"
    assert desk.send(reading(50, 0, "JG-2"), reading(40, 2, "JG-2"))["cases"] == 0


def test_a_sensor_that_falls_silent_shows_it(desk: Desk) -> None:
    desk.sensor(silent_after_s=600)
    assert desk.state()["state"] == "never"
    desk.send(reading(20, 0.1))
    assert desk.state()["state"] == "silent"
    page = desk.ask("GET", "/sensors", params={"state": "silent"})
    assert [each["id"] for each in page["features"]] == ["JG-1"]
    desk.send(reading(0, 0.1) | {"at": datetime.now(UTC).isoformat()})
    assert desk.state()["state"] == "normal"


def test_the_history_is_paged_newest_first(desk: Desk) -> None:
    desk.sensor()
    desk.send(*(reading(minute, minute) for minute in range(1, 6)))
    params: dict[str, Any] = {"limit": 2}
    seen = []
    while True:
        page = desk.ask("GET", "/sensors/JG-1/readings", params=params)
        seen += [each["values"]["water_level_m"] for each in page["items"]]
        if page["next"] is None:
            break
        params["to"] = page["next"]
    assert seen == [1, 2, 3, 4, 5]


def test_the_history_says_from_when_on_it_is_whole(desk: Desk) -> None:
    desk.sensor()
    kept_since = desk.ask("GET", "/sensors/JG-1/readings")["kept_since"]
    kept = datetime.now(UTC) - datetime.fromisoformat(kept_since)
    assert timedelta(days=50) <= kept < timedelta(days=50, minutes=1)


def test_who_does_not_see_the_case_is_not_told_its_number(
    watched: Desk, client: TestClient, sign_in: SignIn
) -> None:
    watched.send(reading(60, 2), reading(40, 2))
    for grid, told in ((EAST, True), (WEST, False)):
        headers = sign_in("grid_chief", grid_code=grid)
        answer = client.get("/api/v1/sensors/JG-1/exceedances", headers=headers)
        assert (answer.json()["items"][0]["case"] is not None) is told


def test_sensors_come_from_a_table_twice_is_once_and_retired_ones_come_back(desk: Desk) -> None:
    table = (
        "编码,类型,名称,经度,纬度,口径\nJG-7,井盖,桥头,118.65,34.5,700\nX/1,井盖,,118.65,34.5,\n"
    )

    def send() -> tuple[int, int, int, int]:
        files = {"files": ("感知.csv", table.encode())}
        answer = desk.ask("POST", "/sensors/import", files=files)
        return answer["new"], answer["changed"], answer["unchanged"], answer["refused"]

    assert send() == (1, 0, 0, 1)
    assert send() == (0, 0, 1, 1)
    assert desk.state("JG-7")["properties"] == {"口径": "700"}
    desk.ask("DELETE", "/sensors/JG-7", status=204)
    desk.ask("GET", "/sensors/JG-7", status=404)
    assert desk.send(reading(1, 1, "JG-7"))["rejected"] == 1
    assert send() == (0, 1, 0, 1)
    assert desk.state("JG-7")["name"] == "桥头"


@pytest.mark.parametrize("seed", range(12))
def test_what_is_exceeded_does_not_depend_on_the_order_of_readings(
    watched: Desk, database: Database, seed: int
) -> None:
    random = Random(seed)
    series = [
        (NOW - timedelta(minutes=5 * (40 - i)), random.choice([0.5, 1.1, 1.3, 1.6]))
        for i in range(40)
    ]
    threshold = Threshold(direction=Direction.ABOVE, value=1.2, clears_at=1.0, for_s=600)
    expected = [(e.begun_at, e.ended_at, e.peak) for e in exceedances_of(series, threshold)]
    clock = lambda: datetime.now(UTC)  # noqa: E731
    service = SensorService(database, CaseService(database, GridIndexes(database), clock), clock)
    shuffled = random.sample(series, len(series))
    while shuffled:
        batch = [shuffled.pop() for _ in range(min(len(shuffled), random.randint(1, 6)))]
        service.record(
            [
                Reading(sensor="JG-1", at=at, quantities={"water_level_m": level})
                for at, level in batch
            ]
        )
    with database.begin() as conn:
        rows = conn.execute(
            text(
                "SELECT begun_at, ended_at, peak FROM sensor_exceedances "
                "WHERE withdrawn_at IS NULL ORDER BY begun_at"
            )
        )
        assert [tuple(row) for row in rows] == expected
        each = "SELECT count(*) = count(DISTINCT case_id) FROM sensor_exceedances"
        assert conn.scalar(text(each)) is True
