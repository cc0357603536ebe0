"""Tracks and replays of one unit's morning: see `tests.morning`."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from data.database import Database
from data.editions import GridIndexes
from patrol.tracks.analysis import analyse_changes
from patrol.tracks.grids import VisitedGrids
from tests.morning import ALL_DAY, EAST, NORTH_DEG_PER_M, START, TOWN, WEST, make_town, morning

SignIn = Callable[..., dict[str, str]]
LONG_AGO = {**ALL_DAY, "reason": "核实群众反映"}


@pytest.fixture
def town(database: Database) -> int:
    """The staff number of GW-001's person."""
    return make_town(database)


def track(client: TestClient, headers: dict[str, str], unit: str = "GW-001", **query: str) -> Any:
    return client.get(f"/api/v1/units/{unit}/track", params={**LONG_AGO, **query}, headers=headers)


def test_a_morning_is_trips_stops_and_gaps(client: TestClient, sign_in: SignIn, town: int) -> None:
    answer = track(client, sign_in("dispatcher"))
    assert answer.headers["content-type"] == "application/geo+json"
    body = answer.json()
    kinds = [feature["properties"]["kind"] for feature in body["features"]]
    assert kinds == ["trip", "trip", "stop", "gap"]
    out, back, stop, gap = (feature["properties"] for feature in body["features"])
    assert out["length_m"] == pytest.approx(850, abs=50)  # the stop takes some
    assert back["length_m"] == pytest.approx(850, abs=50)
    assert stop["grid"] == {"code": EAST, "name": "网格001"}
    assert stop["duration_s"] == pytest.approx(3600, abs=150)  # with the gap in it
    assert gap["duration_s"] == pytest.approx(1810, abs=1)
    assert (body["unit"], body["summary"]["fixes"]) == ("GW-001", len(morning()))
    assert body["summary"]["stopped_s"] == pytest.approx(1800, abs=150)
    assert body["summary"]["flagged"] == 1
    assert body["summary"]["first_at"] == START.isoformat()
    assert body["summary"]["length_m"] == pytest.approx(out["length_m"] + back["length_m"], abs=0.2)


def test_every_vertex_of_a_trip_has_its_time(
    client: TestClient, sign_in: SignIn, town: int
) -> None:
    trip = track(client, sign_in("dispatcher")).json()["features"][0]
    coordinates, times = trip["geometry"]["coordinates"], trip["properties"]["times"]
    assert len(coordinates) == len(times)
    assert coordinates[0] == [118.65, 34.5]
    assert times[:2] == [START.timestamp(), START.timestamp() + 10]
    assert START.timestamp() + 305 not in times  # the jump


def test_from_is_included_and_to_is_not(client: TestClient, sign_in: SignIn, town: int) -> None:
    until = (START + timedelta(seconds=20)).isoformat()
    assert track(client, sign_in("dispatcher"), to=until).json()["summary"]["fixes"] == 2


def test_a_time_without_fixes_is_an_empty_track(
    client: TestClient, sign_in: SignIn, town: int
) -> None:
    body = track(client, sign_in("dispatcher"), unit="GW-002").json()
    assert body["features"] == []
    assert body["summary"] == {
        "fixes": 0,
        "flagged": 0,
        "length_m": 0.0,
        "moving_s": 0.0,
        "stopped_s": 0.0,
        "gap_s": 0.0,
        "first_at": None,
        "last_at": None,
    }


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ({"to": ALL_DAY["from"]}, "from", "before"),
        ({"to": (START + timedelta(days=31, seconds=1)).isoformat()}, "to", "31 days"),
        ({"from": "2026-11-20T08:00:00"}, "from", "zone"),
        ({"to": "tomorrow"}, "to", "time"),
    ],
)
def test_a_period_that_cannot_be_is_refused_by_name(
    client: TestClient, sign_in: SignIn, town: int, query: dict[str, str], field: str, words: str
) -> None:
    answer = track(client, sign_in("dispatcher"), **query)
    assert answer.status_code == 422
    assert answer.json()["field"] == field
    assert words in answer.json()["detail"]


def test_a_track_is_for_whoever_may_see_the_unit(
    client: TestClient, sign_in: SignIn, town: int
) -> None:
    assert track(client, sign_in("grid_chief", grid_code=EAST)).status_code == 200
    assert track(client, sign_in("grid_worker", staff_id=town)).status_code == 200
    assert track(client, sign_in("grid_chief", grid_code=WEST)).status_code == 403
    assert track(client, sign_in("grid_worker", grid_code=EAST)).status_code == 403
    assert track(client, sign_in("gateway")).status_code == 403
    assert track(client, sign_in("dispatcher"), unit="GW-404").status_code == 404


def replay(client: TestClient, headers: dict[str, str], **query: str) -> Any:
    return client.get("/api/v1/replay", params={**LONG_AGO, **query}, headers=headers)


