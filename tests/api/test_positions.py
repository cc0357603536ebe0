import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import insert, text
from starlette.testclient import TestClient

from api.streams import stream as streaming
from data.database import Database
from data.schema import staff, units
from patrol.duty.sessions import end_duty
from patrol.tracking.fix import Fix
from tests.duty import put_everybody_on_duty
from tests.streams import open_stream

SignIn = Callable[..., dict[str, str]]
EAST, WEST = "320722001001001", "320722001001002"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def town(database: Database) -> int:
    """王小明 carries GW-001 of the east; GW-002 is of the west, CAR-1 of the whole town. All are on
    duty."""
    with database.begin() as conn:
        staff_id = conn.execute(
            insert(staff).values(name="王小明").returning(staff.c.id)
        ).scalar_one()
        for code, kind, grid_code, owner in (
            ("GW-001", "person", EAST, staff_id),
            ("GW-002", "person", WEST, None),
            ("CAR-1", "vehicle", None, None),
        ):
            conn.execute(
                insert(units).values(
                    code=code,
                    kind=kind,
                    name=code,
                    role="grid_worker",
                    grid_code=grid_code,
                    staff_id=owner,
                    always_on_duty=kind == "vehicle",
                )
            )
    put_everybody_on_duty(database)
    return int(staff_id)


def fix(unit: str, seconds_ago: float = 0, **changes: Any) -> dict[str, Any]:
    at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    return {"unit": unit, "at": at.isoformat(), "lon": 118.6, "lat": 34.5, **changes}


def states(answer: Any) -> dict[str, str]:
    return {feature["id"]: feature["properties"]["state"] for feature in answer.json()["features"]}


def test_before_the_first_fix_there_is_no_position(client: TestClient, sign_in: SignIn) -> None:
    answer = client.get("/api/v1/positions", headers=sign_in("dispatcher")).json()
    assert (answer["features"], answer["seq"]) == ([], 0)
    assert answer["thresholds"].keys() == {"moving_mps", "stale_s", "offline_s"}


def test_positions_are_geojson_with_what_a_map_needs(
    client: TestClient, sign_in: SignIn, town: int
) -> None:
    gateway, dispatcher = sign_in("gateway"), sign_in("dispatcher")
    sent = fix("GW-001", speed_mps=1.5, heading_deg=90, battery_pct=80)
    client.post("/api/v1/fixes", json=[sent], headers=gateway)
    answer = client.get("/api/v1/positions", headers=dispatcher)
    assert answer.headers["content-type"] == "application/geo+json"
    [feature] = answer.json()["features"]
    assert answer.json()["seq"] > 0
    assert feature["geometry"] == {"type": "Point", "coordinates": [118.6, 34.5]}
    properties = feature["properties"]
    assert datetime.fromisoformat(properties.pop("at")) == datetime.fromisoformat(sent["at"])
    assert (feature["id"], properties) == (
        "GW-001",
        {
            "unit": "GW-001",
            "name": "GW-001",
            "role": "grid_worker",
            "kind": "person",
            "state": "moving",
            "accuracy_m": None,
            "speed_mps": 1.5,
            "heading_deg": 90.0,
            "altitude_m": None,
            "battery_pct": 80.0,
            "stale_after_s": 120.0,
            "offline_after_s": 600.0,
            "grid": None,
        },
    )


def test_the_state_follows_duty_silence_and_calls_for_help(
    client: TestClient, sign_in: SignIn, town: int
) -> None:
    gateway, dispatcher = sign_in("gateway"), sign_in("dispatcher")
    fixes = [fix("GW-001"), fix("GW-002", 5, sos=True), fix("CAR-1", 300)]
    client.post("/api/v1/fixes", json=fixes, headers=gateway)
    client.post("/api/v1/units/GW-001/duty", json={"on": False}, headers=gateway)
    picture = client.get("/api/v1/positions", headers=dispatcher)
    assert states(picture) == {"CAR-1": "stale", "GW-001": "off_duty", "GW-002": "sos"}


def test_everyone_sees_the_units_of_their_scope(
    client: TestClient, sign_in: SignIn, town: int
) -> None:
    fixes = [fix("GW-001"), fix("GW-002"), fix("CAR-1")]
    client.post("/api/v1/fixes", json=fixes, headers=sign_in("gateway"))

    def seen(**who: Any) -> set[str]:
        return set(states(client.get("/api/v1/positions", headers=sign_in(**who))))

    assert seen(role="dispatcher") == {"GW-001", "GW-002", "CAR-1"}
    assert seen(role="grid_chief", grid_code=WEST) == {"GW-002"}
    assert seen(role="grid_chief", grid_code=WEST, staff_id=town) == {"GW-001", "GW-002"}
    assert seen(role="grid_worker", grid_code=WEST, staff_id=town) == {"GW-001"}
    assert seen(role="grid_worker", grid_code=WEST) == set()


