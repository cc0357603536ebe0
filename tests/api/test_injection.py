"""Whatever text anybody sends where, it stays a text: no SQL, no format, and no way to break a server.

Goes through every operation of the OpenAPI document, so a new parameter is covered the day it is added.
"""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import text

from api.app import create_app
from api.settings import ServerSettings
from data.cluster import Cluster
from data.database import Database
from tests.good_requests import GOOD
from tests.small_town import SmallTown, small_town

_DOCUMENT = create_app(Database("postgresql:///"), ServerSettings()).openapi()

_INJECTIONS = ("' OR 1=1 --", "'; DROP TABLE accounts; --", "%s", ":x", "%(unit_id)s", "$1", "{0}")
_ODD = ("\x00", "x" * 10_000, "9" * 5_000, "\u202eمرحبا بالعالم", "👩‍🚒🏴\u200d☠️", "\ufffe", "")
_ODD_IN = {
    "path": _ODD,
    "query": _ODD,
    "header": tuple(odd for odd in _ODD if odd != "\x00"),  # nothing can carry it there
    "body": (*_ODD, "\ud800"),  # half a character, which JSON can say
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a text goes: the parameter `name`, or the field at `path` of the body."""

    operation: str
    where: str
    path: tuple[str | int, ...]

    def __str__(self) -> str:
        return f"{self.operation}-{self.where}-{'.'.join(map(str, self.path))}"


def _resolved(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The alternatives of a schema, without references."""
    if "$ref" in schema:
        found: Any = _DOCUMENT
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return _resolved(found)
    inner = [each for word in ("anyOf", "oneOf", "allOf") for each in schema.get(word, ())]
    return [each for one in inner for each in _resolved(one)] or [schema]


def _texts_in(schema: dict[str, Any]) -> Iterator[tuple[str | int, ...]]:
    """The paths of the texts in whatever has this schema."""
    for each in _resolved(schema):
        kinds = each.get("type", "object")
        if kinds == "string" or "string" in kinds:
            yield ()
        for name, inner in each.get("properties", {}).items():
            for path in _texts_in(inner):
                yield (name, *path)
        if isinstance(each.get("items"), dict):
            for path in _texts_in(each["items"]):
                yield (0, *path)


def _places() -> Iterator[Place]:
    for path, methods in _DOCUMENT["paths"].items():
        for method, described in methods.items():
            operation = f"{method.upper()} {path}"
            for parameter in described.get("parameters", ()):
                if () in _texts_in(parameter["schema"]):
                    where, name = parameter["in"], parameter["name"]
                    yield Place(operation=operation, where=where, path=(name,))
            content = described.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                texts = dict.fromkeys(_texts_in(content["application/json"]["schema"]))
                for field in texts:
                    yield Place(operation=operation, where="body", path=field)


# Whatever is asked comes first: what is sent to be kept could be found by it.
_PLACES = sorted(_places(), key=lambda place: not place.operation.startswith("GET"))


@pytest.fixture(scope="module")
def town(cluster: Cluster) -> Iterator[SmallTown]:
    with small_town(cluster, "injection") as town:
        yield town


def _send(town: SmallTown, client: httpx.Client, place: Place, value: str) -> httpx.Response:
    """The operation's good request with `value` in that place; of an endless answer the beginning."""
    method, path = place.operation.split()
    good = copy.deepcopy(GOOD.get(place.operation, {}))
    names, query = town.known_in(path), good.get("query", {})
    headers, body = {}, good.get("body", {})
    name = place.path[0] if place.path else ""
    match place.where:
        case "path":
            names[str(name)] = quote(value, safe="")
        case "query":
            query[name] = value
        case "header":
            headers[str(name)] = value.encode()
        case "body":
            body = _with(body, place.path, value)
    town.forget_failures()
    url = path.format_map({each: f"{known}" for each, known in names.items()})
    content = json.dumps(body).encode() if method in ("POST", "PUT", "PATCH") else None
    request = client.build_request(method, url, params=query, headers=headers, content=content)
    answer = client.send(request, stream=True)
    try:
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            return answer
        answer.read()
    finally:
        answer.close()
    return answer


def _with(body: Any, path: tuple[str | int, ...], value: str) -> Any:
    if not path:
        return value
    first, *rest = path
    if first == 0:
        return [_with(body[0] if body else {}, tuple(rest), value)]
    inside = body if isinstance(body, dict) else {}
    return {**inside, str(first): _with(inside.get(str(first), {}), tuple(rest), value)}


def _outline(value: Any) -> Any:
    """The form of an answer without its values: how many of what."""
    if isinstance(value, dict):
        return {name: _outline(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_outline(inner) for inner in value]
    return None


def _answered(answer: httpx.Response) -> tuple[Any, ...]:
    """What two unknown words have in common."""
    if not answer.content or "json" not in answer.headers.get("content-type", ""):
        return (answer.status_code,)
    body = answer.json()
    return (answer.status_code, body.get("code"), body.get("field"), _outline(body))


def test_there_are_places_to_look_at():
    assert len(_PLACES) > 80
    assert {place.where for place in _PLACES} == {"path", "query", "header", "body"}


def _another_word(value: str) -> str:
    """As long, and in the same place of any order: whatever asks for that may tell them apart."""
    return value[0] + "".join(islice(cycle("qwzk"), len(value) - 1))


@pytest.mark.parametrize("place", _PLACES, ids=str)
def test_a_text_is_a_text(town: SmallTown, place: Place) -> None:
    with httpx.Client(base_url=town.url, headers=town.headers("admin")) as client:
        client.headers["content-type"] = "application/json"
        _send(town, client, place, "the first")  # which may change something, as none after it does
        for value in _INJECTIONS:
            unknown = _answered(_send(town, client, place, _another_word(value)))
            assert _answered(_send(town, client, place, value)) == unknown, value
        for value in _ODD_IN[place.where]:
            answer = _send(town, client, place, value)
            assert answer.status_code < 500, (value, answer.text)
    with town.server.database.begin() as conn:
        assert conn.scalars(text("SELECT count(*) FROM accounts")).one() > 1
