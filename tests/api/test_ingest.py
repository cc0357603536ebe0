"""Phones in their own protocols, through the real application and with real tokens of devices."""

import base64
import inspect
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from sqlalchemy import insert, text
from starlette.testclient import TestClient

from api.cli import serving
from api.cli.logs import configure_logs
from api.device_rates import DeviceRateSettings
from api.settings import ServerSettings
from data.database import Database
from data.schema import units
from gis.crs import Crs, from_wgs84
from gis.errors import Overloaded
from tests.duty import put_everybody_on_duty

Headers = dict[str, str]
SignIn = Callable[..., Headers]
Enrol = Callable[..., str]

LON, LAT = 118.6721, 34.5302


@pytest.fixture(autouse=True)
def unit(database: Database) -> None:
    """GW-001 and GW-002 are on duty."""
    with database.begin() as conn:
        for code in ("GW-001", "GW-002"):
            conn.execute(
                insert(units).values(code=code, kind="person", name=code, role="grid_worker")
            )
    put_everybody_on_duty(database)


@pytest.fixture
def enrol(client: TestClient, sign_in: SignIn) -> Enrol:
    """`enrol(protocol, identifier, unit=…, crs=…)`: a device's token."""

    def enrol(protocol: str, identifier: str, unit: str = "GW-001", **others: str) -> str:
        body = {"unit": unit, "protocol": protocol, "identifier": identifier, **others}
        answer = client.post("/api/v1/devices", json=body, headers=sign_in("admin"))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    return enrol


def now(seconds_ago: float = 0) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=seconds_ago)


def osmand(seconds_ago: float = 0, **changes: Any) -> dict[str, Any]:
    at = int(now(seconds_ago).timestamp())
    return {"id": "phone-1", "lat": LAT, "lon": LON, "timestamp": at, **changes}


def traccar(
    seconds_ago: float = 0, *, device_id: str = "phone-1", **changes: Any
) -> dict[str, Any]:
    coords = {"latitude": LAT, "longitude": LON, "accuracy": 5, "speed": 1.5, "heading": -1}
    location = {"timestamp": now(seconds_ago).isoformat(), "coords": coords, **changes}
    return {"device_id": device_id, "location": location}


def owntracks(seconds_ago: float = 0, **changes: Any) -> dict[str, Any]:
    at = int(now(seconds_ago).timestamp())
    topic = "owntracks/li/phone-1"
    sent = {"_type": "location", "lat": LAT, "lon": LON, "tst": at, "topic": topic, "tid": "LI"}
    return {**sent, **changes}


def basic(token: str, user: str = "li") -> Headers:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{token}".encode()).decode()}


def stored(database: Database) -> list[Any]:
    statement = (
        "SELECT units.code AS unit, fixes.* FROM fixes JOIN units ON units.id = unit_id ORDER BY at"
    )
    with database.begin() as conn:
        return [*conn.execute(text(statement))]


def quarantined(database: Database) -> list[Any]:
    with database.begin() as conn:
        return [*conn.execute(text("SELECT * FROM quarantined_fixes ORDER BY id"))]


def codes(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["code"] for item in answer.json()["rejected"]]


@pytest.mark.parametrize("way", ["query", "form", "query of a POST"])
def test_osmand_is_taken_as_query_and_as_form(
    client: TestClient, database: Database, enrol: Enrol, way: str
) -> None:
    url = f"/ingest/osmand/{enrol('osmand', 'phone-1')}"
    sent = osmand(speed=10, bearing=90, altitude=27, accuracy=5, batt=80, alarm="sos")
    match way:
        case "query":
            answer = client.get(url, params=sent)
        case "form":
            answer = client.post(url, data=sent)
        case _:
            answer = client.post(url, params=sent)
    assert answer.status_code == 200
    assert answer.json() == {"accepted": 1, "duplicates": 0, "rejected": []}
    [row] = stored(database)
    assert (row.unit, row.lon, row.lat, row.altitude_m) == ("GW-001", LON, LAT, 27)
    assert row.speed_mps == pytest.approx(5.1444, abs=1e-4)
    with database.begin() as conn:
        assert conn.scalar(text("SELECT sos_at FROM positions")) == row.at