async def post(app: FastAPI, *fixes: dict[str, Any]) -> None:
    items = [
        Fix(**{**fix, "at": datetime.fromisoformat(fix["at"])})  # type: ignore[arg-type]
        for fix in fixes
    ]
    receipt = await app.state.services.recorder.record(items)
    assert receipt.accepted == len(fixes)


@pytest.mark.anyio
async def test_the_stream_begins_with_everything_and_goes_on_with_what_changes(
    app: FastAPI, sign_in: SignIn, town: int
) -> None:
    async with app.router.lifespan_context(app):
        await post(app, fix("GW-001", 10), fix("CAR-1", 10))
        async with open_stream(app, sign_in("dispatcher")) as stream:
            first, items = await stream.event()
            assert items.keys() == {"GW-001", "CAR-1"}
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert stream.headers["cache-control"] == "no-store"
            await post(app, fix("GW-001", lon=118.7))
            second, items = await stream.event()
            assert second > first
            assert {unit: item["lon"] for unit, item in items.items()} == {"GW-001": 118.7}


@pytest.mark.anyio
async def test_a_viewer_that_comes_back_gets_what_it_missed(
    app: FastAPI, sign_in: SignIn, town: int
) -> None:
    dispatcher = sign_in("dispatcher")
    async with app.router.lifespan_context(app):
        await post(app, fix("GW-001", 10), fix("CAR-1", 10))
        async with open_stream(app, dispatcher) as stream:
            seen, _ = await stream.event()
        await post(app, fix("CAR-1", lon=118.9))
        async with open_stream(app, {**dispatcher, "Last-Event-ID": str(seen)}) as stream:
            _, items = await stream.event()
            assert items.keys() == {"CAR-1"}
        async with open_stream(app, dispatcher, f"after={seen}") as stream:
            _, items = await stream.event()
            assert items.keys() == {"CAR-1"}
        async with open_stream(app, {**dispatcher, "Last-Event-ID": str(10**9)}) as stream:
            _, items = await stream.event()  # a number of another database: everything
            assert items.keys() == {"GW-001", "CAR-1"}


@pytest.mark.anyio
async def test_the_stream_shows_a_chief_their_own_grids_only(
    app: FastAPI, sign_in: SignIn, town: int
) -> None:
    async with (
        app.router.lifespan_context(app),
        open_stream(app, sign_in("grid_chief", grid_code=WEST)) as stream,
    ):
        assert await stream.chunk() == "retry: 2000\n\n"
        await post(app, fix("GW-001"))
        await post(app, fix("GW-002"))
        _, items = await stream.event()
        assert items.keys() == {"GW-002"}


@pytest.mark.anyio
async def test_the_end_of_duty_reaches_the_viewer(
    app: FastAPI, database: Database, sign_in: SignIn, town: int
) -> None:
    with database.begin() as conn:
        unit = conn.scalar(text("SELECT id FROM units WHERE code = 'GW-001'"))
    async with app.router.lifespan_context(app):
        await post(app, fix("GW-001"))
        async with open_stream(app, sign_in("dispatcher")) as stream:
            _, items = await stream.event()
            assert items["GW-001"]["state"] == "still"
            with database.begin() as conn:
                end_duty(conn, unit, datetime.now(UTC))
            _, items = await stream.event()
            assert items["GW-001"]["state"] == "off_duty"


@pytest.mark.anyio
async def test_silence_is_filled_with_heartbeats(
    app: FastAPI, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT_S", 0.01)
    async with (
        app.router.lifespan_context(app),
        open_stream(app, sign_in("dispatcher")) as stream,
    ):
        assert await stream.chunk() == "retry: 2000\n\n"
        assert await stream.chunk() == "id: 0\nevent: heartbeat\ndata: {}\n\n"


@pytest.mark.anyio
async def test_a_long_stream_ends_so_that_access_is_checked_again(
    app: FastAPI, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "LONGEST_STREAM_S", 0.0)
    async with app.router.lifespan_context(app), open_stream(app, sign_in("dispatcher")) as stream:
        async with asyncio.timeout(10):
            await stream.ended.wait()


@pytest.mark.anyio
@pytest.mark.parametrize(("role", "status"), [("gateway", 403), (None, 401)])
async def test_the_stream_is_closed_to_whoever_may_not_see_positions(
    app: FastAPI, sign_in: SignIn, role: str | None, status: int
) -> None:
    headers = {} if role is None else sign_in(role)
    async with (
        app.router.lifespan_context(app),
        open_stream(app, headers) as stream,
    ):
        assert json.loads(await stream.chunk())["status"] == status


@pytest.mark.anyio
async def test_a_number_that_is_none_is_refused(app: FastAPI, sign_in: SignIn) -> None:
    headers = {**sign_in("dispatcher"), "Last-Event-ID": "latest"}
    async with app.router.lifespan_context(app), open_stream(app, headers) as stream:
        assert json.loads(await stream.chunk())["status"] == 422
