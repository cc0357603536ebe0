"""What a stranger may try over HTTP: forged sessions, other sites, floods, and oversized input."""

import time

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.access import PUBLIC, Requirement
from api.app import create_app
from api.rates import RateSettings
from api.routes.citizen_map import open_map
from api.routes.citizens import open_to_citizens
from api.settings import ServerSettings
from data.database import Database
from data.installation import Databases
from tests.api.test_openapi import OPERATIONS
from tests.api.test_openapi import PUBLIC as PUBLIC_OPERATIONS

SESSIONS = "/api/v1/sessions"
FORGED = [
    "x",
    "a" * 43,
    "..",
    "' OR 1=1 --",
    "\x00",
    "%00",
    "a" * 8000,
    "null",
    "eyJhbGciOiJub25lIn0.e30.",
]


@pytest.mark.parametrize("cookie", FORGED, ids=range(len(FORGED)))
def test_a_forged_cookie_signs_nobody_in(client, cookie):
    header = f"wangge_session={cookie}".encode("latin-1")
    answer = client.get(SESSIONS, headers={"Cookie": header})
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_signed_in"


def test_one_changed_character_makes_a_token_worthless(client, sign_in):
    token = sign_in("admin")["Authorization"].removeprefix("Bearer ")
    other = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert client.get(SESSIONS, headers={"Authorization": f"Bearer {other}"}).status_code == 401


def test_a_hash_from_the_database_is_no_token(client, sign_in, database):
    sign_in("admin")
    with database.begin() as conn:
        stored = conn.exec_driver_sql("SELECT encode(token_hash, 'hex') FROM sessions").scalar_one()
    assert client.get(SESSIONS, headers={"Authorization": f"Bearer {stored}"}).status_code == 401


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1@evil.example", ""])
def test_another_host_name_changes_nothing(client, sign_in, host):
    """No answer is built from it: there is no link or redirect to poison."""
    answer = client.get(SESSIONS, headers={**sign_in("analyst"), "Host": host})
    assert answer.status_code == 200
    assert "evil.example" not in answer.text
    assert "evil.example" not in str(answer.headers)


@pytest.mark.parametrize(
    "header", ["X-Forwarded-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL"]
)
def test_headers_of_proxies_change_nothing(client, header):
    answer = client.get("/healthz", headers={header: "/api/v1/accounts"})
    assert answer.json() == {"status": "alive"}


def test_a_method_cannot_be_changed_by_a_header(client, sign_in):
    headers = {**sign_in("admin"), "X-HTTP-Method-Override": "DELETE"}
    assert client.get(SESSIONS, headers=headers).status_code == 200
    assert client.get(SESSIONS, headers=headers).status_code == 200


FORGERIES = {
    "a form": {"headers": {"Content-Type": "application/x-www-form-urlencoded"}, "content": "a=b"},
    "text": {"headers": {"Content-Type": "text/plain"}, "content": "{}"},
    "json": {"json": {}},
}