def test_traccar_client_is_taken(client: TestClient, database: Database, enrol: Enrol) -> None:
    url = f"/ingest/traccar/{enrol('traccar', 'phone-1')}"
    answer = client.post(url, json=traccar(battery={"level": 0.5, "is_charging": True}))
    assert answer.json() == {"accepted": 1, "duplicates": 0, "rejected": []}
    [row] = stored(database)
    assert (row.lon, row.speed_mps, row.heading_deg, row.battery_pct) == (LON, 1.5, None, 50)


def test_the_address_of_osmand_takes_the_json_of_traccar_client_as_well(
    client: TestClient, enrol: Enrol
) -> None:
    url = f"/ingest/osmand/{enrol('osmand', 'phone-1')}"
    assert client.post(url, json=traccar()).json()["accepted"] == 1


def test_owntracks_is_taken_with_its_token_as_password(
    client: TestClient, database: Database, enrol: Enrol
) -> None:
    token = enrol("owntracks", "phone-1")
    answer = client.post("/ingest/owntracks", json=owntracks(vel=36), headers=basic(token))
    assert (answer.status_code, answer.json()) == (200, [])
    [row] = stored(database)
    assert (row.unit, row.lat, row.speed_mps) == ("GW-001", LAT, 10)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b'{"_type": "lwt", "tst": 1}',
        b'{"_type": "status"}',
        b'{"_type": "waypoints"}',
        b'{"_type": "transition", "lat": 34.5, "lon": 118.6, "tst": 1763798400, "event": "enter"}',
    ],
)
def test_what_owntracks_has_beside_locations_is_taken_and_not_stored(
    client: TestClient, database: Database, enrol: Enrol, sent: bytes
) -> None:
    headers = basic(enrol("owntracks", "phone-1"))
    answer = client.post("/ingest/owntracks", content=sent, headers=headers)
    assert (answer.status_code, answer.json()) == (200, [])
    assert stored(database) == quarantined(database) == []


def test_a_heartbeat_is_acknowledged_and_not_stored(
    client: TestClient, database: Database, enrol: Enrol
) -> None:
    token = enrol("osmand", "phone-1")
    nothing = {"accepted": 0, "duplicates": 0, "rejected": []}
    for answer in (
        client.get(f"/ingest/osmand/{token}", params={"id": "phone-1", "batt": 50}),
        client.get(f"/ingest/osmand/{token}"),
        client.post(f"/ingest/osmand/{token}"),
        client.post(f"/ingest/traccar/{token}", json={"device_id": "phone-1"}),
    ):
        assert (answer.status_code, answer.json()) == (200, nothing)
    assert stored(database) == quarantined(database) == []


def test_a_phone_that_did_not_hear_the_answer_sends_again_and_it_is_stored_once(
    client: TestClient, database: Database, enrol: Enrol
) -> None:
    url = f"/ingest/traccar/{enrol('traccar', 'phone-1')}"
    sent = traccar(5)
    assert client.post(url, json=sent).json()["accepted"] == 1
    again = client.post(url, json=sent)
    assert again.json() == {"accepted": 0, "duplicates": 1, "rejected": []}
    assert len(stored(database)) == 1


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"lat": "north"}, "wrong_type"),
        ({"timestamp": ""}, "missing_field"),
        ({"lat": LON, "lon": LAT}, "swapped_coordinates"),
        ({"lat": "nan"}, "not_a_number"),
        ({"lat": 0, "lon": 0}, "no_position"),
        ({"timestamp": 0}, "clock_reset"),
        ({"timestamp": 4_000_000_000}, "in_the_future"),
    ],
)
def test_a_bad_position_is_quarantined_with_its_reason_and_answered_200(
    client: TestClient, database: Database, enrol: Enrol, sent: dict[str, Any], code: str
) -> None:
    url = f"/ingest/osmand/{enrol('osmand', 'phone-1')}"
    assert codes(client.get(url, params=osmand(**sent))) == [code]
    assert stored(database) == []
    [kept] = quarantined(database)
    assert (kept.unit, kept.reason) == ("GW-001", code)
    assert client.get(url, params=osmand()).json()["accepted"] == 1


@pytest.mark.parametrize("sent", [b"{", b"\x00\xff", b"[1]", b"7"])
@pytest.mark.parametrize("door", ["traccar", "owntracks"])
def test_what_is_no_message_at_all_is_quarantined_and_answered_200(
    client: TestClient, database: Database, enrol: Enrol, door: str, sent: bytes
) -> None:
    answer = client.post(f"/ingest/{door}/{enrol(door, 'phone-1')}", content=sent)
    assert answer.status_code == 200
    assert stored(database) == []
    [kept] = quarantined(database)
    assert kept.unit == "GW-001"


