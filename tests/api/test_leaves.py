"""Leave over HTTP: who may write it down, what it does to a case, and what stays."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from shapely import MultiPolygon, box
from sqlalchemy import insert, select
from starlette.testclient import TestClient

from data.database import Database
from data.editions import activate, draft_edition
from data.schema import audit_events, duty_sessions, posts, staff, staff_leaves, units
from gis.grid import Grid

Headers = dict[str, str]
SignIn = Callable[..., Headers]
STAFF, CASES, LOCATE = "/api/v1/staff", "/api/v1/cases", "/api/v1/grids/locate"
IN_A1 = {"lon": 118.605, "lat": 34.505}
NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=900)


def instant(**from_now: float) -> str:
    return (NOW + timedelta(**from_now)).isoformat()


@pytest.fixture
def town(database: Database) -> dict[str, int]:
    """Grid A with A1 in it, and B. Staff by name: 李 chief of A; in A1 the worker 王 and the deputy 钱;
    赵 is a worker in B. All but 李 are on duty."""
    grids = [
        Grid(code=code, name=code, level=level, parent_code=parent, geometry=MultiPolygon([square]))
        for code, level, parent, square in (
            ("A", 1, None, box(118.60, 34.50, 118.61, 34.51)),
            ("A1", 2, "A", box(118.60, 34.50, 118.61, 34.51)),
            ("B", 1, None, box(118.61, 34.50, 118.62, 34.51)),
        )
    ]
    held = (
        ("李", "grid_chief", "A", False),
        ("王", "grid_worker", "A1", False),
        ("钱", "grid_worker", "A1", True),
        ("赵", "grid_worker", "B", False),
    )
    ids = {}
    with database.begin() as conn:
        activate(conn, draft_edition(conn, grids, name="2026").edition.id, at=LONG_AGO)
        for name, role, code, deputy in held:
            ids[name] = conn.execute(
                insert(staff).values(name=name).returning(staff.c.id)
            ).scalar_one()
            post = {"role": role, "grid_code": code, "is_deputy": deputy, "valid_from": LONG_AGO}
            conn.execute(insert(posts).values(staff_id=ids[name], **post))
            if role == "grid_worker":
                unit = {"code": f"GW-{name}", "kind": "person", "name": name, "role": role}
                unit_id = conn.execute(
                    insert(units).values(**unit, staff_id=ids[name]).returning(units.c.id)
                ).scalar_one()
                conn.execute(insert(duty_sessions).values(unit_id=unit_id, began_at=LONG_AGO))
    return ids


@pytest.fixture
def desk(sign_in: SignIn) -> Headers:
    return sign_in("dispatcher")


@pytest.fixture
def chief(sign_in: SignIn) -> Headers:
    return sign_in("grid_chief", grid_code="A")


@pytest.fixture
def leave(client: TestClient, desk: Headers, town: dict[str, int]) -> Callable[..., Any]:
    """`leave("王", to=…)`: the answer to an annual leave, written down at the desk."""

    def leave(name: str, **body: Any) -> Any:
        body = {"kind": "annual", **body}
        if "from_" in body:
            body["from"] = body.pop("from_")
        if "stand_in" in body:
            body["stand_in"] = town[body["stand_in"]]
        return client.post(f"{STAFF}/{town[name]}/leaves", json=body, headers=desk)

    return leave


def owner(client: TestClient, desk: Headers) -> tuple[str | None, str]:
    found = client.get(LOCATE, params=IN_A1, headers=desk).json()["owner"]
    return found["name"], found["reason"]


def refusal(answer: Any) -> tuple[int, str, str | None]:
    return answer.status_code, answer.json()["code"], answer.json().get("field")


def test_a_case_goes_to_who_stands_in_and_says_so(
    client: TestClient, desk: Headers, town: dict[str, int], leave: Callable[..., Any]
) -> None:
    assert owner(client, desk) == ("王", "worker_on_duty")
    entered = leave("王", to=instant(days=3), stand_in="赵")
    assert entered.status_code == 201, entered.text
    assert entered.json()["stand_in"] == {"staff": town["赵"], "name": "赵"}
    case = client.post(CASES, json={**IN_A1, "description": "路灯不亮"}, headers=desk).json()
    assert (case["state"], case["owner"]["name"]) == ("dispatched", "赵")
    assert case["owner_reason"] == "stand_in"


def test_without_a_stand_in_the_deputy_has_it(
    client: TestClient, desk: Headers, leave: Callable[..., Any]
) -> None:
    leave("王")
    assert owner(client, desk) == ("钱", "deputy_on_duty")


def test_one_that_is_to_come_changes_nothing_yet(
    client: TestClient, desk: Headers, leave: Callable[..., Any]
) -> None:
    leave("王", from_=instant(days=1), to=instant(days=2))
    assert owner(client, desk) == ("王", "worker_on_duty")


def test_who_is_on_leave_is_not_chosen_by_hand(
    client: TestClient, desk: Headers, town: dict[str, int], leave: Callable[..., Any]
) -> None:
    leave("李")
    leave("赵", to=instant(days=1))
    # In B, where nobody is left to own it.
    where = {"lon": 118.615, "lat": 34.505, "description": "路灯不亮"}
    case = client.post(CASES, json=where, headers=desk).json()
    assert (case["state"], case["owner_reason"]) == ("filed", "dispatch_queue")
    order = {"action": "dispatch", "staff": town["赵"]}
    acting = client.post(f"{CASES}/{case['id']}/actions", json=order, headers=desk)
    assert refusal(acting) == (422, "on_leave", "staff")


def test_ended_early_they_own_again_and_it_stays_on_the_record(
    client: TestClient,
    desk: Headers,
    town: dict[str, int],
    leave: Callable[..., Any],
    database: Database,
) -> None:
    made = leave("王", from_=instant(days=-2), to=instant(days=9), note="探亲").json()
    path = f"{STAFF}/{town['王']}/leaves"
    ended = client.patch(f"{path}/{made['id']}", json={"to": instant(minutes=-1)}, headers=desk)
    assert ended.status_code == 200, ended.text
    assert owner(client, desk) == ("王", "worker_on_duty")
    [item] = client.get(path, headers=desk).json()["items"]
    assert (item["id"], item["note"], item["cancelled_at"]) == (made["id"], "探亲", None)
    assert datetime.fromisoformat(item["to"]) == NOW - timedelta(minutes=1)
    again = client.patch(f"{path}/{made['id']}", json={"to": instant(days=1)}, headers=desk)
    assert refusal(again)[:2] == (409, "leave_ended")
    with database.begin() as conn:
        recorded = conn.scalars(
            select(audit_events.c.action).where(
                audit_events.c.subject == f"staff {town['王']}", audit_events.c.action != "read"
            )
        ).all()
    assert [action for action in recorded if action.startswith("leave.")] == [
        "leave.enter",
        "leave.end",
    ]


def test_cancelled_before_it_begins_it_never_was_but_is_told(
    client: TestClient, desk: Headers, town: dict[str, int], leave: Callable[..., Any]
) -> None:
    path = f"{STAFF}/{town['王']}/leaves"
    times = {"from_": instant(days=1), "to": instant(days=2)}
    made = leave("王", **times).json()
    cancelled = client.post(f"{path}/{made['id']}/cancel", headers=desk)
    assert cancelled.status_code == 200, cancelled.text
    assert leave("王", **times).status_code == 201
    items = client.get(path, headers=desk).json()["items"]
    assert sorted(item["cancelled_at"] is None for item in items) == [False, True]


def test_one_that_has_begun_is_ended_and_not_cancelled(
    client: TestClient, desk: Headers, town: dict[str, int], leave: Callable[..., Any]
) -> None:
    made = leave("王").json()
    path = f"{STAFF}/{town['王']}/leaves/{made['id']}"
    assert refusal(client.post(f"{path}/cancel", headers=desk))[:2] == (409, "leave_begun")
    early = client.patch(path, json={"to": instant(days=-1)}, headers=desk)
    assert refusal(early) == (422, "invalid_input", "to")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"from_": instant(days=2), "to": instant(days=1)}, (422, "invalid_input", "to")),
        ({"stand_in": "王"}, (422, "invalid_input", "stand_in")),
        ({"kind": "holiday"}, (422, "invalid_input", "kind")),
        ({"from_": instant(days=6)}, (409, "leave_overlaps", None)),
        ({"to": instant(days=6), "stand_in": "钱"}, (409, "leave_overlaps", None)),
        ({"to": instant(days=4), "stand_in": "赵"}, (409, "stand_in_on_leave", None)),
        ({"to": instant(days=4), "note": "\x00"}, (422, "invalid_input", "note")),
    ],
)
def test_leave_that_cannot_be_is_explained(
    leave: Callable[..., Any], body: dict[str, Any], expected: tuple[int, str, str | None]
) -> None:
    leave("王", from_=instant(days=5), to=instant(days=7))
    leave("赵", from_=instant(days=3), to=instant(days=4))
    assert refusal(leave("王", **body)) == expected


def test_one_leave_may_begin_when_another_ends(leave: Callable[..., Any]) -> None:
    assert leave("王", from_=instant(days=5), to=instant(days=7)).status_code == 201
    assert leave("王", from_=instant(days=7), to=instant(days=8)).status_code == 201


def test_a_chief_writes_it_down_for_the_staff_of_their_grids_only(
    client: TestClient, chief: Headers, town: dict[str, int], database: Database
) -> None:
    body = {"kind": "sick", "stand_in": town["钱"]}
    made = client.post(f"{STAFF}/{town['王']}/leaves", json=body, headers=chief)
    assert made.status_code == 201, made.text
    listed = client.get(f"{STAFF}/{town['王']}/leaves", headers=chief).json()["items"]
    assert [item["kind"] for item in listed] == ["sick"]
    theirs = f"{STAFF}/{town['赵']}/leaves"
    assert refusal(client.get(theirs, headers=chief))[0] == 404
    assert refusal(client.post(theirs, json={"kind": "sick"}, headers=chief))[0] == 404
    body = {"kind": "sick", "stand_in": town["赵"]}
    stranger = client.post(f"{STAFF}/{town['李']}/leaves", json=body, headers=chief)
    assert (stranger.status_code, stranger.json()["field"]) == (422, "stand_in")
    with database.begin() as conn:
        assert conn.scalars(select(staff_leaves.c.staff_id)).all() == [town["王"]]


def test_the_staff_of_a_grid_say_who_is_on_leave(
    client: TestClient, desk: Headers, leave: Callable[..., Any]
) -> None:
    leave("王")
    members = client.get("/api/v1/grids/A1/staff", headers=desk).json()["items"]
    assert {each["name"]: each["on_leave"] for each in members} == {"王": True, "钱": False}