@pytest.mark.parametrize(
    "evidence",
    [{}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=["none", "origin", "fetch"],
)
@pytest.mark.parametrize("body", FORGERIES)
def test_no_other_site_changes_anything_with_a_browsers_cookie(client, sign_in, evidence, body):
    token = sign_in("admin")["Authorization"].removeprefix("Bearer ")
    client.cookies.set("wangge_session", token)
    forged = FORGERIES[body]
    headers = {**forged.get("headers", {}), **evidence}
    kept = {key: value for key, value in forged.items() if key != "headers"}
    changing = [
        operation
        for operation in OPERATIONS
        if operation.method != "GET" and operation.key not in PUBLIC_OPERATIONS
    ]
    assert changing
    for operation in changing:
        answer = client.request(operation.method, operation.url, headers=headers, **kept)
        # A device's door looks at no cookie. What FastAPI cannot even parse is refused before anybody
        # asks who sent it.
        refusals = (401,) if operation.path.startswith("/ingest/") else (403, 422)
        assert answer.status_code in refusals, f"{operation}: {answer.text}"
        if answer.status_code == 403:
            assert answer.json()["code"] == "cross_site", f"{operation}: {answer.text}"
    assert client.get(SESSIONS).status_code == 200, "signed out by another site"


def test_no_other_site_may_read_an_answer(client):
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    for answer in (
        client.get("/healthz", headers=headers),
        client.options(SESSIONS, headers=headers),
    ):
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_every_answer_tells_browsers_to_trust_nothing_else(client):
    for path in ("/", "/healthz", SESSIONS, "/api/v1/nothing"):
        headers = client.get(path).headers
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert not [value for value in policy.values() if "unsafe" in value or "*" in value]
        permissions = headers["permissions-policy"].split(", ")
        assert {"camera=(self)", "geolocation=(self)", "microphone=()"} <= set(permissions)
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
        assert "server" not in headers


@pytest.mark.parametrize("https_only", [False, True])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_only_a_certificate_from_elsewhere_and_https_promise_https(database, scheme, https_only):
    app = create_app(database, ServerSettings(https_only=https_only))
    with TestClient(app, base_url=f"{scheme}://wangge.example") as client:
        promised = "strict-transport-security" in client.get("/healthz").headers
    assert promised is (https_only and scheme == "https")


@pytest.fixture
def strict(database: Database) -> FastAPI:
    """An application that is soon tired of anybody."""
    rates = RateSettings(public_requests_per_minute=3, requests_per_minute=5)
    with Databases.beside(database) as databases:
        yield create_app(
            databases.application, ServerSettings(rates=rates), tracking=databases.tracking
        )


def test_an_address_may_try_to_sign_in_only_so_often(strict):
    with TestClient(strict) as client:
        answers = [
            client.post(SESSIONS, json={"username": f"user-{n}", "password": "x" * 8})
            for n in range(4)
        ]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
        assert answers[3].headers["content-type"] == "application/problem+json"
        assert 1 <= int(answers[3].headers["retry-after"]) <= 60
        with TestClient(strict, client=("10.0.0.7", 1)) as other:
            wrong = {"username": "user-1", "password": "x" * 8}
            assert other.post(SESSIONS, json=wrong).status_code == 401


def test_an_account_may_ask_only_so_often_whatever_its_session(strict, sign_in):
    with TestClient(strict) as client:
        headers, others = sign_in("dispatcher"), sign_in("dispatcher")
        statuses = [client.get("/api/v1/positions", headers=headers).status_code for _ in range(6)]
        assert statuses == [200] * 5 + [429]
        assert client.get(SESSIONS, headers=headers).status_code == 429
        assert client.get(SESSIONS, headers=others).status_code == 200


def test_tiles_and_gateways_are_not_counted(strict, sign_in):
    with TestClient(strict) as client:
        headers = sign_in("dispatcher")
        for _ in range(10):
            tile = client.get("/api/v1/tiles/grids/11/1672/891.mvt", headers=headers)
            assert tile.status_code in (200, 204)
        gateway = sign_in("gateway")
        for _ in range(10):
            assert client.post("/api/v1/fixes", json=[], headers=gateway).status_code == 200


def test_health_is_for_everybody_at_any_time(strict):
    with TestClient(strict) as client:
        assert {client.get("/healthz").status_code for _ in range(10)} == {200}
        assert {client.get("/readyz").status_code for _ in range(10)} == {200}


def test_every_public_route_of_the_api_is_limited():
    public = [each for each in OPERATIONS if each.key in PUBLIC_OPERATIONS]
    api = [each for each in public if each.path.startswith("/api/")]
    assert api
    for operation in api:
        calls = [dependant.call for dependant in operation.route.dependant.dependencies]
        assert {PUBLIC.dependency, open_to_citizens, open_map} & set(calls), operation


def test_only_what_is_called_all_the_time_is_not_limited():
    unlimited = {
        operation.path
        for operation in OPERATIONS
        if isinstance(operation.requirement, Requirement) and not operation.requirement.limited
    }
    assert unlimited == {
        "/api/v1/basemaps",
        "/api/v1/basemaps/{id}/{z}/{x}/{y}",
        "/api/v1/fixes",
        "/api/v1/layers",
        "/api/v1/layers/{id}",
        "/api/v1/sensors/readings",
        "/api/v1/tiles/{id}.pmtiles",
        "/api/v1/tiles/{id}.json",
        "/api/v1/tiles/{id}/{z}/{x}/{y}.mvt",
        "/ingest/osmand",
        "/ingest/owntracks",
        "/ingest/traccar",
    }


JUST_ALLOWED = 1_000_000


@pytest.mark.parametrize(
    ("unit", "frame"),
    [
        (b"{},", b'{"points":[%b{}]}'),
        (b"[],", b'{"points":[%b[]]}'),
        (b"1,", b'{"points":[%b1]}'),
        (b'{"lon":1,"lat":1},', b'{"points":[%b{}]}'),
        (b"[", b"%b"),
        (b'{"a":', b'{"points":%b'),
        (b"x", b'{"a":"%b"}'),
        (b"9", b'{"points":[],"crs":%b}'),
    ],
    ids=["objects", "lists", "numbers", "points", "deep list", "deep object", "text", "digits"],
)
def test_a_monstrous_document_is_refused_in_a_moment_and_in_a_few_words(
    client, sign_in, unit, frame
):
    headers = {**sign_in("dispatcher"), "Content-Type": "application/json"}
    body = frame % (unit * (JUST_ALLOWED // len(unit)))
    began = time.perf_counter()
    answer = client.post("/api/v1/grids/locate", content=body, headers=headers)
    assert time.perf_counter() - began < 5
    assert answer.status_code in (400, 422), answer.text[:300]
    assert len(answer.content) < 2_000
    assert answer.json()["code"]


@pytest.mark.parametrize(
    ("path", "most_mb"),
    [
        (SESSIONS, 1),
        ("/api/v1/public/reports", 1 / 16),
        ("/api/v1/grids/locate", 1),
        ("/api/v1/fixes", 16),
    ],
)
def test_a_body_has_its_limit_and_fixes_a_larger_one(client, sign_in, path, most_mb):
    headers = {**sign_in("admin"), "Content-Type": "application/json"}
    most = int(most_mb * 1024 * 1024)
    for size, refused in ((most, False), (most + 1, True)):
        answer = client.post(path, content=b" " * size, headers=headers)
        assert (answer.status_code == 413) is refused, answer.text


def test_ten_thousand_positions_fit(client, sign_in):
    body = {"points": [{"lon": 118.67212345678, "lat": 34.53021234567}] * 10_000}
    answer = client.post("/api/v1/grids/locate", json=body, headers=sign_in("dispatcher"))
    assert answer.status_code == 200
