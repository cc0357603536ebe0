"""Open311 GeoReport v2, as a client of the standard sees it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from starlette.testclient import TestClient

from api.open311.answers import Format, listed, single
from api.open311.settings import Open311Settings
from api.rates import RateSettings
from api.settings import ServerSettings
from data.database import Database
from tests.api.conftest import SignIn

V2 = "/open311/v2"
REQUEST = {
    "service_code": "facility.lamp",
    "lat": "34.5050",
    "long": "118.6050",
    "description": "路灯不亮，电话13812345678",
    "first_name": "三",
    "last_name": "张",
    "phone": "13812345678",
    "attribute[pole]": "12",
    "media_url": "http://example.org/1.jpg",
    "address_string": "人民路 1 号",
}


@pytest.fixture
def key(sign_in: SignIn) -> str:
    return sign_in("dispatcher")["Authorization"].removeprefix("Bearer ")


@pytest.fixture
def open311() -> Open311Settings:
    return Open311Settings()


@pytest.fixture
def settings(tmp_path: Path, open311: Open311Settings) -> ServerSettings:
    rates = RateSettings(public_requests_per_minute=100)
    return ServerSettings(web_dir=tmp_path / "dist", open311=open311, rates=rates)


def report(client: TestClient, key: str, **fields: str) -> str:
    """The id of a new request."""
    answer = client.post(f"{V2}/requests.json", data={**REQUEST, **fields, "api_key": key})
    assert answer.status_code == 201, answer.text
    [entry] = answer.json()
    return str(entry["service_request_id"])


def ids(answer: Any) -> set[str]:
    assert answer.status_code == 200, answer.text
    return {each["service_request_id"] for each in answer.json()}


def error(answer: Any) -> tuple[int, str]:
    [entry] = answer.json()
    assert entry["code"] == answer.status_code
    return answer.status_code, entry["description"]


def test_discovery_leads_to_the_interface(client: TestClient) -> None:
    document = client.get(f"{V2}/discovery.json").json()
    assert document["endpoints"][0]["url"] == f"http://testserver{V2}"
    root = ElementTree.fromstring(client.get(f"{V2}/discovery.xml").content)
    assert root.tag == "discovery"
    assert [each.text for each in root.findall("endpoints/endpoint/formats/format")] == [
        *("application/json", "text/xml")
    ]


def test_services_are_the_categories_but_for_those_about_people(
    client: TestClient, sign_in: SignIn
) -> None:
    body = {
        "parent": "facility",
        "title_zh": "路灯损坏",
        "term": "3d",
        "aliases": ["灯不亮", "灯坏"],
    }
    url = "/api/v1/cases/categories/facility.lamp"
    assert client.put(url, json=body, headers=sign_in("admin")).status_code == 200
    services = client.get(f"{V2}/services.json").json()
    codes = {each["service_code"] for each in services}
    assert "facility.lamp" in codes
    assert not codes & {"safety.help", "dispute.neighbour"}
    lamp = next(each for each in services if each["service_code"] == "facility.lamp")
    assert (lamp["service_name"], lamp["metadata"], lamp["type"], lamp["group"]) == (
        *("路灯损坏", False, "realtime", "facility"),
    )
    assert lamp["keywords"] == "灯不亮,灯坏"
    answer = client.get(f"{V2}/services.xml")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert answer.content.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    root = ElementTree.fromstring(answer.content)
    assert root.tag == "services"
    assert {each.text for each in root.findall("service/service_code")} == codes
    assert {each.text for each in root.findall("service/metadata")} == {"false"}


def test_a_service_asks_for_nothing_further(client: TestClient) -> None:
    answer = client.get(f"{V2}/services/facility.lamp.json")
    assert answer.json() == {"service_code": "facility.lamp", "attributes": []}
    root = ElementTree.fromstring(client.get(f"{V2}/services/facility.lamp.xml").content)
    assert (root.tag, root.findtext("service_code")) == ("service_definition", "facility.lamp")
    status, words = error(client.get(f"{V2}/services/safety.help.json"))
    assert (status, "service_code" in words) == (404, True)


def test_the_attributes_of_a_service_are_the_fields_of_its_category(
    client: TestClient, key: str, sign_in: SignIn
) -> None:
    admin = sign_in("admin")
    fields = [
        {"code": "pole", "title_zh": "灯杆编号", "required": True},
        {"code": "side", "title_zh": "哪侧", "kind": "choice", "choices": ["东", "西"]},
    ]
    body = {"parent": "facility", "title_zh": "路灯损坏", "term": "3d", "fields": fields}
    client.put("/api/v1/cases/categories/facility.lamp", json=body, headers=admin)
    pole, side = client.get(f"{V2}/services/facility.lamp.json").json()["attributes"]
    assert (pole["code"], pole["datatype"], pole["required"], pole["order"]) == (
        *("pole", "string", True, 1),
    )
    assert (side["datatype"], side["values"][1]) == ("singlevaluelist", {"key": "西", "name": "西"})
    root = ElementTree.fromstring(client.get(f"{V2}/services/facility.lamp.xml").content)
    keys = root.findall("attributes/attribute/values/value/key")
    assert [each.text for each in keys] == ["东", "西"]
    number = report(client, key)
    case = client.get("/api/v1/cases", headers=admin).json()["items"][0]
    assert (case["number"], case["fields"]) == (number, {"pole": "12"})
    assert "pole" not in case["description"]
    without = {name: value for name, value in REQUEST.items() if name != "attribute[pole]"}
    refused = client.post(f"{V2}/requests.json", data={**without, "api_key": key})
    assert error(refused)[0] == 400
    assert "灯杆编号" in error(refused)[1]


def test_a_request_is_a_case_that_somebody_looks_at_first(
    client: TestClient, key: str, sign_in: SignIn
) -> None:
    number = report(client, key)
    [case] = client.get("/api/v1/cases", headers=sign_in("admin")).json()["items"]
    assert (case["number"], case["state"], case["source"]) == (number, "reported", "citizen")
    assert (case["lon"], case["lat"], case["category"]) == (118.605, 34.505, "facility.lamp")
    assert case["description"] == (
        "路灯不亮，电话13812345678\npole: 12\naddress_string: 人民路 1 号\n"
        "media_url: http://example.org/1.jpg"
    )
    file = client.get(f"/api/v1/cases/{case['id']}", headers=sign_in("admin")).json()
    assert file["reporter"].startswith("张")


def test_what_is_published_names_nobody(client: TestClient, key: str) -> None:
    number = report(client, key)
    [entry] = client.get(f"{V2}/requests/{number}.json").json()
    assert entry == {
        "service_request_id": number,
        "status": "open",
        "status_notes": None,
        "service_name": "路灯损坏",
        "service_code": "facility.lamp",
        "description": None,
        "agency_responsible": None,
        "service_notice": None,
        "requested_datetime": entry["requested_datetime"],
        "updated_datetime": entry["updated_datetime"],
        "expected_datetime": None,
        "address": None,
        "address_id": None,
        "zipcode": None,
        "lat": 34.505,
        "long": 118.605,
        "media_url": None,
    }
    assert entry["requested_datetime"].endswith("Z")
    root = ElementTree.fromstring(client.get(f"{V2}/requests/{number}.xml").content)
    assert root.tag == "service_requests"
    assert [each.tag for each in root[0]] == [*entry]
    assert (root[0].findtext("service_request_id"), root[0].findtext("long")) == (number, "118.605")


@pytest.mark.parametrize("open311", [Open311Settings(publish="descriptions", language="en")])
def test_descriptions_are_published_where_the_town_says_so_with_numbers_masked(
    client: TestClient, key: str
) -> None:
    number = report(client, key)
    [entry] = client.get(f"{V2}/requests/{number}.json").json()
    assert entry["service_name"] == "Broken street lamp"
    assert entry["description"].startswith("路灯不亮")
    assert "13812345678" not in entry["description"]


FIELDS = [
    {"code": "pole", "title_zh": "灯杆编号"},
    {"code": "side", "title_zh": "哪侧", "kind": "choice", "choices": ["东", "西"]},
    {"code": "lamps", "title_zh": "几盏", "kind": "number"},
]
CHOSEN = [
    {"code": "side", "description": "哪侧", "value": "东"},
    {"code": "lamps", "description": "几盏", "value": 2},
]


@pytest.mark.parametrize(
    ("open311", "told"),
    [
        (Open311Settings(publish="descriptions"), CHOSEN),
        (Open311Settings(publish="facts"), []),
    ],
)
def test_what_was_chosen_or_counted_is_published_with_descriptions_and_what_was_written_never(
    client: TestClient, key: str, sign_in: SignIn, told: list[dict[str, object]]
) -> None:
    body = {"parent": "facility", "title_zh": "路灯损坏", "term": "3d", "fields": FIELDS}
    client.put("/api/v1/cases/categories/facility.lamp", json=body, headers=sign_in("admin"))
    number = report(client, key, **{"attribute[side]": "东", "attribute[lamps]": "2"})
    [plain] = client.get(f"{V2}/requests/{number}.json").json()
    assert "attributes" not in plain
    for path in (f"requests/{number}.json", "requests.json"):
        [entry] = client.get(f"{V2}/{path}", params={"extensions": "true"}).json()
        assert entry == {**plain, "attributes": told}


@pytest.mark.parametrize("open311", [Open311Settings(publish="nothing")])
def test_a_town_may_publish_nothing(client: TestClient, key: str) -> None:
    number = report(client, key)
    for path in ("requests", f"requests/{number}", f"tokens/{number}"):
        assert client.get(f"{V2}/{path}.json").status_code == 404
    assert client.get(f"{V2}/services.json").status_code == 200


def test_what_is_about_people_or_made_by_machines_is_not_published(
    client: TestClient, key: str, sign_in: SignIn
) -> None:
    admin = sign_in("admin")
    for extra in ({"category": "safety.help"}, {"source": "alert"}, {"source": "sensor"}):
        body = {"lon": 118.605, "lat": 34.505, "description": "x", **extra}
        case = client.post("/api/v1/cases", json=body, headers=admin).json()
        assert client.get(f"{V2}/requests/{case['number']}.json").status_code == 404
    assert ids(client.get(f"{V2}/requests.json")) == set()


def test_a_token_is_the_id(client: TestClient, key: str) -> None:
    number = report(client, key)
    answer = client.get(f"{V2}/tokens/{number}.json")
    assert answer.json() == [{"service_request_id": number, "token": number}]
    root = ElementTree.fromstring(client.get(f"{V2}/tokens/{number}.xml").content)
    assert root.findtext("request/token") == number
    assert error(client.get(f"{V2}/tokens/nothing.json"))[0] == 404


@pytest.fixture
def three(client: TestClient, key: str, database: Database) -> dict[str, str]:
    """A new request, one of 80 days ago that is closed, and one of 200 days ago."""
    numbers = {
        "new": report(client, key),
        "closed": report(client, key, service_code="facility.road"),
        "old": report(client, key),
    }
    now = datetime.now(UTC)
    with database.begin() as conn:
        for name, days, state in (("closed", 80, "closed"), ("old", 200, "reported")):
            conn.execute(
                text("UPDATE cases SET reported_at = :at, state = :state WHERE number = :number"),
                {"at": now - timedelta(days=days), "state": state, "number": numbers[name]},
            )
    return numbers


def test_requests_are_those_of_the_last_90_days(client: TestClient, three: dict[str, str]) -> None:
    answer = client.get(f"{V2}/requests.json")
    assert [each["service_request_id"] for each in answer.json()] == [
        *(three["new"], three["closed"])
    ]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"status": "open"}, {"new"}),
        ({"status": "closed"}, {"closed"}),
        ({"status": "open,closed"}, {"new", "closed"}),
        ({"service_code": "facility.road"}, {"closed"}),
        ({"service_code": "facility.road,facility.lamp"}, {"new", "closed"}),
        ({"service_code": "safety.help"}, set()),
    ],
)
def test_requests_are_chosen(
    client: TestClient, three: dict[str, str], asked: dict[str, str], names: set[str]
) -> None:
    found = ids(client.get(f"{V2}/requests.json", params=asked))
    assert found == {three[name] for name in names}


def test_requests_are_chosen_by_time_and_ids_win_over_everything(
    client: TestClient, three: dict[str, str]
) -> None:
    now = datetime.now(UTC)

    def days_ago(days: int) -> str:
        return (now - timedelta(days=days)).isoformat()

    for asked, names in (
        ({"start_date": days_ago(210)}, {"old"}),
        ({"end_date": days_ago(79)}, {"closed"}),
        ({"start_date": days_ago(85), "end_date": days_ago(1)}, {"closed"}),
    ):
        assert ids(client.get(f"{V2}/requests.json", params=asked)) == {three[n] for n in names}
    wanted = {"service_request_id": f"{three['old']},{three['new']},none", "status": "closed"}
    assert ids(client.get(f"{V2}/requests.json", params=wanted)) == {three["old"], three["new"]}


def test_a_time_without_a_zone_is_the_towns(
    client: TestClient, three: dict[str, str], database: Database
) -> None:
    at = datetime(2026, 1, 1, 16, 0, tzinfo=UTC)  # midnight in the town
    with database.begin() as conn:
        conn.execute(
            text("UPDATE cases SET reported_at = :at WHERE number = :number"),
            {"at": at, "number": three["old"]},
        )
    for since, found in (
        ("2026-01-02", {three["old"]}),
        ("2026-01-02T00:00:00", {three["old"]}),
        ("2026-01-02T00:00:01", set()),
        ("2026-01-01T16:00:01Z", set()),
    ):
        params = {"start_date": since, "end_date": "2026-01-03T00:00:00"}
        assert ids(client.get(f"{V2}/requests.json", params=params)) == found


@pytest.mark.parametrize(
    "asked",
    [
        {"status": "new"},
        {"start_date": "yesterday"},
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-05-01T00:00:00Z"},
        {"start_date": "2026-01-02T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"},
    ],
)
def test_what_cannot_be_asked_for_is_a_400(client: TestClient, asked: dict[str, str]) -> None:
    assert error(client.get(f"{V2}/requests.json", params=asked))[0] == 400
    answer = client.get(f"{V2}/requests.xml", params=asked)
    root = ElementTree.fromstring(answer.content)
    assert (answer.status_code, root.tag, root.findtext("error/code")) == (400, "errors", "400")
    assert root.findtext("error/description")


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"service_code": ""}, 400, "service_code was not provided"),
        ({"service_code": "nothing"}, 404, "service_code 'nothing' was not found"),
        ({"service_code": "safety.help"}, 404, "was not found"),
        ({"description": " "}, 400, "description was not provided"),
        ({"lat": ""}, 400, "no directory of addresses"),
        ({"lat": "north"}, 400, "finite number"),
        ({"lat": "118.6", "long": "34.5"}, 400, "swapped"),
        ({"description": "x" * 2001}, 400, "2,000 are allowed"),
    ],
)
def test_what_cannot_be_a_request_is_refused_in_words(
    client: TestClient, key: str, fields: dict[str, str], status: int, words: str
) -> None:
    answer = client.post(f"{V2}/requests.json", data={**REQUEST, **fields, "api_key": key})
    assert error(answer)[0] == status
    assert words in error(answer)[1]


def test_only_who_may_report_has_a_key(client: TestClient, key: str, sign_in: SignIn) -> None:
    post = f"{V2}/requests.json"
    assert error(client.post(post, data=REQUEST))[0] == 403
    assert error(client.post(post, data={**REQUEST, "api_key": "nonsense"}))[0] == 403
    analyst = sign_in("analyst")
    assert error(client.post(post, data=REQUEST, headers=analyst))[0] == 403
    bearer = {"Authorization": f"Bearer {key}"}
    assert client.post(post, data=REQUEST, headers=bearer).status_code == 201
    cookie = {"Cookie": f"wangge_session={key}"}
    assert error(client.post(post, data=REQUEST, headers=cookie))[0] == 403


def test_who_tries_many_keys_waits(client: TestClient) -> None:
    answers = (
        client.post(f"{V2}/requests.json", data={**REQUEST, "api_key": str(n)}) for n in range(200)
    )
    refused = next(each for each in answers if each.status_code != 403)
    assert error(refused)[0] == 429
    assert "retry-after" in refused.headers


def test_a_body_of_another_kind_is_refused(client: TestClient, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    assert error(client.post(f"{V2}/requests.json", json=REQUEST, headers=headers))[0] == 400


def test_the_same_request_again_under_one_key_is_one_case(client: TestClient, key: str) -> None:
    headers = {"Idempotency-Key": "1"}
    numbers = {
        client.post(
            f"{V2}/requests.json", data={**REQUEST, "api_key": key}, headers=headers
        ).json()[0]["service_request_id"]
        for _ in range(2)
    }
    assert len(numbers) == 1


@pytest.mark.parametrize("open311", [Open311Settings(jurisdiction="county.gov.cn")])
def test_another_jurisdiction_is_not_found(client: TestClient, key: str) -> None:
    for said, status in (("county.gov.cn", 200), (None, 200), ("sfgov.org", 404)):
        params = {} if said is None else {"jurisdiction_id": said}
        for path in ("services", "services/other", "requests"):
            assert client.get(f"{V2}/{path}.json", params=params).status_code == status
    answer = client.post(
        f"{V2}/requests.json", data={**REQUEST, "api_key": key, "jurisdiction_id": "sfgov.org"}
    )
    assert error(answer) == (404, "jurisdiction_id provided was not found.")


def test_what_is_not_there_is_said_in_the_form_that_was_asked_for(client: TestClient) -> None:
    assert error(client.get(f"{V2}/nothing.json"))[0] == 404
    root = ElementTree.fromstring(client.get(f"{V2}/nothing.xml").content)
    assert root.findtext("error/code") == "404"
    assert client.get(f"{V2}/services.csv").status_code in (400, 404)
    assert error(client.delete(f"{V2}/requests.json"))[0] == 405


@given(words=st.text())
def test_whatever_is_said_is_well_formed_xml(words: str) -> None:
    words = words.encode(errors="replace").decode()
    for answer in (
        listed(Format.XML, "errors", "error", [{"code": 1, "description": words}]),
        single(Format.XML, "error", {"description": words, "texts": [words]}),
    ):
        root = ElementTree.fromstring(bytes(answer.body))
        assert root.find(".//description") is not None
