"""One connection tells of positions, cases and notices, each to whoever may hear of it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any, NamedTuple

import httpx
import pytest
from sqlalchemy import text

from data.database import Database
from data.scope import Scope, Viewer
from patrol.notices import NoticeKind, about_case, tell
from tests.serving import Server, serving

PLACE = {"lon": 118.605, "lat": 34.505}


class Told(NamedTuple):
    name: str
    id: str | None
    data: Any


@pytest.fixture
def server(database: Database) -> Iterator[Server]:
    with database.begin() as conn:
        conn.execute(text("INSERT INTO staff (id, name) VALUES (1, '王')"))
        conn.execute(
            text(
                "INSERT INTO units (code, kind, name, role, always_on_duty) "
                "VALUES ('CAR-1', 'vehicle', '巡逻车', 'enforcement', true)"
            )
        )
    with serving(database) as server:
        yield server


@contextmanager
def listening(
    server: Server, token: str, query: str = "", **headers: str
) -> Iterator[Callable[[], Told]]:
    """Gives the next event."""
    headers["Authorization"] = f"Bearer {token}"
    url = f"{server.url}/api/v1/stream?{query}"
    with httpx.stream("GET", url, headers=headers, timeout=30) as answer:
        assert answer.status_code == 200, answer.read()
        lines = answer.iter_lines()
        assert [next(lines), next(lines)] == ["retry: 2000", ""]

        def event() -> Told:
            while True:
                fields = dict(line.split(": ", 1) for line in takewhile(bool, lines))
                if "event" in fields:
                    return Told(fields["event"], fields.get("id"), json.loads(fields["data"]))

        yield event


def refused(server: Server, token: str, query: str, **headers: str) -> tuple[int, str]:
    headers["Authorization"] = f"Bearer {token}"
    answer = httpx.get(f"{server.url}/api/v1/stream?{query}", headers=headers)
    return answer.status_code, answer.json()["detail"]


def move(server: Server) -> None:
    fix = {"unit": "CAR-1", "at": datetime.now(UTC).isoformat(), **PLACE}
    _post(server, server.token("gateway"), "/fixes", [fix])


def report(server: Server, token: str) -> Any:
    return _post(server, token, "/cases", {**PLACE, "description": "路口堆放垃圾"})


def notify(server: Server, case: Any, fact: str) -> None:
    notice = about_case(
        NoticeKind.CASE_URGED,
        staff_id=1,
        case_id=case["id"],
        number=case["number"],
        what={"zh": "市容环境", "en": "City appearance"},
        fact=fact,
    )
    with server.database.begin(Viewer(scope=Scope.of(frozenset()))) as conn:
        tell(conn, [notice], datetime.now(UTC))


def _post(server: Server, token: str, path: str, body: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.post(f"{server.url}/api/v1{path}", json=body, headers=headers)
    return answer.raise_for_status().json()


def test_all_that_one_may_read_comes_on_one_connection(server: Server) -> None:
    desk = server.token("dispatcher", staff_id=1)
    with listening(server, desk) as event:
        move(server)
        position = event()
        assert (position.name, position.data["items"][0]["unit"]) == ("positions", "CAR-1")
        case = report(server, desk)
        assert event() == Told("cases", position.id, {"items": [case]})
        notify(server, case, "event 1")
        notice = event()
        assert notice.name == "notices"
        assert notice.data["items"][0]["case"] == case["id"]


def test_whoever_comes_back_misses_neither_positions_nor_notices(server: Server) -> None:
    desk = server.token("dispatcher", staff_id=1)
    case = report(server, desk)
    with listening(server, desk) as event:
        move(server)
        seen = event().id
    assert seen is not None
    move(server)
    notify(server, case, "event 1")
    for again in ({"query": "", "Last-Event-ID": seen}, {"query": f"after={seen}"}):
        with listening(server, desk, **again) as event:
            missed = [event(), event()]
        assert {each.name for each in missed} == {"positions", "notices"}
        assert missed[-1].id not in (None, seen)


def test_what_one_may_not_read_is_left_out_and_refused_by_name(server: Server) -> None:
    with server.database.begin() as conn:
        conn.execute(
            text("INSERT INTO role_permissions VALUES ('dispatcher', 'read_positions', false)")
        )
    desk = server.token("dispatcher", staff_id=1)
    with listening(server, desk) as event:
        move(server)
        case = report(server, desk)
        assert event() == Told("cases", "0", {"items": [case]})
    status, why = refused(server, desk, "topic=positions")
    assert (status, "read_positions" in why) == (403, True)


def test_only_the_topics_that_were_asked_for_come(server: Server) -> None:
    desk = server.token("dispatcher")
    with listening(server, desk, "topic=cases") as event:
        move(server)
        case = report(server, desk)
        assert event() == Told("cases", None, {"items": [case]})


@pytest.mark.parametrize("seen", ["latest", "1", "1.2.3", "1.-2", "1." + "9" * 20, "."])
def test_what_is_no_id_is_refused(server: Server, seen: str) -> None:
    desk = server.token("dispatcher")
    assert refused(server, desk, f"after={seen}")[0] == 422
    assert refused(server, desk, "", **{"Last-Event-ID": seen})[0] == 422


def test_numbers_of_another_database_begin_anew(server: Server) -> None:
    desk = server.token("dispatcher", staff_id=1)
    move(server)
    with listening(server, desk, "after=1000000000.1000000000") as event:
        assert event().name == "positions"
        notify(server, report(server, desk), "event 1")
        assert {event().name, event().name} == {"cases", "notices"}