def test_a_fix_from_off_duty_is_refused_counted_and_answered_200(
    client: TestClient, database: Database, sign_in: SignIn, enrol: Enrol
) -> None:
    url = f"/ingest/osmand/{enrol('osmand', 'phone-1')}"
    client.post("/api/v1/units/GW-001/duty", json={"on": False}, headers=sign_in("gateway"))
    assert codes(client.get(url, params=osmand(-2))) == ["off_duty"]
    assert codes(client.get(url, params=osmand(lat="here"))) == ["wrong_type"]
    assert stored(database) == []
    [kept] = quarantined(database)
    assert kept.payload == {}, "nothing of where it was"
    unit = client.get("/api/v1/units/GW-001", headers=sign_in("admin")).json()
    assert unit["off_duty_fixes_today"] == 1


class TestWhoSends:
    @pytest.mark.parametrize(
        "headers",
        [{}, {"Authorization": "Bearer nobody's"}, basic("nobody's"), {"Authorization": "Basic ?"}],
        ids=["none", "bearer", "password", "no base64"],
    )
    def test_a_missing_or_wrong_token_is_401(
        self, client: TestClient, database: Database, headers: Headers
    ) -> None:
        for answer in (
            client.get("/ingest/osmand", params=osmand(), headers=headers),
            client.post("/ingest/traccar", json=traccar(), headers=headers),
            client.post("/ingest/owntracks", json=owntracks(), headers=headers),
        ):
            assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
        assert client.get("/ingest/osmand/nobodys", params=osmand()).status_code == 401
        assert stored(database) == []

    def test_a_revoked_token_is_401_at_once(
        self, client: TestClient, database: Database, sign_in: SignIn, enrol: Enrol
    ) -> None:
        url = f"/ingest/osmand/{enrol('osmand', 'phone-1')}"
        assert client.get(url, params=osmand(3)).status_code == 200
        admin = sign_in("admin")
        [device] = client.get("/api/v1/devices", headers=admin).json()["items"]
        renewed = client.post(f"/api/v1/devices/{device['id']}/token", headers=admin).json()[
            "token"
        ]
        assert client.get(url, params=osmand(2)).status_code == 401
        url = f"/ingest/osmand/{renewed}"
        assert client.get(url, params=osmand(1)).status_code == 200
        assert client.delete(f"/api/v1/devices/{device['id']}", headers=admin).status_code == 204
        assert client.get(url, params=osmand()).status_code == 401
        assert len(stored(database)) == 2

    def test_a_token_counts_in_the_address_as_bearer_and_as_password(
        self, client: TestClient, enrol: Enrol
    ) -> None:
        token = enrol("traccar", "phone-1")
        for url, headers in (
            (f"/ingest/traccar/{token}", {}),
            (f"/ingest/traccar/{token}/", basic("the address is what counts")),
            ("/ingest/traccar", {"Authorization": f"Bearer {token}"}),
            ("/ingest/traccar", basic(token)),
        ):
            assert client.post(url, json=traccar(), headers=headers).status_code == 200, url

    def test_a_cookie_counts_for_nothing(self, client: TestClient, sign_in: SignIn) -> None:
        token = sign_in("admin")["Authorization"].removeprefix("Bearer ")
        client.cookies.set("wangge_session", token)
        assert client.get("/api/v1/units").status_code == 200
        assert client.get("/ingest/osmand", params=osmand(id="GW-001")).status_code == 401

    def test_people_send_with_a_devices_token_and_not_their_own(
        self, client: TestClient, sign_in: SignIn
    ) -> None:
        for role in ("grid_worker", "dispatcher", "analyst"):
            answer = client.get("/ingest/osmand", params=osmand(), headers=sign_in(role))
            assert answer.status_code == 403

    def test_another_identifier_than_the_devices_is_refused_without_its_place(
        self, client: TestClient, database: Database, enrol: Enrol
    ) -> None:
        token = enrol("osmand", "phone-1")
        enrol("osmand", "phone-2", unit="GW-002")
        answers = [
            client.get(f"/ingest/osmand/{token}", params=osmand(id="phone-2")),
            client.get(f"/ingest/osmand/{token}", params=osmand(id="GW-002")),
            client.post(f"/ingest/traccar/{token}", json=traccar(device_id="phone-2")),
        ]
        assert [codes(answer) for answer in answers] == [["not_your_device"]] * 3
        other = owntracks(topic="owntracks/li/phone-2")
        answer = client.post("/ingest/owntracks", json=other, headers=basic(token))
        assert (answer.status_code, answer.json()) == (200, [])
        assert stored(database) == []
        assert [each.reason for each in quarantined(database)] == ["not_your_device"] * 4
        for each in quarantined(database):
            assert "34.5" not in str(each.payload)
            assert "118.6" not in str(each.payload)

    def test_a_payload_without_an_identifier_is_the_devices_own(
        self, client: TestClient, database: Database, enrol: Enrol
    ) -> None:
        sent = osmand()
        del sent["id"]
        client.get(f"/ingest/osmand/{enrol('osmand', 'phone-1', unit='GW-002')}", params=sent)
        assert [row.unit for row in stored(database)] == ["GW-002"]

    def test_a_gateway_names_a_unit_or_an_enrolled_device(
        self, client: TestClient, database: Database, sign_in: SignIn, enrol: Enrol
    ) -> None:
        enrol("osmand", "phone-2", unit="GW-002")
        gateway = sign_in("gateway")
        for seconds, name in ((2, "GW-001"), (1, "phone-2")):
            answer = client.get("/ingest/osmand", params=osmand(seconds, id=name), headers=gateway)
            assert codes(answer) == []
        assert [row.unit for row in stored(database)] == ["GW-001", "GW-002"]
        nobody = client.get("/ingest/osmand", params=osmand(id="GW-404"), headers=gateway)
        assert codes(nobody) == ["unknown_unit"]
        other = client.post("/ingest/traccar", json=traccar(device_id="phone-2"), headers=gateway)
        assert codes(other) == ["unknown_unit"], "it is enrolled for another protocol"
        nameless = {name: value for name, value in osmand().items() if name != "id"}
        answer = client.get("/ingest/osmand", params=nameless, headers=gateway)
        assert codes(answer) == ["missing_device"]


