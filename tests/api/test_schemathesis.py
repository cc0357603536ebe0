"""Every operation does what the OpenAPI document says, whatever it is sent and whoever sends it."""

from collections.abc import Iterator

import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from api.settings import ServerSettings
from data.cluster import Cluster
from data.database import Database
from tests.good_requests import GOOD, NOT_HERE
from tests.small_town import SmallTown, small_town

_DOCUMENT = create_app(Database("postgresql:///"), ServerSettings()).openapi()
_CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 20261124,
        "generation": {
            "max-examples": 6,
            "deterministic": True,
            "with-security-parameters": False,
        },
        "phases": {
            "coverage": {"enabled": False},
            "fuzzing": {
                "extra-data-sources": {"responses": False},
                "error-feedback": {"enabled": False},
            },
        },
    }
)
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]

# They have no end; what they send is tested with each stream.
_ENDLESS = (
    "/api/v1/positions/stream",
    "/api/v1/stream",
)
schema = schemathesis.openapi.from_dict(_DOCUMENT, config=_CONFIG).exclude(path=[*_ENDLESS])


_OPERATIONS = [
    f"{method.upper()} {path}"
    for path, methods in _DOCUMENT["paths"].items()
    for method in methods
    if path not in _ENDLESS
]


@pytest.fixture(scope="module")
def town(cluster: Cluster) -> Iterator[SmallTown]:
    with small_town(cluster, "schemathesis") as town:
        yield town


@pytest.mark.parametrize("operation", [each for each in _OPERATIONS if each not in NOT_HERE])
def test_a_good_request_is_answered_as_described(operation: str, town: SmallTown) -> None:
    method, path = operation.split()
    good = {"path_parameters": town.known_in(path), **GOOD.get(operation, {})}
    if "body" in good:
        good["media_type"] = "application/json"
    case = schema[path][method].Case(**good)
    answer = case.call_and_validate(
        base_url=town.url, headers=town.headers("admin"), checks=_CHECKS
    )
    assert answer.status_code < 300, answer.text


@pytest.mark.parametrize(
    ("role", "place"),
    [
        ("admin", "somewhere"),
        ("admin", "anywhere"),
        ("grid_chief", "somewhere"),
        (None, "anywhere"),
    ],
)
@schema.parametrize()
def test_an_operation_answers_as_described(
    case: schemathesis.Case,
    role: str | None,
    place: str,
    town: SmallTown,
) -> None:
    """`somewhere` the path names something that is there."""
    if place == "somewhere" and case.path_parameters:
        case.path_parameters = {**case.path_parameters, **town.known_in(case.path)}
    case.call_and_validate(base_url=town.url, headers=town.headers(role), checks=_CHECKS)
    if case.path.startswith("/api/v1/roles"):
        town.reset_permissions()  # of no use to the next one is an administrator who gave theirs up
