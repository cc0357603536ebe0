"""Grid editions over HTTP: copied, changed, compared, put in force."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text
from starlette.testclient import TestClient

from data.database import Database
from data.editions import activate, draft_edition
from data.schema import cameras, facilities, posts, staff
from tests.api.conftest import SignIn
from tests.divisions import SOUTH, WEST, squares

URL = "/api/v1/editions"
SW, NW, NEW = "32072210120300101", "32072210120300102", "32072210120300103"
SPLIT = {
    "kind": "split",
    "grid": SW,
    "line": {
        "type": "LineString",
        "coordinates": [[WEST + 0.004, SOUTH], [WEST + 0.004, SOUTH + 0.01]],
    },
}
IN_THE_WEST_OF_IT = {"lon": WEST + 0.002, "lat": SOUTH + 0.005}


@pytest.fixture
def admin(client: TestClient, database: Database, sign_in: SignIn) -> TestClient:
    """Signed in, with four squares in force."""
    with database.begin() as conn:
        edition = draft_edition(conn, squares(), name="2026").edition
        activate(conn, edition.id, at=datetime.now(UTC) - timedelta(days=1))
    client.headers.update(sign_in("admin"))
    return client


def made(admin: TestClient, path: str, **body: Any) -> Any:
    answer = admin.post(f"{URL}{path}", json=body)
    assert answer.is_success, answer.text
    return answer.json()


@pytest.fixture
def draft(admin: TestClient) -> int:
    return int(made(admin, "/copies", name="2027")["id"])


def test_a_copy_is_a_draft_beside_the_edition_in_force(admin: TestClient, draft: int) -> None:
    items = admin.get(URL).json()["items"]
    assert [(each["name"], each["state"]) for each in items] == [
        ("2027", "draft"),
        ("2026", "active"),
    ]
    assert admin.get(f"{URL}/{draft}").json()["version"] == 0


def test_a_change_answers_with_what_the_map_has_to_draw_anew(admin: TestClient, draft: int) -> None:
    answer = made(admin, f"/{draft}/changes", **SPLIT, names=["新组"])
    assert answer["edition"]["version"] == 1
    assert answer["gone"] == []
    changed = {each["id"]: each["properties"] for each in answer["grids"]["features"]}
    assert changed[NEW]["name"] == "新组"
    assert changed[NEW]["parent"] == "320722101203001"
    assert answer["findings"] == []
    drawn = admin.get(f"{URL}/{draft}/grids", params={"level": 2}).json()["features"]
    assert len(drawn) == 5


def test_what_was_done_is_listed_taken_back_and_done_again(admin: TestClient, draft: int) -> None:
    made(admin, f"/{draft}/changes", **SPLIT)
    [change] = admin.get(f"{URL}/{draft}/changes").json()["items"]
    assert (change["number"], change["kind"], change["state"]) == (1, "split", "done")
    assert change["arguments"]["keeps"] == "larger"
    assert made(admin, f"/{draft}/undo")["gone"] == [NEW]
    assert made(admin, f"/{draft}/redo", version=2)["edition"]["version"] == 3
    refused = admin.post(f"{URL}/{draft}/undo", json={"steps": 2})
    assert (refused.status_code, refused.json()["code"]) == (409, "no_such_step")


def test_who_has_not_seen_the_last_change_is_told_the_present_number(
    admin: TestClient, draft: int
) -> None:
    made(admin, f"/{draft}/changes", **SPLIT, version=0)
    late = {"kind": "rename", "grid": NW, "name": "北组", "version": 0}
    refused = admin.post(f"{URL}/{draft}/changes", json=late)
    assert refused.status_code == 409
    assert (refused.json()["code"], refused.json()["version"]) == ("edition_changed", 1)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**SPLIT, "line": {"type": "LineString", "coordinates": [[1, 1], [2, 2]]}}, "line"),
        ({"kind": "merge", "grids": [SW, "32072210120300201"]}, "parent"),
        ({"kind": "rename", "grid": SW, "code": NW}, "code"),
    ],
)
def test_a_refusal_names_the_field(
    admin: TestClient, draft: int, body: dict[str, Any], field: str
) -> None:
    refused = admin.post(f"{URL}/{draft}/changes", json=body)
    assert refused.status_code == 422
    assert field in refused.text
    assert admin.get(f"{URL}/{draft}").json()["version"] == 0


def test_a_draft_is_thrown_away_and_an_edition_in_force_is_not(
    admin: TestClient, draft: int
) -> None:
    assert admin.delete(f"{URL}/{draft}").status_code == 204
    assert admin.get(f"{URL}/{draft}").status_code == 404
    [active] = admin.get(URL).json()["items"]
    assert admin.delete(f"{URL}/{active['id']}").status_code == 409


def test_a_comparison_says_what_moves_and_whom_and_what_it_concerns(
    admin: TestClient, draft: int, database: Database
) -> None:
    place = f"SRID=4326;POINT({IN_THE_WEST_OF_IT['lon']} {IN_THE_WEST_OF_IT['lat']})"
    with database.begin() as conn:
        worker = conn.scalar(insert(staff).values(name="王").returning(staff.c.id))
        conn.execute(
            insert(posts).values(
                staff_id=worker,
                role="grid_worker",
                grid_code=SW,
                valid_from=datetime(2026, 1, 1, tzinfo=UTC),
            )
        )
        sight = {"network": "police", "kind": "dome", "bearing_deg": 0, "fov_deg": 90, "range_m": 9}
        conn.execute(insert(cameras).values(code="1", name="桥头", geom=place, **sight))
        conn.execute(insert(facilities).values(code="1", name="井盖", kind="lid", geom=place))
    case = admin.post("/api/v1/cases", json={**IN_THE_WEST_OF_IT, "description": "垃圾"}).json()
    made(admin, f"/{draft}/changes", **SPLIT)
    answer = admin.get(f"{URL}/{draft}/comparison").json()
    assert (answer["from"]["name"], answer["to"]["id"]) == ("2026", draft)
    assert answer["relations"][SW] == answer["relations"][NEW] == "split"
    assert answer["relations"][NW] == "kept"
    assert answer["counts"]["split"] == 2
    [moved] = answer["moved"]["features"]
    assert (moved["properties"]["from"], moved["properties"]["to"]) == (SW, NEW)
    assert moved["properties"]["area_m2"] == pytest.approx(407_000, rel=0.01)
    [member] = answer["staff"]
    assert (member["name"], member["grid"], member["relation"]) == ("王", SW, "split")
    assert answer["cases"] == [{"id": case["id"], "name": case["number"], "from": SW, "to": NEW}]
    assert [each["name"] for each in answer["cameras"]] == ["桥头"]
    assert [each["name"] for each in answer["facilities"]] == ["井盖"]


def test_activation_moves_the_open_cases_and_leaves_the_lineage(
    admin: TestClient, draft: int
) -> None:
    case = admin.post("/api/v1/cases", json={**IN_THE_WEST_OF_IT, "description": "垃圾"}).json()
    made(admin, f"/{draft}/changes", **SPLIT)
    answer = made(admin, f"/{draft}/activation", version=1)
    assert (answer["edition"]["state"], answer["cases"], answer["moved"]) == ("active", 1, 1)
    after = admin.get(f"/api/v1/cases/{case['id']}").json()
    assert after["events"][-1]["action"] == "reattribute"
    lineage = admin.get(f"/api/v1/grids/{NEW}/lineage").json()["items"]
    assert [(each["from"], each["to"], each["relation"]) for each in lineage] == [
        (SW, NEW, "split")
    ]
    assert lineage[0]["share_of_from"] == pytest.approx(0.4, abs=1e-3)
    yesterday = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assert admin.get(f"/api/v1/grids/{NEW}", params={"at": yesterday}).status_code == 404
    assert admin.get(f"/api/v1/grids/{NEW}").status_code == 200


def test_an_activation_to_come_is_scheduled_holds_changes_off_and_can_be_cancelled(
    admin: TestClient, draft: int
) -> None:
    made(admin, f"/{draft}/changes", **SPLIT)
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    answer = made(admin, f"/{draft}/activation", at=later)
    assert (answer["edition"]["state"], answer["cases"]) == ("draft", None)
    assert answer["edition"]["due_at"]
    refused = admin.post(f"{URL}/{draft}/undo", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "scheduled")
    assert admin.delete(f"{URL}/{draft}/activation").json()["due_at"] is None
    assert made(admin, f"/{draft}/undo")["gone"] == [NEW]
    assert admin.delete(f"{URL}/{draft}/activation").status_code == 409


def test_a_stale_draft_takes_back_what_came_into_force_only_when_that_is_named(
    admin: TestClient, draft: int
) -> None:
    other = made(admin, "/copies", name="划分")
    assert other["base"] == admin.get(f"{URL}/{draft}").json()["base"]
    made(admin, f"/{other['id']}/changes", **SPLIT)
    made(admin, f"/{other['id']}/activation")
    made(admin, f"/{draft}/changes", kind="rename", grid=NW, name="北组")
    between = [{"id": other["id"], "name": "划分"}]
    assert admin.get(f"{URL}/{draft}/comparison").json()["came_between"] == between
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for body in ({}, {"at": later}, {"replaces": draft}):
        refused = admin.post(f"{URL}/{draft}/activation", json=body)
        assert refused.status_code == 409
        assert refused.json()["code"] == "base_changed"
        assert refused.json()["came_between"] == between
        assert refused.json()["replaces"] == other["id"]
    assert admin.get(f"/api/v1/grids/{NEW}").status_code == 200
    made(admin, f"/{draft}/activation", replaces=other["id"])
    assert admin.get(f"/api/v1/grids/{NEW}").status_code == 404


def test_posts_owners_and_places_of_a_time_to_come_go_by_the_edition_that_is_set_to_be(
    admin: TestClient, draft: int
) -> None:
    made(admin, f"/{draft}/changes", **SPLIT)
    begins = datetime.now(UTC) + timedelta(days=9)
    then = begins.isoformat()
    made(admin, f"/{draft}/activation", at=then)
    person = admin.post("/api/v1/staff", json={"name": "王"}).json()["id"]

    def appoint(grid: str, begin: datetime | None) -> tuple[int, Any]:
        body = {"role": "grid_worker", "grid": grid}
        if begin is not None:
            body["from"] = begin.isoformat()
        answer = admin.post(f"/api/v1/staff/{person}/posts", json=body)
        return answer.status_code, answer.json().get("code")

    for too_early in (None, begins - timedelta(seconds=1)):
        assert appoint(NEW, too_early) == (422, "no_such_grid")
    assert appoint(NEW, begins) == (201, None)
    assert appoint(NW, begins) == (201, None)

    def held(at: str | None) -> dict[str, str]:
        query = {} if at is None else {"at": at}
        items = admin.get("/api/v1/grids/owners", params=query).json()["items"]
        return {item["grid"]["code"]: item["staffing"] for item in items}

    assert NEW not in held(None)
    assert held(then)[NEW] == "held"
    assert held(then)[SW] == "vacant"
    assert admin.get(f"/api/v1/grids/{NEW}", params={"at": then}).status_code == 200

    def located(at: str | None) -> list[str]:
        one = admin.get(
            "/api/v1/grids/locate", params={**IN_THE_WEST_OF_IT, **({"at": at} if at else {})}
        ).json()
        many = admin.post(
            "/api/v1/grids/locate", json={"points": [IN_THE_WEST_OF_IT], "at": at}
        ).json()["items"]
        return [each["grid"]["code"] for each in (one, *many)]

    assert located(None) == [SW, SW]
    assert located(then) == [NEW, NEW]
    # What is set for then may yet become another.
    admin.delete(f"{URL}/{draft}/activation")
    assert NEW not in held(then)
    made(admin, f"/{draft}/undo")
    made(admin, f"/{draft}/changes", kind="rename", grid=NW, name="北组")
    made(admin, f"/{draft}/activation", at=then)
    assert NEW not in held(then)
    assert located(then) == [SW, SW]


def test_an_instant_that_is_past_is_refused(admin: TestClient, draft: int) -> None:
    refused = admin.post(f"{URL}/{draft}/activation", json={"at": "2026-01-01T00:00:00Z"})
    assert (refused.status_code, refused.json()["field"]) == (422, "at")


def test_findings_have_to_be_accepted_with_a_reason_also_for_later(
    admin: TestClient, database: Database
) -> None:
    with database.begin() as conn:
        spoilt = draft_edition(conn, squares()[:-1], name="one missing").edition.id
    assert len(admin.get(f"{URL}/{spoilt}/findings").json()["features"]) == 1
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    for body in ({}, {"at": later}):
        refused = admin.post(f"{URL}/{spoilt}/activation", json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "findings")
    made(admin, f"/{spoilt}/activation", at=later, accept_reason="补测")
    with database.begin() as conn:
        actions = list(conn.scalars(text("SELECT action FROM audit_events ORDER BY id")))
    assert actions[-1] == "edition.schedule"