class TestCoordinateSystems:
    """What a device sends in GCJ-02 is stored in WGS-84, beside what it sent."""

    LON, LAT = from_wgs84(LON, LAT, Crs.GCJ02)

    def sources(self, database: Database) -> list[Any]:
        rows = stored(database)
        for row in rows:
            assert (row.lon, row.lat) == pytest.approx((LON, LAT), abs=1e-8)
        return [(row.source_crs, row.source_lon, row.source_lat) for row in rows]

    def test_a_device_that_is_enrolled_so_is_converted(
        self, client: TestClient, database: Database, enrol: Enrol
    ) -> None:
        token = enrol("osmand", "phone-1", crs="gcj02")
        sent = osmand(9, lon=repr(self.LON), lat=repr(self.LAT))
        client.get(f"/ingest/osmand/{token}", params=sent)
        late = sent | {"timestamp": sent["timestamp"] - 60}
        client.get(f"/ingest/osmand/{token}", params=late)
        fix = {"unit": "GW-001", "at": now().isoformat(), "lon": self.LON, "lat": self.LAT}
        own = {"Authorization": f"Bearer {token}"}
        client.post("/api/v1/fixes", json=[fix], headers=own)
        assert self.sources(database) == [("gcj02", self.LON, self.LAT)] * 3

    def test_a_fix_that_says_its_own_keeps_it(
        self, client: TestClient, database: Database, enrol: Enrol
    ) -> None:
        own = {"Authorization": f"Bearer {enrol('wangge', 'phone-1', crs='gcj02')}"}
        bd = from_wgs84(LON, LAT, Crs.BD09)
        fixes = [
            {"unit": "GW-001", "at": now(2).isoformat(), "lon": LON, "lat": LAT, "crs": "wgs84"},
            {"unit": "GW-001", "at": now(1).isoformat(), "lon": bd[0], "lat": bd[1], "crs": "bd09"},
        ]
        assert client.post("/api/v1/fixes", json=fixes, headers=own).json()["accepted"] == 2
        assert self.sources(database) == [(None, None, None), ("bd09", *bd)]

    def test_a_gateway_that_names_the_device_is_converted_too(
        self, client: TestClient, database: Database, sign_in: SignIn, enrol: Enrol
    ) -> None:
        enrol("owntracks", "phone-1", crs="gcj02")
        sent = owntracks(lon=self.LON, lat=self.LAT)
        client.post("/ingest/owntracks", json=sent, headers=sign_in("gateway"))
        assert self.sources(database) == [("gcj02", self.LON, self.LAT)]