def test_replay_columns_add_up_to_the_fixes(client: TestClient, sign_in: SignIn, town: int) -> None:
    body = replay(client, sign_in("dispatcher"), units="GW-002,GW-001").json()
    assert body["t0"] == round(START.timestamp() * 1000)
    [unit] = body["units"]  # GW-002 has no fixes
    believed = [fix for fix in morning() if fix["north_m"] < 10_000]
    assert (unit["unit"], unit["kind"]) == ("GW-001", "person")
    assert np.cumsum(unit["t"]).tolist() == [fix["s"] * 1000 for fix in believed]
    assert set(np.cumsum(unit["lon"]).tolist()) == {118_650_000}
    lat = 34.5e6 + np.array([fix["north_m"] for fix in believed]) * NORTH_DEG_PER_M * 1e6
    np.testing.assert_allclose(np.cumsum(unit["lat"]), lat, atol=0.5)
    [stop] = unit["stops"]
    assert stop["from"] < stop["to"]
    assert stop["lon"] == 118.65


def test_a_replay_is_the_same_once_the_day_is_worked_out(
    client: TestClient, sign_in: SignIn, town: int, database: Database
) -> None:
    headers = sign_in("dispatcher")
    before = replay(client, headers, units="GW-001").json()
    work_out(database)
    assert replay(client, headers, units="GW-001").json() == before


def test_a_stop_that_is_longer_than_the_replay_is_shown_as_far_as_it_goes(
    client: TestClient, sign_in: SignIn, town: int, database: Database
) -> None:
    work_out(database)
    since, until = (START + timedelta(minutes=minutes) for minutes in (20, 30))
    period = {"from": since.isoformat(), "to": until.isoformat()}
    [unit] = replay(client, sign_in("dispatcher"), units="GW-001", **period).json()["units"]
    [stop] = unit["stops"]
    assert [datetime.fromisoformat(stop[end]) for end in ("from", "to")] == [since, until]


def work_out(database: Database) -> None:
    grids = VisitedGrids(GridIndexes(database))
    assert analyse_changes(database, grids, before=datetime.now(UTC)) == 1


def test_a_replay_has_a_line_for_each_unit(client: TestClient, sign_in: SignIn, town: int) -> None:
    answer = replay(client, sign_in("dispatcher"), units="GW-002,GW-001")
    head, unit, end, rest = answer.text.split("\n")
    assert json.loads(f"{head}{end}") == {**answer.json(), "units": []}
    assert (head[-9:], end, rest) == ('"units":[', "]}", "")
    assert json.loads(unit) == answer.json()["units"][0]
    assert answer.json()["asked"] == 2
    assert answer.headers["content-encoding"] == "gzip"


def test_replay_of_a_grid_is_that_of_the_units_at_home_below_it(
    client: TestClient, sign_in: SignIn, town: int
) -> None:
    dispatcher = sign_in("dispatcher")

    def seen(grid: str) -> list[str]:
        body = replay(client, dispatcher, grid=grid).json()
        return [unit["unit"] for unit in body["units"]]

    assert (seen(TOWN), seen(EAST), seen(WEST)) == (["GW-001"], ["GW-001"], [])


def test_replay_is_for_whoever_may_see_the_units(
    client: TestClient, sign_in: SignIn, town: int
) -> None:
    chief = sign_in("grid_chief", grid_code=WEST)
    assert replay(client, chief, units="GW-002").status_code == 200
    assert replay(client, chief, units="GW-002,GW-001").status_code == 403
    assert replay(client, chief, grid=WEST).status_code == 200
    assert replay(client, chief, grid=TOWN).status_code == 403
    worker = sign_in("grid_worker", grid_code=EAST)
    assert replay(client, worker, grid=EAST).json()["units"] == []
    assert replay(client, sign_in("dispatcher"), units="GW-404").status_code == 404
    assert replay(client, sign_in("dispatcher"), grid="404").status_code == 404


@pytest.mark.parametrize("query", [{}, {"units": "GW-001", "grid": TOWN}])
def test_replay_is_of_units_or_of_a_grid(
    client: TestClient, sign_in: SignIn, town: int, query: dict[str, str]
) -> None:
    answer = replay(client, sign_in("dispatcher"), **query)
    assert (answer.status_code, answer.json()["field"]) == (422, "units")


def test_too_much_to_replay_at_once_says_how_much_is_possible(
    client: TestClient, sign_in: SignIn, database: Database, town: int
) -> None:
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO units (code, kind, name, role, grid_code) "
                "SELECT 'X-' || n, 'person', 'X', 'grid_worker', :grid FROM generate_series(1, 19) n"
            ),
            {"grid": WEST},
        )
    until = (START + timedelta(days=30)).isoformat()
    answer = replay(client, sign_in("dispatcher"), grid=TOWN, to=until)
    assert answer.status_code == 422
    assert "620 units times days" in answer.json()["detail"]
