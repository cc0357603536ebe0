"""OGC API - Features, as a client of the standard sees it. GDAL reads it in tests/e2e."""

from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from data.database import Database

ITEMS = "/ogc/collections/facilities/items"


@pytest.fixture
def viewer(client: TestClient, sign_in: Any, database: Database) -> TestClient:
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO facilities (code, kind, name, geom) "
                "SELECT 'F' || n, CASE n % 2 WHEN 0 THEN 'lamp' ELSE 'manhole' END, 'O''Neil 100%', "
                "ST_SetSRID(ST_MakePoint(118.6 + n * 0.001, 34.5), 4326) "
                "FROM generate_series(1, 25) AS n"
            )
        )
    client.headers.update(sign_in("dispatcher"))
    return client


def codes(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [feature["properties"]["code"] for feature in answer.json()["features"]]


def test_the_landing_page_leads_to_everything_else(viewer: TestClient) -> None:
    assert viewer.get("/ogc").url.path == "/ogc/"
    links = {link["rel"]: link["href"] for link in viewer.get("/ogc/").json()["links"]}
    assert viewer.get(links["conformance"]).json()["conformsTo"]
    assert viewer.get(links["service-desc"]).json()["openapi"]
    assert {
        link["href"] for link in viewer.get("/ogc/").json()["links"] if link["rel"] == "data"
    } >= {"http://testserver/ogc/collections"}


def test_the_layers_are_collections(viewer: TestClient) -> None:
    listed = viewer.get("/ogc/collections").json()["collections"]
    assert {each["id"] for each in listed} >= {"grids", "cameras", "facilities", "cases", "staff"}
    one = viewer.get("/ogc/collections/facilities").json()
    assert one["extent"]["spatial"]["bbox"][0] == pytest.approx([118.601, 34.5, 118.625, 34.5])
    queryables = viewer.get("/ogc/collections/facilities/queryables").json()["properties"]
    assert set(queryables) == {"code", "name", "kind", "geom"}


def test_items_are_paged_and_never_counted(viewer: TestClient) -> None:
    seen: list[str] = []
    url = f"{ITEMS}?limit=10"
    while url:
        page = viewer.get(url)
        seen += codes(page)
        assert page.json()["numberMatched"] is None
        url = next((link["href"] for link in page.json()["links"] if link["rel"] == "next"), "")
    assert seen == [f"F{n}" for n in range(1, 26)]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"bbox": "118.6005,34.4,118.6025,34.6"}, ["F1", "F2"]),
        ({"bbox": "118.6005,34.4,0,118.6025,34.6,9"}, ["F1", "F2"]),
        ({"code": "F7"}, ["F7"]),
        ({"filter": "kind = 'lamp' AND code IN ('F1', 'F2')"}, ["F2"]),
        ({"filter": "name LIKE '%''Neil 100%' AND code = 'F3'"}, ["F3"]),
        ({"filter": "S_INTERSECTS(geom, BBOX(118.6005, 34.4, 118.6025, 34.6))"}, ["F1", "F2"]),
        (
            {
                "filter": "S_INTERSECTS(geom, POLYGON((118.6 34, 118.6015 34, 118.6015 35, 118.6 34)))"
            },
            ["F1"],
        ),
        (
            {
                "filter": '{"op": "=", "args": [{"property": "code"}, "F9"]}',
                "filter-lang": "cql2-json",
            },
            ["F9"],
        ),
    ],
)
def test_items_are_chosen(viewer: TestClient, params: dict[str, str], expected: list[str]) -> None:
    assert codes(viewer.get(ITEMS, params=params)) == expected


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"filter": "pg_sleep(10) = 1"}, "may not call 'pg_sleep'"),
        ({"filter": "set_config('wangge.viewer', '{}', true) = '1'"}, "may not call 'set_config'"),
        ({"filter": "colour = 'red'"}, "no field 'colour'"),
        ({"filter": "kind = "}, "not CQL2"),
        ({"filter": "kind = 1"}, "cannot be asked that"),
        (
            {"filter": "kind = 'x'", "filter-crs": "http://www.opengis.net/def/crs/EPSG/0/3857"},
            "CRS84",
        ),
        ({"bbox": "1,2,x,4"}, "west,south,east,north"),
        ({"datetime": "2026-01-01T00:00:00Z"}, "knows no time"),
        ({"sortby": "code"}, "sortby is not offered"),
        ({"colour": "red"}, "no parameter 'colour'"),
        ({"f": "html"}, "geojson"),
    ],
)
def test_what_cannot_be_asked_is_a_problem_document(
    viewer: TestClient, params: dict[str, str], says: str
) -> None:
    answer = viewer.get(ITEMS, params=params)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.text


