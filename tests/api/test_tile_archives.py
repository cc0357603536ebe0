"""A layer as one file over HTTP, whole and in parts."""

from pathlib import Path

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from api.settings import ServerSettings
from data.database import Database
from layers.catalog import BUILT_IN as LAYERS
from layers.tiles.seeding import seed
from tests.api.conftest import SignIn

ARCHIVE = "/api/v1/tiles/basemap.pmtiles"


@pytest.fixture
def settings(tmp_path: Path) -> ServerSettings:
    return ServerSettings(web_dir=tmp_path / "dist", archives_dir=tmp_path / "tiles")


@pytest.fixture
def viewer(client: TestClient, sign_in: SignIn) -> TestClient:
    client.headers.update(sign_in("analyst"))
    return client


@pytest.fixture
def archive(database: Database, tmp_path: Path) -> bytes:
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO basemap_features (kind, class, name, geom) VALUES "
                "('place', 'town', '安和镇', 'SRID=4326;POINT(118.6 34.5)')"
            )
        )
    return seed(
        database, LAYERS["basemap"], tmp_path / "tiles", minzoom=8, maxzoom=9
    ).path.read_bytes()


def test_it_comes_whole_and_is_not_compressed_again(viewer: TestClient, archive: bytes) -> None:
    answer = viewer.get(ARCHIVE)
    assert (answer.status_code, answer.content) == (200, archive)
    assert answer.headers["content-type"] == "application/vnd.pmtiles"
    assert answer.headers["accept-ranges"] == "bytes"
    assert "content-encoding" not in answer.headers
    assert answer.headers["cache-control"] == "private, no-cache"


def test_it_comes_in_parts(viewer: TestClient, archive: bytes) -> None:
    answer = viewer.get(ARCHIVE, headers={"Range": "bytes=0-126"})
    assert (answer.status_code, answer.content) == (206, archive[:127])
    assert answer.headers["content-range"] == f"bytes 0-126/{len(archive)}"


@pytest.mark.usefixtures("archive")
def test_it_is_sent_again_only_after_it_was_written_again(viewer: TestClient) -> None:
    etag = viewer.get(ARCHIVE).headers["etag"]
    answer = viewer.get(ARCHIVE, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_what_was_not_written_is_not_found_and_says_how_to(viewer: TestClient) -> None:
    answer = viewer.get(ARCHIVE)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_archive")
    assert "wangge layers seed basemap" in answer.json()["detail"]
    assert viewer.get("/api/v1/tiles/trees.pmtiles").json()["code"] == "no_such_layer"


@pytest.mark.usefixtures("archive")
def test_whoever_is_not_signed_in_does_not_get_it(client: TestClient) -> None:
    assert client.get(ARCHIVE).status_code == 401