class TestRates:
    @pytest.fixture
    def settings(self, settings: ServerSettings) -> ServerSettings:
        rates = DeviceRateSettings(requests_per_minute=3, fixes_per_minute=2)
        return replace(settings, device_rates=rates)

    def test_a_phone_that_sends_too_much_is_told_when_to_come_again(
        self, client: TestClient, database: Database, enrol: Enrol
    ) -> None:
        url = f"/ingest/traccar/{enrol('traccar', 'phone-1')}"
        locations = [traccar(seconds)["location"] for seconds in (2, 1)]
        both = {"device_id": "phone-1", "location": locations}
        assert client.post(url, json=both).json()["accepted"] == 2
        too_many_fixes = client.post(url, json=traccar())
        assert too_many_fixes.status_code == 429
        assert client.post(url).status_code == 200
        too_many_requests = client.post(url)
        assert too_many_requests.status_code == 429
        for answer in (too_many_fixes, too_many_requests):
            assert int(answer.headers["retry-after"]) >= 1
        assert len(stored(database)) == 2
        assert client.get("/ingest/osmand/x").status_code == 401, "others are not slowed down"


def test_what_the_recorder_cannot_take_now_is_to_be_sent_again(
    client: TestClient, enrol: Enrol, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = enrol("osmand", "phone-1")
    recorder = client.app.state.services.recorder  # type: ignore[attr-defined]
    monkeypatch.setattr(recorder, "_closing", True)
    for answer in (
        client.get(f"/ingest/osmand/{token}", params=osmand()),
        client.post(f"/ingest/traccar/{token}", json=traccar()),
        client.post(f"/ingest/owntracks/{token}", json=owntracks()),
    ):
        assert (answer.status_code, answer.json()["code"]) == (429, Overloaded.code)
        assert "retry-after" in answer.headers


def test_while_the_database_is_away_nothing_is_acknowledged_and_a_phone_comes_again(
    client: TestClient, database: Database, enrol: Enrol
) -> None:
    url = f"/ingest/traccar/{enrol('traccar', 'phone-1')}"
    assert client.post(url, json=traccar(9)).status_code == 200
    with database.begin() as conn:
        ended = conn.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND usename LIKE '%tracking'"
            )
        )
        assert ended.rowcount
    sent = traccar()
    answer = client.post(url, json=sent)
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert len(stored(database)) == 1
    assert client.post(url, json=sent).json()["accepted"] == 1


@pytest.fixture
def logs_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    logging.basicConfig(handlers=[logging.NullHandler()], level=logging.WARNING, force=True)


@pytest.mark.usefixtures("logs_as_before")
def test_a_token_in_an_address_is_in_no_log_and_no_answer(
    client: TestClient,
    database: Database,
    enrol: Enrol,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    token = enrol("osmand", "phone-1")
    monkeypatch.setenv("WANGGE_DEBUG", "1")
    configure_logs()

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("as no test foresees")

    said = [
        client.request(method, url).text
        for method, url in (
            ("GET", f"/ingest/osmand/{token}?lat=x&lon=y"),
            ("GET", f"/ingest/osmand/{token}/more"),
            ("GET", f"/ingest/traccar/{token}"),
            ("PUT", f"/ingest/osmand/{token}"),
            ("POST", f"/ingest/nothing/{token}"),
        )
    ]
    monkeypatch.setattr("api.routes.ingest.osmand.decode", broken)
    failed = client.get(f"/ingest/osmand/{token}", params=osmand())
    assert (failed.status_code, failed.json()["code"]) == (500, "unexpected_error")
    written = capsys.readouterr()
    assert "as no test foresees" in written.err
    assert "/ingest/osmand/…" in written.err, "the client's own line, blanked by the log"
    for each in (*said, failed.text, written.out, written.err, *map(str, quarantined(database))):
        assert token not in each


def test_the_server_keeps_no_access_log() -> None:
    """It would have the address of every request, token and all."""
    assert "access_log=False" in inspect.getsource(serving)