@pytest.mark.parametrize(
    "path",
    ["", "conformance", "collections", "collections/facilities", "collections/facilities/items/1"],
)
def test_a_parameter_that_nobody_reads_is_refused(viewer: TestClient, path: str) -> None:
    answer = viewer.get(f"/ogc/{path}", params={"code": "F7"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "unknown_parameter"
    assert viewer.get(f"/ogc/{path}", params={"f": "json"}).status_code in (200, 404)


def test_one_item_by_its_id(viewer: TestClient) -> None:
    first = viewer.get(ITEMS, params={"limit": 1}).json()["features"][0]
    assert viewer.get(f"{ITEMS}/{first['id']}").json()["properties"] == first["properties"]
    assert viewer.get(f"{ITEMS}/999999999").status_code == 404
    assert viewer.get(f"{ITEMS}/x").status_code == 404
    assert viewer.get("/ogc/collections/trees/items").status_code == 404


def test_other_formats_have_well_known_text(viewer: TestClient) -> None:
    lines = viewer.get(ITEMS, params={"f": "csv", "limit": 1}).text.splitlines()
    assert lines[1].endswith("POINT (118.601 34.5)")


def test_who_is_not_signed_in_or_may_not_look_is_told_so(client: TestClient, sign_in: Any) -> None:
    for path in (
        "",
        "conformance",
        "collections",
        "collections/facilities",
        "collections/cases/items",
    ):
        assert client.get(f"/ogc/{path}").status_code == 401, path
    gateway = sign_in("gateway")
    assert client.get("/ogc/collections", headers=gateway).status_code == 403


def test_a_chief_is_shown_their_own_cases_only(
    client: TestClient, sign_in: Any, database: Database
) -> None:
    with database.begin() as conn:
        edition = conn.scalar(
            text(
                "INSERT INTO grid_editions (name, state, content_hash, valid_from) "
                "VALUES ('x', 'active', 'x', now()) RETURNING id"
            )
        )
        for code in ("A", "B"):
            conn.execute(
                text(
                    "INSERT INTO grids (edition_id, code, name, level, area_m2, geom) VALUES (:edition, "
                    ":code, 'x', 1, 1, ST_Multi(ST_MakeEnvelope(118, 34, 119, 35, 4326)))"
                ),
                {"edition": edition, "code": code},
            )
            conn.execute(
                text(
                    "INSERT INTO cases (number, state, source, category, description, geom, grid_code, "
                    "reported_at) VALUES (:code, 'filed', 'patrol', 'other', 'secret', "
                    "ST_SetSRID(ST_MakePoint(118.6, 34.5), 4326), :code, now())"
                ),
                {"code": code},
            )
    client.headers.update(sign_in("grid_chief", grid_code="A"))
    answer = client.get("/ogc/collections/cases/items")
    assert [each["properties"]["number"] for each in answer.json()["features"]] == ["A"]
    grids = client.get(
        "/ogc/collections/grids/items", params={"datetime": "../2020-01-01T00:00:00Z"}
    )
    assert grids.json()["features"] == []
