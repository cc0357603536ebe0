"""Every error is a problem document that says what is wrong and what to do."""

import logging
from collections.abc import Iterator
from typing import Annotated, ClassVar

import psycopg
import pytest
from fastapi import FastAPI, Query
from pydantic import BaseModel, Field

from api.app import create_app
from api.instants import Instant
from api.problems import UnexpectedErrors, add_problem_handlers
from api.settings import ServerSettings
from gis.errors import (
    Conflict,
    InstallationError,
    InvalidInput,
    NotFound,
    NotPermitted,
    NotSignedIn,
    Overloaded,
    UnreadableFile,
    WanggeError,
)
from tests.api.conftest import TestClient


class Point(BaseModel):
    lat: Annotated[float, Field(ge=-90, le=90)]


class Points(BaseModel):
    points: list[Point]


class CaseClosed(Conflict):
    members: ClassVar = {"state": "closed"}


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    add_problem_handlers(app)
    app.add_middleware(UnexpectedErrors)

    @app.post("/points")
    def read_points(body: Points) -> None: ...

    @app.get("/since")
    def read_since(since: Annotated[Instant, Query(alias="from")]) -> str:
        return since.isoformat()

    return app


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidInput("m"), 422),
        (UnreadableFile("m"), 422),
        (NotFound("m"), 404),
        (Conflict("m"), 409),
        (NotSignedIn("m"), 401),
        (NotPermitted("m"), 403),
        (Overloaded("m"), 429),
        (InstallationError("m"), 503),
        (WanggeError("m"), 500),
    ],
)
def test_each_error_has_its_status(app, client, error, status):
    @app.get("/")
    def fail() -> None:
        raise error

    answer = client.get("/")
    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == error.code
    assert answer.json()["detail"] == "m"


def test_an_overload_says_when_to_come_back(app, client):
    @app.get("/")
    def fail() -> None:
        raise Overloaded("busy", retry_after_s=7)

    assert client.get("/").headers["retry-after"] == "7"


def test_an_error_may_bring_members_of_its_own(app, client):
    @app.get("/")
    def fail() -> None:
        raise CaseClosed("The case is closed.", field="action")

    assert client.get("/").json() == {
        "type": "urn:wangge:problem:conflict",
        "title": "Conflict",
        "status": 409,
        "detail": "The case is closed.",
        "code": "conflict",
        "field": "action",
        "state": "closed",
    }


def test_a_bad_body_names_every_field_by_its_path(client):
    answer = client.post("/points", json={"points": [{"lat": 1}, {"lat": 91}, {}]})
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["field"] == "points.1.lat"
    assert "less than or equal to 90" in problem["detail"]
    assert [error["field"] for error in problem["errors"]] == ["points.1.lat", "points.2.lat"]
    assert problem["errors"][1]["message"] == "this is required and missing"


def test_what_was_sent_is_not_repeated(client):
    assert "secret" not in client.post("/points", json={"points": "secret"}).text


@pytest.mark.parametrize(
    ("body", "says"), [(b'{"points": [', "character 12"), (b"\xff", "body"), (b"", "JSON body")]
)
def test_a_body_that_cannot_be_read_is_a_problem(client, body, says):
    answer = client.post("/points", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert says in answer.json()["detail"]


def test_a_time_without_a_zone_in_a_query_names_the_parameter(client):
    answer = client.get("/since", params={"from": "2026-11-22T08:00:00"})
    assert answer.status_code == 422
    assert answer.json()["field"] == "from"
    assert answer.json()["errors"][0]["code"] == "no_zone"
    assert "2026-11-22T08:00:00+08:00" in answer.json()["detail"]


def test_a_plus_that_was_not_escaped_is_understood(client):
    answer = client.get("/since?from=2026-11-22T08:00:00+08:00")
    assert answer.json() == "2026-11-22T00:00:00+00:00"


def test_the_unforeseen_has_an_id_that_the_log_has_too(app, client, caplog):
    @app.get("/")
    def fail() -> None:
        raise ValueError("SELECT password FROM accounts")

    with caplog.at_level(logging.ERROR):
        answer = client.get("/")
    assert answer.status_code == 500
    assert "SELECT" not in answer.text
    assert answer.json()["incident"] in answer.json()["detail"]


def test_a_wrong_method_says_which_are_right(client):
    answer = client.delete("/points")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert answer.json()["code"] == "method_not_allowed"


def test_while_the_database_is_away_the_answer_is_503(cluster, database, tmp_path):
    app = create_app(database, ServerSettings(web_dir=tmp_path))
    name = database.url.database
    with (
        TestClient(app) as client,
        psycopg.connect(cluster.url("postgres"), autocommit=True) as conn,
    ):
        conn.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        ready = client.get("/readyz")
        alive = client.get("/healthz")
    assert ready.status_code == 503
    assert ready.headers["retry-after"] == "5"
    assert ready.json()["code"] == "database_unavailable"
    assert name not in ready.text
    assert alive.json() == {"status": "alive"}
