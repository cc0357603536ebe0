"""The description of the API is complete, and no route is open by accident.

These tests go through every route there is, so a new one is covered the day it is added.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from api.access import Permission, Requirement, Role, SignedIn
from api.accounts import permissions_of
from api.app import create_app
from api.settings import ServerSettings
from data.database import Database

APP = create_app(Database("postgresql:///"), ServerSettings())

PUBLIC = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/ca.crt"),
    ("POST", "/api/v1/sessions"),
    ("GET", "/api/v1/sessions/providers"),
    ("GET", "/api/v1/sessions/oidc"),
    ("GET", "/api/v1/sessions/oidc/callback"),
    ("GET", "/api/v1/public/categories"),
    ("GET", "/api/v1/public/town"),
    ("GET", "/api/v1/public/place"),
    ("GET", "/api/v1/public/basemap/{z}/{x}/{y}.mvt"),
    ("GET", "/api/v1/public/duplicates"),
    ("POST", "/api/v1/public/photos"),
    ("POST", "/api/v1/public/reports"),
    ("GET", "/api/v1/public/reports/{number}"),
    ("POST", "/api/v1/public/reports/{number}/actions"),
    ("GET", "/api/v1/public/reports/{number}/photos/{id}"),
    ("GET", "/api/v1/public/reports/{number}/photos/{id}/thumbnail"),
}
ANY_ROLE = {
    ("GET", "/api/v1/sessions"),
    ("DELETE", "/api/v1/sessions"),
    ("GET", "/api/v1/sessions/all"),
    ("DELETE", "/api/v1/sessions/all"),
    ("PUT", "/api/v1/sessions/password"),
    ("POST", "/api/v1/sessions/totp"),
    ("PUT", "/api/v1/sessions/totp"),
    ("DELETE", "/api/v1/sessions/totp"),
    ("GET", "/api/v1/notices"),
    ("GET", "/api/v1/stream"),
    ("POST", "/api/v1/notices/{id}/read"),
    ("POST", "/api/v1/notices/read"),
    ("GET", "/api/v1/notices/preferences"),
    ("PUT", "/api/v1/notices/preferences"),
}

# What stands for each placeholder when a route is only knocked at.
_EXAMPLES = {
    "z": "11",
    "x": "1672",
    "y": "891",
    "id": "1",
    "other": "2",
    "edition_id": "1",
    "mapping_id": "1",
    "code": "000000000000",
    "number": "AH20261127-0001",
    "username": "nobody",
    "post": "1",
    "role": "analyst",
    "permission": "export",
    "leave": "1",
    "date": "2027-05-09",
}


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    route: APIRoute

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.path

    @property
    def url(self) -> str:
        return re.sub(r"\{(\w+)\}", lambda match: _EXAMPLES[match[1]], self.path)

    @property
    def requirement(self) -> Requirement | None:
        calls = [dependant.call for dependant in _all(self.route.dependant)]
        return next((call for call in calls if isinstance(call, Requirement)), None)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def _all(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _all(inner)


def operations(app: FastAPI) -> list[Operation]:
    return [
        Operation(method, str(context.path), context.original_route)
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
        for method in sorted(context.original_route.methods - {"HEAD"})
    ]


OPERATIONS = operations(APP)
DOCUMENT = APP.openapi()
every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=str)


def described(operation: Operation) -> dict:
    return DOCUMENT["paths"][operation.path][operation.method.lower()]


def test_there_are_routes_to_look_at():
    assert len(OPERATIONS) > 10
    assert {operation.key for operation in OPERATIONS} >= PUBLIC | ANY_ROLE


@every_operation
def test_an_operation_says_what_it_answers(operation):
    answers = described(operation)["responses"]
    success = {status: answer for status, answer in answers.items() if status.startswith("2")}
    assert success or "303" in answers
    for status, answer in success.items():
        if status != "204":
            assert answer["content"], f"{status} has no content"
            schemas = [content.get("schema") for content in answer["content"].values()]
            assert schemas != [{}], f"{status} has no model"


@every_operation
def test_an_operation_says_how_it_fails(operation):
    answer = described(operation)["responses"]["default"]
    [schema] = [content["schema"] for content in answer["content"].values()]
    assert schema == {"$ref": "#/components/schemas/Problem"}
    assert "422" not in described(operation)["responses"]


@every_operation
def test_an_operation_has_a_summary_and_a_tag(operation):
    assert described(operation)["summary"]
    assert described(operation)["tags"]


@every_operation
def test_an_operation_that_is_not_public_says_how_to_sign_in(operation):
    expected = None if operation.key in PUBLIC else [{"token": []}, {"session": []}]
    if operation.path.startswith("/ingest/"):
        expected = [{"device": []}, {"token": []}]  # a cookie counts for nothing there
    assert described(operation).get("security") == expected


def test_operation_ids_are_unique_words():
    ids = [described(operation)["operationId"] for operation in OPERATIONS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", name) for name in ids)


def test_no_reference_leads_nowhere():
    schemas = DOCUMENT["components"]["schemas"]
    references = re.findall(r"#/components/schemas/([\w.-]+)", str(DOCUMENT))
    assert set(references) <= set(schemas)
    assert "HTTPValidationError" not in schemas


@every_operation
def test_nobody_gets_in_without_signing_in(client, operation):
    answer = client.request(operation.method, operation.url)
    if operation.key in PUBLIC:
        assert answer.status_code != 401
    else:
        assert answer.status_code == 401, answer.text
        assert answer.json()["code"] == "not_signed_in"


@every_operation
def test_an_operation_demands_a_permission_or_is_named_here(operation):
    if operation.key in PUBLIC:
        assert operation.requirement is None
    elif operation.key in ANY_ROLE:
        calls = [dependant.call for dependant in _all(operation.route.dependant)]
        assert operation.requirement is None or not operation.requirement.any_of
        assert any(isinstance(call, SignedIn | Requirement) for call in calls)
    else:
        assert operation.requirement is not None
        assert operation.requirement.any_of


def test_every_permission_is_somebodys_and_the_administrator_has_all():
    assert permissions_of(Role.ADMIN) == set(Permission)
    others = set().union(*(permissions_of(role) for role in Role if role is not Role.ADMIN))
    assert others == set(Permission) - {Permission.ADMINISTER}


def test_the_command_prints_the_document_without_a_database(tmp_path):
    printed = subprocess.run(
        [sys.executable, "-m", "api.cli", "openapi"],
        check=True,
        capture_output=True,
        text=True,
        env={"WANGGE_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
    )
    assert printed.stdout.startswith('{\n  "openapi": "3.1')
    assert printed.stderr == ""
