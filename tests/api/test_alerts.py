"""Alerts over HTTP: in a town of two grids, each with a chief and a worker on duty."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from shapely import MultiPolygon, box
from sqlalchemy import insert, text

from data.database import Database
from data.editions import GridIndexes
from data.schema import duty_sessions, grid_editions, grids, posts, staff, units
from patrol.alerts.plans import look_at_plans
from patrol.alerts.rules import Rules
from tests.streams import open_stream

Client = Any
SignIn = Callable[..., dict[str, str]]
Headers = dict[str, str]

ALERTS, AREAS, FIXES = "/api/v1/alerts", "/api/v1/areas", "/api/v1/fixes"
LON = {"E": 118.605, "W": 118.625}


@pytest.fixture(autouse=True)
def town(database: Database) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    with database.begin() as conn:

        def add(table: Any, **values: Any) -> int:
            statement = insert(table).values(**values).returning(table.c.id)
            return int(conn.execute(statement).scalar_one())

        edition = add(grid_editions, name="2026", state="active", content_hash="two")
        for code, lon in LON.items():
            square = MultiPolygon([box(lon - 0.009, 34.5, lon + 0.009, 34.52)])
            add(
                grids,
                edition_id=edition,
                code=code,
                name=f"网格{code}",
                level=1,
                area_m2=1.0,
                geom=f"SRID=4326;{square.wkt}",
            )
            person = add(staff, name=f"王{code}")
            add(posts, staff_id=person, role="grid_worker", grid_code=code, valid_from=long_ago)
            unit = {"kind": "person", "name": f"王{code}", "role": "grid_worker"}
            unit_id = add(units, code=f"GW-{code}", staff_id=person, grid_code=code, **unit)
            began_at = datetime.now(UTC) - timedelta(hours=3)
            add(duty_sessions, unit_id=unit_id, began_at=began_at)


@pytest.fixture
def chief(sign_in: SignIn) -> Headers:
    return sign_in("grid_chief", grid_code="E")


@pytest.fixture
def other_chief(sign_in: SignIn) -> Headers:
    return sign_in("grid_chief", grid_code="W")


@pytest.fixture
def call_for_help(client: Client, sign_in: SignIn) -> Callable[..., None]:
    gateway = sign_in("gateway")

    def call(grid: str = "E", *, ago: timedelta = timedelta()) -> None:
        fix = {
            "unit": f"GW-{grid}",
            "at": (datetime.now(UTC) - ago).isoformat(),
            "lon": LON[grid],
            "lat": 34.51,
            "sos": True,
        }
        answer = client.post(FIXES, json=[fix], headers=gateway)
        assert answer.json()["accepted"] == 1, answer.text

    return call


def listed(client: Client, headers: Headers, *, kind: str = "sos", **query: Any) -> list[Any]:
    answer = client.get(ALERTS, params={"kind": kind, **query}, headers=headers)
    assert answer.status_code == 200, answer.text
    items: list[Any] = answer.json()["items"]
    return items


def test_a_call_for_help_is_open_for_the_chief_of_the_unit_and_for_no_other(
    client: Client, chief: Headers, other_chief: Headers, call_for_help: Callable[..., None]
) -> None:
    call_for_help()
    [alert] = listed(client, chief)
    assert (alert["kind"], alert["unit"], alert["name"]) == ("sos", "GW-E", "王E")
    assert (alert["open"], alert["late"], alert["lon"]) == (True, False, LON["E"])
    assert listed(client, other_chief) == []
    for path in ("", "/acknowledge", "/case"):
        url = f"{ALERTS}/{alert['id']}{path}"
        answer = client.request("POST" if path else "GET", url, json={}, headers=other_chief)
        assert answer.status_code == 404


def test_who_acknowledges_first_stays(
    client: Client, sign_in: SignIn, chief: Headers, call_for_help: Callable[..., None]
) -> None:
    call_for_help()
    [alert] = listed(client, chief)
    url = f"{ALERTS}/{alert['id']}/acknowledge"
    first = client.post(url, json={"note": " 已致电 "}, headers=chief).json()
    assert first["acknowledged"]["note"] == "已致电"
    second = client.post(url, json={"note": "我也听到了"}, headers=sign_in("dispatcher")).json()
    assert second["acknowledged"] == first["acknowledged"]


def test_an_old_call_that_nobody_has_heard_is_open_until_somebody_has(
    client: Client, chief: Headers, call_for_help: Callable[..., None]
) -> None:
    call_for_help(ago=timedelta(hours=2))
    [alert] = listed(client, chief)
    assert (alert["open"], alert["late"], alert["ended_at"] is None) == (True, True, False)
    client.post(f"{ALERTS}/{alert['id']}/acknowledge", json={}, headers=chief)
    assert listed(client, chief) == []
    assert [one["id"] for one in listed(client, chief, state="all")] == [alert["id"]]


def test_an_alert_becomes_one_case_that_goes_to_the_owner_of_the_grid(
    client: Client,
    sign_in: SignIn,
    chief: Headers,
    database: Database,
    call_for_help: Callable[..., None],
) -> None:
    with database.begin() as conn:
        person = conn.execute(insert(staff).values(name="李E").returning(staff.c.id)).scalar_one()
        post = {"staff_id": person, "role": "grid_chief", "grid_code": "E"}
        conn.execute(insert(posts).values(**post, valid_from=datetime(2020, 1, 1, tzinfo=UTC)))
    call_for_help()
    [alert] = listed(client, chief)
    url = f"{ALERTS}/{alert['id']}/case"
    made = client.post(url, headers=chief).json()
    again = client.post(url, headers=sign_in("dispatcher")).json()
    assert made["case"] == again["case"] is not None
    assert made["acknowledged"] is not None
    case = client.get(f"/api/v1/cases/{made['case']}", headers=chief).json()
    assert (case["source"], case["urgent"], case["state"]) == ("alert", True, "dispatched")
    # The grid is 王E's, who is on duty; but who calls for help does not help themselves.
    assert (case["category"], case["owner"]["name"]) == ("safety.help", "李E")
    assert "GW-E" in case["description"]
    assert len(client.get("/api/v1/cases", headers=chief).json()["items"]) == 1


def test_without_a_place_there_is_no_case(
    client: Client, database: Database, chief: Headers
) -> None:
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO alerts (unit_id, kind, begun_at, last_at, seq) SELECT id, 'still', "
                "now(), now(), nextval('positions_seq') FROM units WHERE code = 'GW-E'"
            )
        )
    [alert] = listed(client, chief, kind="still")
    answer = client.post(f"{ALERTS}/{alert['id']}/case", headers=chief)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_place")


def test_lists_come_by_kind_unit_time_and_page(
    client: Client, sign_in: SignIn, call_for_help: Callable[..., None]
) -> None:
    desk = sign_in("dispatcher")
    for minutes in (150, 100, 50):
        call_for_help(ago=timedelta(minutes=minutes))
    call_for_help("W")
    every = [one["id"] for one in listed(client, desk, state="all")]
    assert len(every) == 4
    page = client.get(ALERTS, params={"kind": "sos", "limit": 3}, headers=desk).json()
    rest = client.get(
        ALERTS, params={"kind": "sos", "limit": 3, "cursor": page["next"]}, headers=desk
    ).json()
    assert [one["id"] for one in (*page["items"], *rest["items"])] == every
    assert rest["next"] is None
    assert [one["unit"] for one in listed(client, desk, unit="GW-W")] == ["GW-W"]
    since = (datetime.now(UTC) - timedelta(minutes=60)).isoformat()
    assert len(listed(client, desk, kind="sos", **{"from": since})) == 2
    assert len(listed(client, desk, kind="sos", to=since)) == 2


def test_what_changes_about_alerts_is_on_the_stream(
    client: Client,
    app: FastAPI,
    chief: Headers,
    other_chief: Headers,
    call_for_help: Callable[..., None],
) -> None:
    async def read() -> None:
        async with open_stream(app, chief) as stream, open_stream(app, other_chief) as others:
            await asyncio.to_thread(call_for_help)
            alert = await stream.alert("GW-E")
            assert (alert["kind"], alert["open"], alert["unit"]) == ("sos", True, "GW-E")
            url = f"{ALERTS}/{alert['id']}/acknowledge"
            await asyncio.to_thread(lambda: client.post(url, json={}, headers=chief))
            heard = await stream.alert("GW-E")
            assert heard["acknowledged"] is not None
            async with open_stream(app, {**chief, "Last-Event-ID": "1"}) as again:
                assert await again.alert("GW-E") == heard
            await asyncio.to_thread(call_for_help, "W")
            await others.alert("GW-W")
            assert "GW-E" not in others.seen

    client.portal.call(read)


@pytest.fixture
def miss_a_round(client: Client, chief: Headers, database: Database) -> Callable[[], int]:
    """A plan of two checkpoints in E, of whose first round somebody is told; its number."""

    def miss() -> int:
        places = [{"lon": LON["E"], "lat": 34.51}, {"lon": LON["E"], "lat": 34.515}]
        made = [
            client.post("/api/v1/checkpoints", json={"name": name, **place}, headers=chief).json()
            for name, place in zip(("水库大坝", "桥头"), places, strict=True)
        ]
        plan = {
            "name": "夜巡",
            "grid": "E",
            "kind": "points",
            "checkpoints": [each["id"] for each in made],
            "rhythm": {"every_h": 1},
        }
        number = int(client.post("/api/v1/plans", json=plan, headers=chief).json()["id"])
        later = datetime.now(UTC) + timedelta(minutes=80)
        assert look_at_plans(database, GridIndexes(database), Rules(), later) == 1
        return number

    return miss


def test_a_missed_round_is_told_to_whoever_may_read_the_plan(
    client: Client,
    sign_in: SignIn,
    chief: Headers,
    other_chief: Headers,
    miss_a_round: Callable[[], int],
) -> None:
    number = miss_a_round()
    [alert] = listed(client, chief, kind="missed_checkpoint")
    assert (alert["unit"], alert["name"], alert["role"]) == (None, None, None)
    assert (alert["open"], alert["lon"], alert["lat"]) == (True, LON["E"], 34.51)
    plan = alert["plan"]
    assert (plan["id"], plan["name"], plan["grid"]) == (number, "夜巡", "E")
    assert plan["covered"] == {"reached": 0, "required": 2, "rate": 0}
    assert (plan["missed"], plan["in_order"]) == (["水库大坝", "桥头"], None)
    assert plan["to"] == alert["begun_at"]
    worker = sign_in("grid_worker", grid_code="E")
    assert listed(client, worker, kind="missed_checkpoint") == [alert]
    assert listed(client, other_chief, kind="missed_checkpoint", state="all") == []
    assert listed(client, chief, kind="missed_checkpoint", unit="GW-E") == []
    for path in ("", "/acknowledge", "/case"):
        url = f"{ALERTS}/{alert['id']}{path}"
        answer = client.request("POST" if path else "GET", url, json={}, headers=other_chief)
        assert answer.status_code == 404


def test_a_missed_round_is_over_once_somebody_has_acknowledged_it(
    client: Client, chief: Headers, miss_a_round: Callable[[], int]
) -> None:
    miss_a_round()
    [alert] = listed(client, chief, kind="missed_checkpoint")
    url = f"{ALERTS}/{alert['id']}/acknowledge"
    heard = client.post(url, json={"note": "已派人"}, headers=chief).json()
    assert (heard["open"], heard["acknowledged"]["note"]) == (False, "已派人")
    assert listed(client, chief, kind="missed_checkpoint") == []
    assert listed(client, chief, kind="missed_checkpoint", state="all") == [heard]


def test_a_missed_round_becomes_a_case_at_the_first_place_that_was_left_out(
    client: Client, chief: Headers, miss_a_round: Callable[[], int]
) -> None:
    miss_a_round()
    [alert] = listed(client, chief, kind="missed_checkpoint")
    made = client.post(f"{ALERTS}/{alert['id']}/case", headers=chief).json()
    case = client.get(f"/api/v1/cases/{made['case']}", headers=chief).json()
    assert (case["source"], case["lon"], case["lat"]) == ("alert", LON["E"], 34.51)
    assert case["description"].startswith("漏打卡“夜巡”：水库大坝、桥头 0/2")
    assert case["owner"]["name"] == "王E"


def test_a_missed_round_is_on_the_stream_of_whoever_may_read_the_plan(
    client: Client,
    app: FastAPI,
    chief: Headers,
    other_chief: Headers,
    call_for_help: Callable[..., None],
    miss_a_round: Callable[[], int],
) -> None:
    async def read() -> None:
        async with open_stream(app, chief) as stream, open_stream(app, other_chief) as others:
            await asyncio.to_thread(miss_a_round)
            alert = await stream.alert(None, kind="missed_checkpoint")
            assert (alert["open"], alert["plan"]["missed"]) == (True, ["水库大坝", "桥头"])
            assert "from" in alert["plan"]
            await asyncio.to_thread(call_for_help, "W")
            await others.alert("GW-W")
            assert "missed_checkpoint" not in others.seen

    client.portal.call(read)


def test_a_dispatcher_draws_an_area_and_ends_it(
    client: Client, sign_in: SignIn, chief: Headers
) -> None:
    desk = sign_in("dispatcher")
    ring = [[118.60, 34.50], [118.61, 34.50], [118.61, 34.51], [118.60, 34.50]]
    body = {
        "name": "采石场",
        "kind": "forbidden",
        "grid": "E",
        "roles": ["grid_worker"],
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    assert client.post(AREAS, json=body, headers=chief).status_code == 403
    made = client.post(AREAS, json=body, headers=desk)
    assert made.status_code == 201, made.text
    area = made.json()
    assert area["geometry"]["coordinates"] == [[ring]]
    [seen] = client.get(AREAS, headers=chief).json()["features"]
    assert seen == area
    url = f"{AREAS}/{area['id']}"
    assert client.delete(url, headers=desk).status_code == 204
    assert client.delete(url, headers=desk).status_code == 404
    assert client.get(AREAS, headers=chief).json()["features"] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"grid": "X"}, "grid"),
        ({"geometry": {"type": "Polygon", "coordinates": []}}, "geometry"),
        (
            {
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]],
                }
            },
            "geometry",
        ),
        (
            {
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[500, 0], [1, 1], [1, 0], [500, 0]]],
                }
            },
            "geometry",
        ),
    ],
)
def test_an_area_that_cannot_be_is_refused_with_the_reason(
    client: Client, sign_in: SignIn, change: dict[str, Any], field: str
) -> None:
    square = [[118.60, 34.50], [118.61, 34.50], [118.61, 34.51], [118.60, 34.50]]
    body = {
        "name": "采石场",
        "kind": "attention",
        "geometry": {"type": "Polygon", "coordinates": [square]},
        **change,
    }
    answer = client.post(AREAS, json=body, headers=sign_in("admin"))
    assert answer.status_code in (404, 422)
    assert answer.json()["field"] == field
