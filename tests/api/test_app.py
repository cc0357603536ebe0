"""What surrounds every request: the pages, headers, compression, health."""

from pathlib import Path

import pytest

from api.settings import ServerSettings

SCRIPT = "console.log('wangge');" * 100


@pytest.fixture
def pages(settings: ServerSettings) -> Path:
    dist = settings.web_dir
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("<!doctype html><title>网格</title>")
    (dist / "assets" / "index-4f3a.js").write_text(SCRIPT)
    (dist / "basemap.pmtiles").write_bytes(bytes(range(256)))
    (dist.parent / "secret.txt").write_text("secret")
    return dist


@pytest.mark.parametrize("path", ["/", "/index.html", "/cases/17", "/replay", "/apiary", "/%00"])
def test_every_view_is_the_one_page(client, pages, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert "网格" in answer.text


def test_hashed_assets_are_kept_for_ever(client, pages):
    answer = client.get("/assets/index-4f3a.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text == SCRIPT


def test_an_unchanged_page_is_not_sent_again(client, pages):
    etag = client.get("/").headers["etag"]
    assert client.get("/", headers={"If-None-Match": etag}).status_code == 304


def test_a_part_of_a_file_can_be_asked_for(client, pages):
    answer = client.get("/basemap.pmtiles", headers={"Range": "bytes=16-31"})
    assert answer.status_code == 206
    assert answer.content == bytes(range(16, 32))
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/assets/gone-1234.js",
        "/favicon.ico",
        "/api/v1/nothing",
        "/api",
        "/ogc/nothing",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/assets/..%2f..%2fsecret.txt",
    ],
)
def test_what_is_not_there_is_a_problem_and_not_the_page(client, pages, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "secret" not in answer.text.replace("secret.txt", "")


def test_the_pages_are_only_read(client, pages):
    answer = client.post("/cases/17")
    assert answer.status_code == 405
    assert answer.json()["code"] == "method_not_allowed"


def test_before_the_pages_are_built_the_page_says_how(client):
    answer = client.get("/")
    assert answer.status_code == 503
    assert "make setup" in answer.text


@pytest.mark.parametrize("path", ["/", "/api/v1/sessions", "/nowhere.txt", "/healthz"])
def test_browsers_are_told_to_trust_nothing_else(client, pages, path):
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"


def test_answers_of_the_api_are_not_stored(client):
    assert client.get("/api/v1/sessions").headers["cache-control"] == "no-store"


def test_long_json_is_compressed(client):
    answer = client.get("/api/v1/openapi.json")
    assert answer.headers["content-encoding"] == "gzip"


def test_a_migrated_database_is_ready(client):
    assert client.get("/healthz").json() == {"status": "alive"}
    assert client.get("/readyz").json() == {"status": "ready"}


def test_a_database_of_another_version_is_not_ready(client, database):
    with database.begin() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = 'other'")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "migrate" in answer.json()["detail"]


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused(client, chunked):
    part = b" " * (1024 * 1024)
    content = (part for _ in range(17)) if chunked else part * 17
    answer = client.post(
        "/api/v1/sessions", content=content, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert "in parts" in answer.json()["detail"]
