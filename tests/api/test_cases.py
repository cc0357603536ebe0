"""Cases over HTTP, in a town of one level-1 grid "A" that has one level-2 grid "A1"."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from api.routes.cases import NewCase
from data.database import Database
from data.schema import duty_sessions, grid_editions, grids, positions, posts, staff, units
from gis.crs import Crs, from_wgs84
from tests.photos import sent_photo

Client = Any  # starlette.testclient.TestClient
SignIn = Callable[..., dict[str, str]]

CASES = "/api/v1/cases"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
LON, LAT = 118.605, 34.505
REPORT = {"lon": LON, "lat": LAT, "description": "路口堆放垃圾"}
SQUARE = "118.60 34.50, 118.61 34.50, 118.61 34.51, 118.60 34.51, 118.60 34.50"


def add(conn: Connection, table: Any, **values: Any) -> int:
    return int(conn.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())


@pytest.fixture
def worker_id(database: Database) -> int:
    """Staff 王, the grid worker of A1, on duty as GW-001 and just seen there."""
    with database.begin() as conn:
        edition_id = add(conn, grid_editions, name="2026", state="active", content_hash="made up")
        for code, level, parent in (("A", 1, None), ("A1", 2, "A")):
            values = {"name": f"{code}网格", "level": level, "parent_code": parent, "area_m2": 1.0}
            geom = f"SRID=4326;MULTIPOLYGON((({SQUARE})))"
            add(conn, grids, edition_id=edition_id, code=code, geom=geom, **values)
        staff_id = add(conn, staff, name="王")
        add(conn, posts, staff_id=staff_id, role="grid_worker", grid_code="A1", valid_from=LONG_AGO)
        unit = {"kind": "person", "name": "王", "role": "grid_worker", "grid_code": "A1"}
        unit_id = add(conn, units, code="GW-001", staff_id=staff_id, **unit)
        add(conn, duty_sessions, unit_id=unit_id, began_at=LONG_AGO)
        now = datetime.now(UTC)
        seen = {"lon": LON, "lat": LAT + 0.001, "at": now, "moved_at": now, "accuracy_m": 8.0}
        conn.execute(insert(positions).values(unit_id=unit_id, seq=1, **seen))
        return staff_id


@pytest.fixture
def desk(sign_in: SignIn) -> dict[str, str]:
    return sign_in("dispatcher")


def problem(response: Any) -> tuple[int, str, str | None]:
    body = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert body["status"] == response.status_code
    return response.status_code, body["code"], body.get("field")


def test_a_position_and_a_description_make_a_case_that_is_on_its_way(
    client: Client, desk: dict[str, str], worker_id: int
) -> None:
    response = client.post(CASES, json=REPORT, headers=desk)
    assert response.status_code == 201
    case = response.json()
    reported_at = datetime.fromisoformat(case["reported_at"])
    assert case == {
        "id": case["id"],
        "number": case["number"],
        "state": "dispatched",
        "source": "hotline",
        "external_number": None,
        "external_category": None,
        "external_due_at": None,
        "category": "other",
        "description": "路口堆放垃圾",
        "urgent": False,
        "lon": LON,
        "lat": LAT,
        "reported_at": case["reported_at"],
        "dispatched_at": case["reported_at"],
        "due_at": (reported_at + timedelta(hours=120)).isoformat().replace("+00:00", "Z"),
        "provisional": False,
        "closed_at": None,
        "grid": {"code": "A1", "name": "A1网格", "level": 2},
        "parent": {"code": "A", "name": "A网格", "level": 1},
        "on_boundary": False,
        "snapped": False,
        "owner": {"staff": worker_id, "name": "王", "role": "grid_worker"},
        "owner_reason": "worker_on_duty",
        "department": None,
        "tier": "grid",
        "cycle": 1,
        "rework": 0,
        "returns": 0,
        "extensions": 0,
        "urged": 0,
        "reports": 1,
        "merged_into": None,
        "request": None,
        "restated": None,
        "hold_until": None,
        "supervised_at": None,
        "rating": None,
        "exempt": False,
        "fields": {},
        "answers": [],
        "version": 3,
        "actions": ["accept", "return", "urge", "supervise", "comment", "correct", "merge"],
    }


def test_a_position_may_be_in_another_coordinate_system(
    client: Client, desk: dict[str, str], worker_id: int
) -> None:
    lon, lat = from_wgs84(LON, LAT, Crs.GCJ02)
    body = {**REPORT, "lon": lon, "lat": lat, "crs": "gcj02"}
    case = client.post(CASES, json=body, headers=desk).json()
    assert (case["lon"], case["lat"]) == pytest.approx((LON, LAT), abs=1e-7)


def test_a_case_goes_its_way_from_hand_to_hand(
    client: Client, desk: dict[str, str], sign_in: SignIn, worker_id: int
) -> None:
    worker = sign_in("grid_worker", staff_id=worker_id)
    inspector = sign_in("inspector", grid_code="A")
    created = client.post(CASES, json={**REPORT, "category": "safety.fire"}, headers=worker).json()
    assert (created["source"], created["urgent"]) == ("patrol", True)
    actions = f"{CASES}/{created['id']}/actions"
    ways_on = {"handle", "check", "rework", "close", "reopen"}
    for headers, body, state, next_of_desk in [
        (worker, {"action": "accept"}, "in_progress", ["handle"]),
        (worker, {"action": "handle", "note": "已清理"}, "post_check", ["check", "rework"]),
        (inspector, {"action": "rework", "note": "还有"}, "in_progress", ["handle"]),
        (worker, {"action": "handle", "note": "清完了"}, "post_check", ["check", "rework"]),
        (inspector, {"action": "check"}, "callback", ["close", "reopen"]),
        (desk, {"action": "close"}, "closed", ["reopen"]),
    ]:
        shown = {"photos": [sent_photo(client, headers)]} if body["action"] == "handle" else {}
        response = client.post(actions, json={**body, **shown}, headers=headers)
        assert (response.status_code, response.json()["state"]) == (200, state)
        seen = client.get(f"{CASES}/{created['id']}", headers=desk).json()
        assert (seen["state"], [a for a in seen["actions"] if a in ways_on]) == (
            state,
            next_of_desk,
        )
    assert (seen["rework"], seen["closed_at"] is not None) == (1, True)
    assert [event["action"] for event in seen["events"]] == [
        *("report", "file", "dispatch", "accept", "handle", "rework", "handle", "check", "close")
    ]
    assert seen["events"][4] == {
        "seq": 5,
        "action": "handle",
        "at": seen["events"][4]["at"],
        "actor": "王",
        "from_state": "in_progress",
        "to_state": "post_check",
        "note": "已清理",
        "details": {},
    }
    assert seen["nearest"] == []  # nobody need hurry to a closed case


def test_an_open_case_shows_the_units_near_it_to_whoever_may_see_positions(
    client: Client, desk: dict[str, str], sign_in: SignIn, worker_id: int
) -> None:
    case_id = client.post(CASES, json=REPORT, headers=desk).json()["id"]
    [near] = client.get(f"{CASES}/{case_id}", headers=desk).json()["nearest"]
    assert (near["unit"], near["name"], near["role"], near["accuracy_m"]) == (
        *("GW-001", "王", "grid_worker"),
        8.0,
    )
    assert near["distance_m"] == pytest.approx(111, abs=1)
    assert 0 <= near["age_s"] < 60
    worker = sign_in("grid_worker", staff_id=worker_id)
    assert client.get(f"{CASES}/{case_id}", headers=worker).json()["nearest"] == []


def test_an_action_that_comes_too_late_is_told_the_state(
    client: Client, desk: dict[str, str], worker_id: int
) -> None:
    case_id = client.post(CASES, json=REPORT, headers=desk).json()["id"]
    accept = {"action": "accept"}
    assert client.post(f"{CASES}/{case_id}/actions", json=accept, headers=desk).status_code == 200
    refused = client.post(f"{CASES}/{case_id}/actions", json=accept, headers=desk)
    assert problem(refused) == (409, "action_not_allowed", None)
    assert refused.json()["state"] == "in_progress"
    assert "What you can do now: escalate, " in refused.json()["detail"]


def test_an_action_of_somebody_else_is_refused(
    client: Client, desk: dict[str, str], sign_in: SignIn, worker_id: int
) -> None:
    case_id = client.post(CASES, json=REPORT, headers=desk).json()["id"]
    liaison = sign_in("liaison", grid_code="A1")
    refused = client.post(f"{CASES}/{case_id}/actions", json={"action": "accept"}, headers=liaison)
    assert problem(refused) == (403, "not_yours_to_do", None)


def test_the_same_key_gives_the_same_case(
    client: Client, desk: dict[str, str], worker_id: int
) -> None:
    headers = {**desk, "Idempotency-Key": "phone-7-report-1"}
    first, again = (client.post(CASES, json=REPORT, headers=headers) for _ in range(2))
    assert again.is_success
    assert again.json() == first.json()


NOT_THE_SAME = {
    "lon": LON + 0.001,
    "lat": LAT + 0.001,
    "description": "别的事",
    "category": "facility.lamp",
    "urgent": True,
    "fields": {"plate": "苏G12345"},
    "crs": "gcj02",
    "source": "patrol",
    "reporter": "李先生",
    "phone": "13912345678",
    "joins": "AH20261122-0001",
    "external_number": "20261127-08123",
    "external_category": "市容",
    "external_due_at": "2026-12-24T08:00:00Z",
    "handled": "已清理",
    "photos": [],
    "photos_after": ["6f8b2f0e-5a0a-4b5e-9f39-2f4f9d0f8a11"],
}


def test_the_same_key_with_anything_else_is_refused_and_changes_nothing(
    client: Client, desk: dict[str, str], worker_id: int
) -> None:
    assert set(NOT_THE_SAME) == set(NewCase.model_fields)
    call = {
        **REPORT,
        **{"source": "hotline", "reporter": "王女士", "phone": "13812345678"},
        **{
            "external_number": "1",
            "external_category": "垃圾",
            "photos": [sent_photo(client, desk)],
        },
    }
    on_the_spot = {
        **{**call, "external_number": "2", "photos": [sent_photo(client, desk)]},
        **{"handled": "已劝离", "photos_after": [sent_photo(client, desk)]},
    }
    for body in (call, on_the_spot):
        headers = {**desk, "Idempotency-Key": body["external_number"]}
        first = client.post(CASES, json=body, headers=headers)
        assert first.status_code == 201, first.text
        url = f"{CASES}/{first.json()['id']}"
        before = client.get(url, headers=desk).json()
        # One is joined or handled at once, and photos of afterwards are of what was handled.
        left_out = {"photos_after"} if body is call else {"joins"}
        for field in set(NOT_THE_SAME) - left_out:
            other = client.post(CASES, json={**body, field: NOT_THE_SAME[field]}, headers=headers)
            assert problem(other) == (422, "idempotency_key_reused", "Idempotency-Key"), field
        after = client.get(url, headers=desk).json()
        assert {**after, "nearest": []} == {**before, "nearest": []}
        assert client.post(CASES, json=body, headers=headers).json() == first.json()
    assert len(client.get(CASES, headers=desk).json()["items"]) == 2


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"lon": 181.0}, "lon", "between -180 and 180"),
        ({"lat": -90.5}, "lat", "between -90 and 90"),
        ({"lon": 34.5, "lat": 118.6}, "lat", "look swapped"),
        ({"lon": 34.5, "lat": 80.0}, "lat", "look swapped"),
        ({"lat": None}, "lat", "number"),
        ({"lon": "east"}, "lon", "number"),
        ({"description": " \n"}, "description", "empty"),
        ({"description": "格" * 2001}, "description", "2,000 are allowed"),
        ({"description": "a\u0000b"}, "description", "control character"),
        ({"description": 7}, "description", "string"),
        ({"category": "garbage"}, "category", "environment.garbage"),
        ({"source": "rumour"}, "source", "citizen"),
        ({"crs": "epsg:4326"}, "crs", "gcj02"),
        ({"reporter": "张" * 201}, "reporter", "200 are allowed"),
        ({"phone": "85801234"}, "phone", "0518-85801234"),
        ({"phone": "1" * 41}, "phone", "40 characters"),
        ({"joins": "AH20261122-0001"}, "joins", "within 50 m and 24 hours"),
        ({"joins": "AH20261122-0001", "handled": "已清理"}, "joins", "handled at once"),
    ],
)
def test_a_report_that_cannot_be_used_is_told_what_is_wrong(
    client: Client, desk: dict[str, str], change: dict[str, Any], field: str, says: str
) -> None:
    response = client.post(CASES, json={**REPORT, **change}, headers=desk)
    assert (response.status_code, problem(response)[2]) == (422, field)
    assert says in response.json()["detail"]


@pytest.mark.parametrize("missing", ["lon", "lat", "description"])
def test_a_report_without_a_position_or_a_description_is_told_so(
    client: Client, desk: dict[str, str], missing: str
) -> None:
    body = {name: value for name, value in REPORT.items() if name != missing}
    response = client.post(CASES, json=body, headers=desk)
    assert (response.status_code, problem(response)[2]) == (422, missing)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=finished", "state"),
        ("category=garbage", "category"),
        ("grid=Z", "grid"),
        ("bbox=1,2,3", "bbox"),
        ("owner=me", "owner"),
        ("open=perhaps", "open"),
        ("limit=0", "limit"),
        ("cursor=", "cursor"),
        ("cursor=bm9uc2Vuc2U=", "cursor"),
        ("cursor=é", "cursor"),
        # "2026-11-22T00:00:00 1", without a zone
        ("cursor=MjAyNi0xMS0yMlQwMDowMDowMCAx", "cursor"),
    ],
)
def test_a_filter_that_cannot_be_used_is_named(
    client: Client, desk: dict[str, str], query: str, field: str
) -> None:
    response = client.get(f"{CASES}?{query}", headers=desk)
    assert response.status_code == 422
    assert field in (problem(response)[2] or "")


def test_a_text_that_is_no_unicode_is_refused(client: Client, desk: dict[str, str]) -> None:
    body = b'{"lon": 118.605, "lat": 34.505, "description": "\\ud800"}'
    headers = {**desk, "Content-Type": "application/json"}
    assert problem(client.post(CASES, content=body, headers=headers))[::2] == (422, "description")


@pytest.mark.usefixtures("worker_id")
@pytest.mark.parametrize(("lon", "lat"), [(0, 0), (34.505, 118.605 - 90), (118.5, 34.505)])
def test_a_place_that_is_far_from_all_grids_is_refused(
    client: Client, desk: dict[str, str], lon: float, lat: float
) -> None:
    answer = client.post(CASES, json={**REPORT, "lon": lon, "lat": lat}, headers=desk)
    assert (answer.status_code, answer.json()["code"]) == (422, "too_far_away")
    assert client.get(CASES, headers=desk).json()["items"] == []


def test_the_list_is_paged_and_filtered(
    client: Client, desk: dict[str, str], sign_in: SignIn, worker_id: int
) -> None:
    found_there = {**REPORT, "source": "patrol"}
    ids = [client.post(CASES, json=found_there, headers=desk).json()["id"] for _ in range(5)]
    outside = {**REPORT, "lon": 118.58, "category": "order.parking"}
    ids.append(client.post(CASES, json=outside, headers=desk).json()["id"])

    pages, cursor = [], ""
    while cursor is not None:
        page = client.get(f"{CASES}?limit=4{cursor and '&cursor='}{cursor}", headers=desk).json()
        pages.append([case["id"] for case in page["items"]])
        cursor = page["next"]
    assert pages == [ids[:1:-1], ids[1::-1]]

    def found(query: str, headers: dict[str, str] = desk) -> list[int]:
        return sorted(
            case["id"] for case in client.get(f"{CASES}?{query}", headers=headers).json()["items"]
        )

    assert found("state=filed") == found("category=order.parking") == ids[5:]
    assert found("state=filed&state=dispatched") == found("open=true") == ids
    assert found("open=false") == []
    assert found("grid=A") == found("bbox=118.6,34.5,118.61,34.51") == ids[:5]
    assert found(f"owner={worker_id}") == ids[:5]
    assert found("owner=me", sign_in("grid_worker", staff_id=worker_id)) == ids[:5]


def test_a_case_that_is_not_there_or_not_ones_own_is_not_found(
    client: Client, desk: dict[str, str], sign_in: SignIn, worker_id: int
) -> None:
    case_id = client.post(CASES, json=REPORT, headers=desk).json()["id"]
    stranger = sign_in("grid_worker", grid_code="B1")
    for headers, hidden in ((desk, 10**9), (stranger, case_id)):
        assert problem(client.get(f"{CASES}/{hidden}", headers=headers))[:2] == (404, "not_found")
        accept = client.post(
            f"{CASES}/{hidden}/actions", json={"action": "accept"}, headers=headers
        )
        assert problem(accept)[:2] == (404, "not_found")
    assert client.get(CASES, headers=stranger).json() == {"items": [], "next": None}
    for odd in ("0", "x", str(2**63)):
        assert client.get(f"{CASES}/{odd}", headers=desk).status_code == 422


@pytest.mark.parametrize(
    ("role", "lists", "reports"),
    [("analyst", 200, 403), ("gateway", 403, 403), ("patroller", 200, 201), ("admin", 200, 201)],
)
def test_roles_decide_who_reads_and_who_reports(
    client: Client, sign_in: SignIn, role: str, lists: int, reports: int
) -> None:
    headers = sign_in(role)
    assert client.get(CASES, headers=headers).status_code == lists
    assert client.post(CASES, json=REPORT, headers=headers).status_code == reports
    assert client.get(CASES).status_code == client.post(CASES, json=REPORT).status_code == 401


def test_reports_of_the_same_are_shown_before_one_more_is_sent(
    client: Client, desk: dict[str, str], worker_id: int
) -> None:
    first = client.post(CASES, json={**REPORT, "category": "facility.lamp"}, headers=desk).json()
    near = {"lon": LON + 0.0003, "lat": LAT, "category": "facility.lamp"}  # 28 m
    found = client.get(f"{CASES}/duplicates", params=near, headers=desk).json()["items"]
    assert [(one["number"], round(one["distance_m"])) for one in found] == [(first["number"], 28)]
    for other in ({**near, "lon": LON + 0.0006}, {**near, "category": "other"}):
        answer = client.get(f"{CASES}/duplicates", params=other, headers=desk)
        assert answer.json() == {"items": []}
    citizens = {**REPORT, "category": "facility.lamp", "source": "citizen"}
    case_id = client.post(CASES, json=citizens, headers=desk).json()["id"]
    [same] = client.get(f"{CASES}/{case_id}", headers=desk).json()["duplicates"]
    assert same["id"] == first["id"]
    merge = {"action": "merge", "into": first["id"]}
    merged = client.post(f"{CASES}/{case_id}/actions", json=merge, headers=desk).json()
    assert (merged["state"], merged["merged_into"]) == ("merged", first["id"])


def test_a_call_about_an_open_case_is_another_report_of_that(
    client: Client, desk: dict[str, str], sign_in: SignIn, worker_id: int
) -> None:
    worker = sign_in("grid_worker", staff_id=worker_id, grid_code="A1")
    lamp = {**REPORT, "category": "facility.lamp"}
    first = client.post(CASES, json=lamp, headers=worker).json()
    call = {
        **lamp,
        **{"lon": LON + 0.0003, "description": "路灯还是不亮", "joins": first["number"].lower()},
        **{"reporter": "王女士", "phone": "+86 138 1234 5678", "external_number": "12345-7"},
    }
    headers = {**desk, "Idempotency-Key": "call-7"}
    answers = [client.post(CASES, json=call, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    joined, again = (answer.json() for answer in answers)
    assert again == joined
    assert (joined["state"], joined["merged_into"]) == ("merged", first["id"])
    assert (joined["owner"], joined["external_number"]) == (None, "12345-7")
    file = client.get(f"{CASES}/{joined['id']}", headers=desk).json()
    assert file["reporter"] == "王女士 138****5678"
    assert [event["action"] for event in file["events"]] == ["report", "merge"]
    case = client.get(f"{CASES}/{first['id']}", headers=desk).json()
    assert (case["reports"], case["tier"], case["owner"]) == (2, "town", None)  # no chief is there
    alone = client.post(CASES, json={**REPORT, "external_number": "12345-8"}, headers=desk).json()
    known = client.post(
        CASES, json={**call, "external_number": "12345-8", "source": alone["source"]}, headers=desk
    )
    assert problem(known) == (409, "ticket_known", "joins")
    assert alone["number"] in known.json()["detail"]
    plain = {name: value for name, value in call.items() if name != "joins"}
    other = client.post(CASES, json={**plain, "external_number": None}, headers=headers)
    assert problem(other) == (422, "idempotency_key_reused", "Idempotency-Key")


def test_a_case_that_is_over_is_not_joined_and_nothing_is_left(
    client: Client, desk: dict[str, str], sign_in: SignIn, worker_id: int
) -> None:
    handled = {**REPORT, "category": "dispute.neighbour", "handled": "已调解"}
    over = client.post(CASES, json=handled, headers=desk).json()
    refused = client.post(
        CASES, json={**handled, "handled": None, "joins": over["number"]}, headers=desk
    )
    assert problem(refused) == (422, "no_duplicate", "joins")
    outside = sign_in("grid_worker", grid_code="A1")
    far = {**REPORT, "lon": 118.58}
    away = client.post(CASES, json=far, headers=desk).json()
    refused = client.post(CASES, json={**far, "joins": away["number"]}, headers=outside)
    assert problem(refused) == (422, "no_duplicate", "joins")
    assert len(client.get(CASES, headers=desk).json()["items"]) == 2


def test_a_hold_is_asked_for_by_one_and_granted_by_another(
    client: Client, desk: dict[str, str], sign_in: SignIn, worker_id: int
) -> None:
    worker = sign_in("grid_worker", staff_id=worker_id)
    case_id = client.post(CASES, json=REPORT, headers=desk).json()["id"]
    actions = f"{CASES}/{case_id}/actions"
    client.post(actions, json={"action": "accept"}, headers=worker)
    until = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
    ask = {"action": "ask_hold", "note": "等材料", "until": until.isoformat()}
    asked = client.post(actions, json=ask, headers=worker).json()
    assert asked["request"]["wish"] == "hold"
    assert "grant_hold" not in asked["actions"]
    held = client.post(actions, json={"action": "grant_hold"}, headers=desk).json()
    assert held["state"] == "on_hold"
    assert datetime.fromisoformat(held["hold_until"]) == until
    refused = client.post(actions, json={"action": "handle", "note": "好"}, headers=worker)
    assert problem(refused) == (409, "action_not_allowed", None)
    missing = client.post(actions, json={"action": "resume", "rating": "neutral"}, headers=worker)
    assert problem(missing) == (422, "invalid_input", "rating")


def test_the_same_ticket_of_another_system_is_one_case(
    client: Client, desk: dict[str, str], worker_id: int
) -> None:
    ticket = {**REPORT, "source": "hotline", "external_number": "20261127-08123"}
    first = client.post(CASES, json=ticket, headers=desk).json()
    assert first["external_number"] == "20261127-08123"
    again = client.post(CASES, json=ticket, headers=desk)
    assert (again.status_code, again.json()) == (201, first)
    of_another_source = client.post(CASES, json={**ticket, "source": "camera"}, headers=desk).json()
    assert of_another_source["id"] != first["id"]
    found = client.get(CASES, params={"external_number": "20261127-08123"}, headers=desk).json()
    assert {case["id"] for case in found["items"]} == {first["id"], of_another_source["id"]}
    assert not client.get(CASES, params={"external_number": "1"}, headers=desk).json()["items"]


def test_what_a_ticket_says_later_waits_on_its_case_and_may_be_left_as_it_is(
    client: Client, desk: dict[str, str], worker_id: int
) -> None:
    ticket = {**REPORT, "source": "hotline", "external_number": "7"}
    case_id = client.post(CASES, json=ticket, headers=desk).json()["id"]
    more = {**ticket, "description": "垃圾更多了"}
    for _ in range(2):
        answer = client.post(CASES, json=more, headers=desk).json()
        assert (answer["id"], answer["description"]) == (case_id, REPORT["description"])
        assert answer["restated"]["description"] == "垃圾更多了"
    left = client.post(f"{CASES}/{case_id}/actions", json={"action": "keep"}, headers=desk).json()
    assert (left["restated"], "keep" in left["actions"]) == (None, False)
    assert client.post(CASES, json=more, headers=desk).json() == left


def test_a_wrong_place_is_put_right_in_the_coordinates_of_whoever_says_it(
    client: Client, desk: dict[str, str], worker_id: int
) -> None:
    case_id = client.post(CASES, json=REPORT, headers=desk).json()["id"]
    actions = f"{CASES}/{case_id}/actions"
    half = client.post(actions, json={"action": "correct", "lon": LON}, headers=desk)
    assert problem(half) == (422, "invalid_input", "lat")
    lon, lat = from_wgs84(LON + 0.001, LAT, Crs.GCJ02)
    right = {"action": "correct", "lon": lon, "lat": lat, "crs": "gcj02"}
    moved = client.post(actions, json=right, headers=desk).json()
    assert (round(moved["lon"], 6), round(moved["lat"], 6)) == (round(LON + 0.001, 6), LAT)
    found = client.get(CASES, params={"bbox": f"{LON + 0.0009},34,119,35"}, headers=desk).json()
    assert [case["id"] for case in found["items"]] == [case_id]


def test_a_ticket_says_something_new_about_what_is_over(
    client: Client, desk: dict[str, str], worker_id: int
) -> None:
    ticket = {**REPORT, "source": "hotline", "external_number": "7", "handled": "劝和了"}
    ticket["category"] = "dispute.neighbour"  # which needs no photos
    case = client.post(CASES, json=ticket, headers=desk).json()
    assert client.post(CASES, json=ticket, headers=desk).json() == case
    answer = client.post(CASES, json={**ticket, "description": "又有了"}, headers=desk)
    assert problem(answer) == (409, "ticket_closed", None)


def test_a_ticket_that_is_a_case_elsewhere_is_not_told_of(
    client: Client, desk: dict[str, str], sign_in: SignIn, worker_id: int
) -> None:
    ticket = {**REPORT, "lon": 118.58, "source": "hotline", "external_number": "7"}
    client.post(CASES, json=ticket, headers=desk)
    chief = sign_in("grid_chief", grid_code="A")
    answer = client.post(CASES, json={**ticket, "lon": LON}, headers=chief)
    assert problem(answer) == (409, "ticket_elsewhere", None)


@pytest.mark.parametrize(
    "body",
    [
        {"external_category": "市容"},
        {"external_number": "1" * 101},
        {"external_number": "1\x00"},
    ],
)
def test_a_number_that_no_ticket_has_is_refused(
    client: Client, desk: dict[str, str], body: dict[str, str]
) -> None:
    answer = client.post(CASES, json={**REPORT, **body}, headers=desk)
    assert problem(answer) == (422, "invalid_input", "external_number")


def test_an_old_case_is_found_by_its_number_and_its_ticket(
    client: Client, desk: dict[str, str], worker_id: int
) -> None:
    ticket = {"external_number": "20261127-08123", "urgent": True}
    made = [
        client.post(CASES, json={**REPORT, **more}, headers=desk).json() for more in (ticket, {})
    ]
    for query, expected in [
        ({"q": made[0]["number"]}, [0]),
        ({"q": "20261127-08"}, [0]),
        ({"q": made[0]["number"][:10]}, [1, 0]),
        ({"urgent": True, "source": "hotline"}, [0]),
        ({"overdue": True}, []),
        ({"from": made[1]["reported_at"], "supervised": False}, [1]),
        ({"sort": "due"}, [0, 1]),
    ]:
        answer = client.get(CASES, params=query, headers=desk).json()
        assert [each["id"] for each in answer["items"]] == [made[i]["id"] for i in expected], query


def test_a_cursor_leads_on_in_its_own_order(
    client: Client, desk: dict[str, str], worker_id: int
) -> None:
    made = [client.post(CASES, json=REPORT, headers=desk).json()["id"] for _ in range(3)]
    for sort, expected in (("due", made), ("newest", made[::-1])):
        found, cursor = [], {}
        while cursor is not None:
            query = {"sort": sort, "limit": 1, **cursor}
            page = client.get(CASES, params=query, headers=desk).json()
            found += [each["id"] for each in page["items"]]
            cursor = None if page["next"] is None else {"cursor": page["next"]}
            if page["next"] is not None:
                other = {"sort": {"due": "newest", "newest": "due"}[sort], **cursor}
                refusal = client.get(CASES, params=other, headers=desk)
                assert problem(refusal) == (422, "invalid_input", "cursor")
        assert found == expected
