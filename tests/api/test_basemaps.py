"""Basemaps of others over HTTP: who may have them, what is told of them, and what is not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.settings import ServerSettings
from layers.basemaps import BasemapSettings
from tests.api.conftest import SignIn
from tests.map_server import MapServer, map_server

FILE = """
[[basemap]]
id = "aerial"
kind = "xyz"
title = {{ zh = "影像", en = "Aerial" }}
attribution = "© 测绘院"
url = "{url}/{{z}}/{{x}}/{{y}}.png?tk={{key}}"
labels_url = "{url}/names/{{z}}/{{x}}/{{y}}.png?tk={{key}}"
key = "s3cret"
maxzoom = 17
"""
TILE = "/api/v1/basemaps/aerial/14/13589/6517"


@pytest.fixture(scope="module")
def maps() -> Iterator[MapServer]:
    with map_server() as server:
        yield server


@pytest.fixture
def settings(tmp_path: Path, maps: MapServer) -> ServerSettings:
    maps.behave("picture")
    file = tmp_path / "basemaps.toml"
    file.write_text(FILE.format(url=maps.url), encoding="utf-8")
    return ServerSettings(
        web_dir=tmp_path / "dist", basemaps=BasemapSettings.read(file, tmp_path / "kept", {})
    )


@pytest.fixture
def viewer(client: TestClient, sign_in: SignIn) -> TestClient:
    client.headers.update(sign_in("dispatcher"))
    return client


def test_the_list_says_what_a_page_needs_and_neither_address_nor_key(
    viewer: TestClient, maps: MapServer
) -> None:
    answer = viewer.get("/api/v1/basemaps")
    assert answer.json()["items"] == [
        {
            "id": "aerial",
            "title": {"zh": "影像", "en": "Aerial"},
            "attribution": "© 测绘院",
            "crs": "3857",
            "minzoom": 0,
            "maxzoom": 17,
            "tile_size": 256,
            "tiles": "/api/v1/basemaps/aerial/{z}/{x}/{y}",
            "labels": "/api/v1/basemaps/aerial.labels/{z}/{x}/{y}",
        }
    ]
    assert "s3cret" not in answer.text
    assert maps.url not in answer.text


def test_the_list_leads_to_the_tiles(viewer: TestClient) -> None:
    [aerial] = viewer.get("/api/v1/basemaps").json()["items"]
    for tiles in (aerial["tiles"], aerial["labels"]):
        answer = viewer.get(tiles.format(z=14, x=13_589, y=6_517))
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_browser_keeps_a_tile_for_a_day_and_then_asks_about_it(viewer: TestClient) -> None:
    answer = viewer.get(TILE)
    assert answer.headers["cache-control"] == "private, max-age=86400"
    unchanged = viewer.get(TILE, headers={"If-None-Match": answer.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")


@pytest.mark.parametrize(
    ("how", "status", "code", "kept"),
    [
        ("html", 502, "upstream_failed", "no-store"),
        ("refuse", 502, "upstream_failed", "no-store"),
        ("reset", 504, "upstream_away", "no-store"),
        ("missing", 404, "no_such_tile", "private, max-age=3600"),
    ],
)
def test_a_tile_that_cannot_be_had_is_a_problem_that_says_why(
    viewer: TestClient, maps: MapServer, how: str, status: int, code: str, kept: str
) -> None:
    maps.behave(how)
    answer = viewer.get(TILE)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["cache-control"] == kept
    assert "s3cret" not in answer.text
    assert maps.url not in answer.text


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("aerial/18/0/0", 422, "z"),
        ("aerial/3/8/0", 422, "x"),
        ("aerial/3/0/8", 422, "y"),
        ("aerial/3/0/1.5", 422, "y"),
        ("aerial/3/0/..%2F..%2Fadmin", 404, None),
        ("relief/3/0/0", 404, "id"),
    ],
)
def test_what_is_no_tile_is_asked_of_nobody(
    viewer: TestClient, maps: MapServer, path: str, status: int, field: str | None
) -> None:
    before = len(maps.requests)
    answer = viewer.get(f"/api/v1/basemaps/{path}")
    assert (answer.status_code, answer.json().get("field")) == (status, field)
    assert len(maps.requests) == before


def test_whoever_is_not_signed_in_gets_no_tile(client: TestClient, maps: MapServer) -> None:
    before = len(maps.requests)
    assert client.get(TILE).status_code == 401
    assert client.get("/api/v1/basemaps").status_code == 401
    assert len(maps.requests) == before
