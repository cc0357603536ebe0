"""Staff, posts and units over HTTP: setting a town up by hand, and who sees whom."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from shapely import MultiPolygon, box
from sqlalchemy import select
from starlette.testclient import TestClient

from data.database import Database
from data.editions import activate, draft_edition
from data.schema import audit_events, staff
from gis.grid import Grid

Headers = dict[str, str]
SignIn = Callable[..., Headers]
STAFF, UNITS = "/api/v1/staff", "/api/v1/units"
EAST, WEST = "320722001001001", "320722001001002"
PHONE, CARD = "13812345678", "11010519491231002X"


@pytest.fixture
def admin(sign_in: SignIn) -> Headers:
    return sign_in("admin")


@pytest.fixture
def town(database: Database) -> None:
    """An edition in force with two grids."""
    squares = {EAST: box(118.60, 34.50, 118.61, 34.51), WEST: box(118.61, 34.50, 118.62, 34.51)}
    grids = [
        Grid(code=code, name=code, level=1, parent_code=None, geometry=MultiPolygon([square]))
        for code, square in squares.items()
    ]
    with database.begin() as conn:
        activate(conn, draft_edition(conn, grids, name="2026").edition.id, at=datetime.now(UTC))


@pytest.fixture
def hire(client: TestClient, admin: Headers) -> Callable[..., int]:
    """`hire("王小明", EAST)`: the staff number of somebody with a post as a grid worker."""

    def hire(name: str, grid: str | None = None, **more: Any) -> int:
        made = client.post(STAFF, json={"name": name, **more}, headers=admin)
        assert made.status_code == 201, made.text
        number = int(made.json()["id"])
        if grid is not None:
            post = {"role": "grid_worker", "grid": grid}
            begun = client.post(f"{STAFF}/{number}/posts", json=post, headers=admin)
            assert begun.status_code == 201, begun.text
        return number

    return hire


def names(answer: Any) -> list[str]:
    return [item["name"] for item in answer.json()["items"]]


def recorded(database: Database, subject: str) -> list[tuple[str, Any]]:
    with database.begin() as conn:
        rows = conn.execute(
            select(audit_events.c.action, audit_events.c.details)
            .where(audit_events.c.subject == subject)
            .order_by(audit_events.c.id)
        )
        return [(row.action, row.details) for row in rows]


def test_somebody_new_is_kept_whole_and_shown_masked(
    client: TestClient, admin: Headers, database: Database
) -> None:
    body = {"name": " 王小明 ", "phone": "+86 138 1234 5678", "identity_number": CARD.lower()}
    answer = client.post(STAFF, json=body, headers=admin)
    number = answer.json()["id"]
    assert answer.json() == {
        "id": number,
        "name": "王小明",
        "phone": "138****5678",
        "identity_number": "1101************2X",
        "posts": [],
        "units": [],
    }
    with database.begin() as conn:
        kept = conn.execute(select(staff).where(staff.c.id == number)).one()
    assert (kept.phone, kept.identity_number) == (PHONE, CARD)
    assert recorded(database, f"staff {number}") == [
        ("staff.create", {"name": "王小明", "phone": "138****5678"})
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "王", "phone": "12345"}, "phone"),
        ({"name": "王", "identity_number": "110105194912310021"}, "identity_number"),
        ({"name": "王", "telephone": PHONE}, "telephone"),
    ],
)
def test_what_cannot_be_written_down_is_explained(
    client: TestClient, admin: Headers, body: dict[str, str], field: str
) -> None:
    answer = client.post(STAFF, json=body, headers=admin)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_a_change_is_recorded_without_the_whole_number(
    client: TestClient, admin: Headers, hire: Callable[..., int], database: Database
) -> None:
    number = hire("王明", phone=PHONE, identity_number=CARD)
    unit = {"id": "GW-1", "kind": "person", "name": "王明", "role": "grid_worker", "staff": number}
    client.post(UNITS, json=unit, headers=admin)
    change = {"name": "王小明", "phone": "0518-85801234", "identity_number": None}
    answer = client.patch(f"{STAFF}/{number}", json=change, headers=admin)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["name"], answer.json()["identity_number"]) == ("王小明", None)
    assert client.get(f"{UNITS}/GW-1", headers=admin).json()["name"] == "王小明"
    assert recorded(database, f"staff {number}")[-1] == (
        "staff.change",
        {
            "name": {"old": "王明", "new": "王小明"},
            "phone": {"old": "138****5678", "new": "***********34"},
            "identity_number": {"old": "1101************2X", "new": None},
        },
    )
    nothing = client.patch(f"{STAFF}/{number}", json={"name": None}, headers=admin)
    assert (nothing.status_code, nothing.json()["field"]) == (422, "name")


def test_a_chief_sees_those_with_a_post_in_their_grids(
    client: TestClient, sign_in: SignIn, hire: Callable[..., int], admin: Headers, town: None
) -> None:
    hire("东东", EAST, phone=PHONE)
    hire("西西", WEST)
    hire("无岗")
    chief = sign_in("grid_chief", grid_code=EAST)
    seen = client.get(STAFF, headers=chief)
    assert names(seen) == ["东东"]
    assert seen.json()["items"][0]["phone"] == "138****5678"
    assert names(client.get(STAFF, headers=sign_in("dispatcher"))) == ["东东", "西西"]
    assert names(client.get(STAFF, headers=admin)) == ["东东", "西西", "无岗"]
    assert client.get(STAFF, headers=sign_in("grid_worker", grid_code=EAST)).status_code == 403
    assert client.post(STAFF, json={"name": "王"}, headers=chief).status_code == 403


def test_staff_come_in_pages(client: TestClient, hire: Callable[..., int], admin: Headers) -> None:
    numbers = [hire(f"王{number}") for number in range(3)]
    first = client.get(f"{STAFF}?limit=2", headers=admin).json()
    assert [item["id"] for item in first["items"]] == numbers[:2]
    rest = client.get(f"{STAFF}?limit=2&cursor={first['next']}", headers=admin).json()
    assert [item["id"] for item in rest["items"]] == numbers[2:]
    assert rest["next"] is None


def test_a_post_is_begun_and_ended(
    client: TestClient,
    admin: Headers,
    sign_in: SignIn,
    hire: Callable[..., int],
    database: Database,
    town: None,
) -> None:
    number = hire("王小明", EAST)
    [post] = client.get(STAFF, headers=admin).json()["items"][0]["posts"]
    assert {**post, "id": 0, "from": ""} == {
        "id": 0,
        "role": "grid_worker",
        "grid": EAST,
        "is_deputy": False,
        "department": None,
        "from": "",
        "to": None,
    }
    now = datetime.now(UTC)
    url = f"{STAFF}/{number}/posts/{post['id']}"
    ended = client.patch(url, json={"to": now.isoformat()}, headers=admin)
    assert ended.status_code == 200, ended.text
    assert datetime.fromisoformat(ended.json()["to"]) == now
    assert names(client.get(STAFF, headers=sign_in("grid_chief", grid_code=EAST))) == []
    again = client.patch(url, json={"to": now.isoformat()}, headers=admin)
    assert (again.status_code, again.json()["code"]) == (409, "post_ended")
    assert [action for action, _ in recorded(database, f"staff {number}")] == [
        "staff.create",
        "post.begin",
        "post.end",
    ]


def test_the_same_post_is_not_held_twice_at_once_but_may_be_held_again(
    client: TestClient, admin: Headers, hire: Callable[..., int], town: None
) -> None:
    number = hire("王小明")
    url = f"{STAFF}/{number}/posts"
    day = timedelta(days=1)
    now = datetime.now(UTC)
    post = {"role": "grid_worker", "grid": EAST}
    past = {**post, "from": (now - 9 * day).isoformat(), "to": (now - day).isoformat()}
    assert client.post(url, json=past, headers=admin).status_code == 201
    assert client.post(url, json=post, headers=admin).status_code == 201
    for overlapping in (post, {**post, "is_deputy": True}, {**past, "to": None}):
        refused = client.post(url, json=overlapping, headers=admin)
        assert (refused.status_code, refused.json()["code"]) == (409, "post_overlaps")
    assert client.post(url, json={**post, "grid": WEST}, headers=admin).status_code == 201


def test_a_post_that_was_to_end_later_is_not_drawn_out_over_the_next(
    client: TestClient, admin: Headers, hire: Callable[..., int], town: None
) -> None:
    number = hire("王小明")
    url = f"{STAFF}/{number}/posts"
    now, day = datetime.now(UTC), timedelta(days=1)
    post = {"role": "grid_worker", "grid": EAST}
    first = client.post(url, json={**post, "to": (now + day).isoformat()}, headers=admin)
    client.post(url, json={**post, "from": (now + 2 * day).isoformat()}, headers=admin)
    refused = client.patch(
        f"{url}/{first.json()['id']}", json={"to": (now + 3 * day).isoformat()}, headers=admin
    )
    assert refused.json()["code"] == "post_overlaps"


@pytest.mark.parametrize(
    ("post", "field"),
    [
        ({"role": "grid_worker"}, "grid"),
        ({"role": "grid_worker", "grid": "404"}, "grid"),
        ({"role": "analyst"}, "role"),
        ({"role": "dispatcher", "from": "2026-11-22T08:00:00"}, "from"),
        (
            {
                "role": "dispatcher",
                "from": "2026-11-22T08:00:00+08:00",
                "to": "2026-11-22T00:00:00Z",
            },
            "to",
        ),
    ],
    ids=["no grid", "unknown grid", "no post", "no zone", "ends as it begins"],
)
def test_what_cannot_be_a_post_is_explained(
    client: TestClient,
    admin: Headers,
    hire: Callable[..., int],
    town: None,
    post: dict[str, str],
    field: str,
) -> None:
    answer = client.post(f"{STAFF}/{hire('王小明')}/posts", json=post, headers=admin)
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text


def test_a_dispatchers_post_is_for_the_whole_town(
    client: TestClient, admin: Headers, hire: Callable[..., int], town: None
) -> None:
    url = f"{STAFF}/{hire('王小明')}/posts"
    answer = client.post(url, json={"role": "dispatcher"}, headers=admin)
    assert (answer.status_code, answer.json()["grid"]) == (201, None)
    again = client.post(url, json={"role": "dispatcher"}, headers=admin)
    assert again.json()["code"] == "post_overlaps"


def test_an_unknown_person_or_post_is_not_found(
    client: TestClient, admin: Headers, hire: Callable[..., int], town: None
) -> None:
    wang, li = hire("王小明", EAST), hire("李芳")
    post = client.get(STAFF, headers=admin).json()["items"][0]["posts"][0]["id"]
    end = {"to": datetime.now(UTC).isoformat()}
    for answer in (
        client.patch(f"{STAFF}/404", json={"name": "王"}, headers=admin),
        client.post(f"{STAFF}/404/posts", json={"role": "dispatcher"}, headers=admin),
        client.patch(f"{STAFF}/{wang}/posts/404", json=end, headers=admin),
        client.patch(f"{STAFF}/{li}/posts/{post}", json=end, headers=admin),
    ):
        assert answer.status_code == 404, answer.text


def test_a_unit_is_made_and_changed(
    client: TestClient,
    admin: Headers,
    sign_in: SignIn,
    hire: Callable[..., int],
    database: Database,
    town: None,
) -> None:
    number = hire("王小明", EAST)
    unit = {"id": "GW-017", "kind": "person", "name": "王小明", "role": "grid_worker"}
    made = client.post(UNITS, json={**unit, "staff": number, "grid": EAST}, headers=admin)
    assert made.status_code == 201, made.text
    shown = {"grid": {"code": EAST, "name": EAST}, "on_duty": False, "always_on_duty": False}
    assert made.json() == {**made.json(), **unit, **shown, "staff": number}
    assert client.get(STAFF, headers=admin).json()["items"][0]["units"] == ["GW-017"]
    worker = sign_in("grid_worker", staff_id=number)
    assert client.get(f"{UNITS}/GW-017", headers=worker).status_code == 200
    changed = client.patch(f"{UNITS}/GW-017", json={"staff": None, "grid": WEST}, headers=admin)
    assert (changed.json()["staff"], changed.json()["grid"]["code"]) == (None, WEST)
    assert client.get(f"{UNITS}/GW-017", headers=worker).status_code == 403
    assert [action for action, _ in recorded(database, "unit GW-017")] == [
        "unit.create",
        "unit.change",
    ]
    assert recorded(database, "unit GW-017")[1][1] == {
        "staff": {"old": number, "new": None},
        "grid": {"old": EAST, "new": WEST},
    }


def test_a_vehicle_may_have_a_terminal_that_knows_no_shifts_and_a_person_may_not(
    client: TestClient, admin: Headers
) -> None:
    unit = {"name": "巡逻车", "role": "enforcement_officer", "always_on_duty": True}
    car = client.post(UNITS, json={"id": "车-1", "kind": "vehicle", **unit}, headers=admin)
    assert (car.status_code, car.json()["on_duty"]) == (201, True)
    person = client.post(UNITS, json={"id": "P-1", "kind": "person", **unit}, headers=admin)
    assert (person.status_code, person.json()["field"]) == (422, "always_on_duty")
    off = client.patch(f"{UNITS}/车-1", json={"always_on_duty": False}, headers=admin)
    assert off.json()["always_on_duty"] is False


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"id": ""}, 422, "id"),
        ({"id": "x" * 101}, 422, "id"),
        ({"id": "GW\n1"}, 422, "id"),
        ({"id": "GW/1"}, 422, "id"),
        ({"id": "GW,1"}, 422, "id"),
        ({"id": "TAKEN"}, 409, "id"),
        ({"kind": "horse"}, 422, "kind"),
        ({"role": "analyst"}, 422, "role"),
        ({"staff": 404}, 422, "staff"),
        ({"grid": "404"}, 422, "grid"),
    ],
    ids=str,
)
def test_what_cannot_be_a_unit_is_explained(
    client: TestClient,
    admin: Headers,
    town: None,
    change: dict[str, Any],
    status: int,
    field: str,
) -> None:
    unit = {"id": "TAKEN", "kind": "person", "name": "王", "role": "grid_worker"}
    client.post(UNITS, json=unit, headers=admin)
    answer = client.post(UNITS, json={**unit, "id": "NEW", **change}, headers=admin)
    assert (answer.status_code, answer.json()["field"]) == (status, field)


def test_a_home_that_the_edition_lost_may_stay_while_the_rest_changes(
    client: TestClient, admin: Headers, request: pytest.FixtureRequest
) -> None:
    unit = {"id": "GW-1", "kind": "person", "name": "王", "role": "grid_worker", "grid": "old"}
    assert client.post(UNITS, json=unit, headers=admin).status_code == 201
    request.getfixturevalue("town")
    changed = client.patch(f"{UNITS}/GW-1", json={"name": "王小明", "grid": "old"}, headers=admin)
    assert (changed.status_code, changed.json()["name"]) == (200, "王小明")
    assert client.patch(f"{UNITS}/nobody", json={}, headers=admin).status_code == 404
