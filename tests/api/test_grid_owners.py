"""Who would own a case in each grid, and which grids nobody answers for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from shapely import MultiPolygon, box
from sqlalchemy import insert
from starlette.testclient import TestClient

from data.database import Database
from data.editions import activate, draft_edition
from data.schema import duty_sessions, posts, staff, staff_leaves, units
from gis.grid import Grid

Headers = dict[str, str]
SignIn = Callable[..., Headers]
OWNERS = "/api/v1/grids/owners"
NOW = datetime.now(UTC)
LONG_AGO, TOMORROW = NOW - timedelta(days=900), NOW + timedelta(days=1)


def grid(code: str, west: float, east: float, parent: str | None = None) -> Grid:
    area = MultiPolygon([box(west, 34.5, east, 34.51)])
    level = 1 if parent is None else 2
    return Grid(code=code, name=f"{code}网格", level=level, parent_code=parent, geometry=area)


@pytest.fixture
def town(database: Database) -> dict[str, int]:
    """A (chief 李) is cut into A1 (王, whose post ends tomorrow), A2 (赵, on leave for three days) and
    A3 (钱, a deputy only); B, which is not cut, has nobody. Staff ids by name."""
    ids = {}
    with database.begin() as conn:
        cut = [grid(f"A{n}", 118.59 + n / 100, 118.60 + n / 100, "A") for n in (1, 2, 3)]
        grids = [grid("A", 118.60, 118.63), *cut, grid("B", 118.63, 118.64)]
        activate(conn, draft_edition(conn, grids, name="2026").edition.id, at=LONG_AGO)
        for name, role, code, more in (
            ("李", "grid_chief", "A", {}),
            ("王", "grid_worker", "A1", {"valid_to": TOMORROW}),
            ("赵", "grid_worker", "A2", {}),
            ("钱", "grid_worker", "A3", {"is_deputy": True}),
            ("孙", "inspector", "B", {}),
        ):
            ids[name] = conn.execute(
                insert(staff).values(name=name).returning(staff.c.id)
            ).scalar_one()
            post = {"role": role, "grid_code": code, "valid_from": LONG_AGO, **more}
            conn.execute(insert(posts).values(staff_id=ids[name], **post))
        conn.execute(
            insert(staff_leaves).values(
                staff_id=ids["赵"],
                kind="annual",
                begins_at=NOW - timedelta(days=1),
                ends_at=NOW + timedelta(days=3),
                entered_at=NOW,
                entered_by="x",
            )
        )
    return ids


@pytest.fixture
def desk(sign_in: SignIn) -> Headers:
    return sign_in("dispatcher")


def ask(client: TestClient, headers: Headers, **query: Any) -> Any:
    answer = client.get(OWNERS, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def staffings(answer: Any) -> dict[str, str]:
    return {item["grid"]["code"]: item["staffing"] for item in answer["items"]}


def test_each_deepest_grid_says_who_has_it_and_what_is_wrong(
    client: TestClient, desk: Headers, town: dict[str, int]
) -> None:
    answer = ask(client, desk)
    assert staffings(answer) == {"A1": "ending", "A2": "on_leave", "A3": "vacant", "B": "vacant"}
    assert answer["counts"] == {
        "grids": 4,
        "held": 0,
        "ending": 1,
        "on_leave": 1,
        "vacant": 2,
        "ownerless": 3,
        "with_deputy": 1,
        "queued": 1,
    }
    first, second, third, last = answer["items"]
    assert first["parent"] == {"code": "A", "name": "A网格"}
    assert first["owner"] == {
        "staff": town["李"],
        "name": "李",
        "role": "grid_chief",
        "reason": "chief",
        "grid": "A",
    }
    assert datetime.fromisoformat(first["changes_at"]) == TOMORROW
    assert datetime.fromisoformat(second["changes_at"]) == NOW + timedelta(days=3)
    assert (last["owner"]["staff"], last["owner"]["reason"]) == (None, "dispatch_queue")
    assert [item["has_deputy"] for item in (first, second, third, last)] == [
        False,
        False,
        True,
        False,
    ]


def test_a_deputy_answers_while_on_duty_and_the_post_is_vacant_all_the_same(
    client: TestClient, desk: Headers, town: dict[str, int], database: Database
) -> None:
    def third() -> Any:
        return ask(client, desk)["items"][2]

    assert (third()["staffing"], third()["owner"]["reason"]) == ("vacant", "chief")
    with database.begin() as conn:
        unit = insert(units).values(
            code="GW-1", kind="person", name="x", role="grid_worker", staff_id=town["钱"]
        )
        unit_id = conn.execute(unit.returning(units.c.id)).scalar_one()
        conn.execute(insert(duty_sessions).values(unit_id=unit_id, began_at=LONG_AGO))
    owner = third()["owner"]
    assert (owner["name"], owner["reason"], owner["grid"]) == ("钱", "deputy_on_duty", "A3")
    assert (third()["staffing"], third()["has_deputy"]) == ("vacant", True)


def test_a_deputy_who_is_on_leave_is_none(
    client: TestClient, desk: Headers, town: dict[str, int], database: Database
) -> None:
    with database.begin() as conn:
        conn.execute(
            insert(staff_leaves).values(
                staff_id=town["钱"],
                kind="sick",
                begins_at=NOW - timedelta(days=1),
                entered_at=NOW,
                entered_by="x",
            )
        )
    answer = ask(client, desk)
    assert (answer["items"][2]["has_deputy"], answer["counts"]["with_deputy"]) == (False, 0)


def test_only_those_that_lack_something_when_asked(
    client: TestClient, desk: Headers, town: dict[str, int]
) -> None:
    ownerless = ask(client, desk, which="ownerless")
    assert (list(staffings(ownerless)), ownerless["counts"]["grids"]) == (["A2", "A3", "B"], 4)
    assert list(staffings(ask(client, desk, which="ending"))) == ["A1"]


def test_at_another_instant_by_the_posts_and_leave_of_then(
    client: TestClient, desk: Headers, town: dict[str, int]
) -> None:
    later = (NOW + timedelta(days=4)).isoformat()
    assert staffings(ask(client, desk, at=later)) == {
        "A1": "vacant",
        "A2": "held",
        "A3": "vacant",
        "B": "vacant",
    }
    before = (NOW - timedelta(days=30)).isoformat()
    assert staffings(ask(client, desk, at=before))["A1"] == "held"
    assert ask(client, desk, at=(LONG_AGO - timedelta(days=1)).isoformat())["items"] == []


def test_a_chief_is_told_about_their_own_grids(
    client: TestClient, sign_in: SignIn, town: dict[str, int]
) -> None:
    answer = ask(client, sign_in("grid_chief", grid_code="A"))
    assert (sorted(staffings(answer)), answer["counts"]["vacant"]) == (["A1", "A2", "A3"], 1)


def test_whoever_may_not_read_names_is_told_the_role(
    client: TestClient, sign_in: SignIn, town: dict[str, int]
) -> None:
    names = {item["owner"]["name"] for item in ask(client, sign_in("analyst"))["items"]}
    assert names == {"grid_chief", None}
