"""The stream of cases: what changes comes at once, to whoever may see it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, text

from data.database import Database
from data.schema import grid_editions, grids
from tests.serving import Server, serving

IN_EAST = {"lon": 118.605, "lat": 34.505, "description": "路口堆放垃圾"}
IN_WEST = {**IN_EAST, "lon": 118.595}


def square(west: float) -> str:
    east = west + 0.01
    ring = f"{west} 34.5, {east} 34.5, {east} 34.51, {west} 34.51, {west} 34.5"
    return f"SRID=4326;MULTIPOLYGON((({ring})))"


@pytest.fixture
def server(database: Database) -> Iterator[Server]:
    with database.begin() as conn:
        edition = {"name": "2026", "state": "active", "content_hash": "made up"}
        edition_id = conn.scalar(
            insert(grid_editions).values(**edition).returning(grid_editions.c.id)
        )
        for code, west in (("EAST", 118.60), ("WEST", 118.59)):
            values = {"name": code, "level": 1, "area_m2": 1.0, "geom": square(west)}
            conn.execute(insert(grids).values(edition_id=edition_id, code=code, **values))
    with serving(database) as server:
        yield server


@contextmanager
def listening(server: Server, token: str) -> Iterator[Callable[[], tuple[str, Any]]]:
    """Gives the next event: its name and its data."""
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{server.url}/api/v1/stream?topic=cases"
    with httpx.stream("GET", url, headers=headers) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "retry: 2000"

        def event() -> tuple[str, Any]:
            name = next(line for line in lines if line.startswith("event: "))
            return name.removeprefix("event: "), json.loads(next(lines).removeprefix("data: "))

        yield event


def post(server: Server, token: str, path: str, body: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.post(f"{server.url}/api/v1{path}", json=body, headers=headers)
    return answer.raise_for_status().json()


def test_a_change_comes_as_the_list_has_it(server: Server) -> None:
    desk = server.token("dispatcher")
    with listening(server, desk) as event:
        case = post(server, desk, "/cases", IN_EAST)
        assert event() == ("cases", {"items": [case]})
        changed = post(server, desk, f"/cases/{case['id']}/actions", {"action": "urge"})
        assert event() == ("cases", {"items": [changed]})


def test_a_case_of_other_grids_does_not_come(server: Server) -> None:
    desk, chief = server.token("dispatcher"), server.token("grid_chief", grid_code="EAST")
    with listening(server, chief) as event:
        post(server, desk, "/cases", IN_WEST)
        mine = post(server, desk, "/cases", IN_EAST)
        _, data = event()
        assert [item["number"] for item in data["items"]] == [mine["number"]]


def test_after_the_connection_was_lost_everybody_reads_again(server: Server) -> None:
    desk = server.token("dispatcher")
    with listening(server, desk) as event:
        with server.database.begin() as conn:
            listeners = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = "
            assert conn.scalars(
                text(f"{listeners} 'LISTEN cases' AND datname = current_database()")
            )
        assert event() == ("reload", {})
