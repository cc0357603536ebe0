"""Who was near a place, and which grids were visited, through HTTP."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from starlette.testclient import TestClient

from data.database import Database
from data.schema import grid_editions, grids
from data.scope import Viewer
from patrol.tracks.analysis import mark_days
from tests.facts import work_out
from tests.morning import ALL_DAY, EAST, START, WEST, make_town, morning

SignIn = Callable[..., dict[str, str]]
LON, LAT = 118.65, 34.5
PERIOD = {**ALL_DAY, "reason": "核实群众反映"}
PLACE = {**PERIOD, "lon": LON, "lat": LAT}


@pytest.fixture
def person(database: Database) -> int:
    """The morning of GW-001, worked out, in grids of level 2."""
    person = make_town(database)
    with database.begin() as conn:
        conn.execute(update(grids).where(grids.c.level == 1).values(level=2))
        conn.execute(update(grid_editions).values(valid_from=START - timedelta(days=1)))
    mark_and_work_out(database)
    return person


def mark_and_work_out(database: Database) -> None:
    mark_days(database, None, None)
    work_out(database)


def ask(client: TestClient, headers: dict[str, str], **query: Any) -> Any:
    return client.get("/api/v1/nearby", params={**PLACE, **query}, headers=headers)


def test_who_came_by_is_named_with_when_and_how_near(
    client: TestClient, sign_in: SignIn, person: int, database: Database
) -> None:
    with database.begin() as conn:
        lon, lat = conn.execute(
            text("SELECT lon, lat FROM fixes ORDER BY at OFFSET 20 LIMIT 1")  # after 200 s
        ).one()
    answer = ask(client, sign_in("dispatcher"), lon=lon, lat=lat, radius_m=30)
    assert answer.status_code == 200, answer.text
    assert answer.json()["as_of"] is None
    [unit] = answer.json()["items"]
    assert (unit["unit"], unit["role"], unit["kind"]) == ("GW-001", "grid_worker", "person")
    assert unit["closest_m"] == 0
    out, _back = unit["passages"]  # at 1.5 m/s: 40 s within 30 m
    assert datetime.fromisoformat(out["closest_at"]) == START + timedelta(seconds=200)
    seconds = datetime.fromisoformat(out["to"]) - datetime.fromisoformat(out["from"])
    assert seconds.total_seconds() == pytest.approx(40, rel=0.02)
    assert unit["inside_s"] == pytest.approx(80, rel=0.02)
    assert not out["interpolated"]


def test_a_way_between_two_fixes_counts_and_says_so(
    client: TestClient, sign_in: SignIn, person: int, database: Database
) -> None:
    with database.begin() as conn:
        lon, lat = conn.execute(text("SELECT lon, lat FROM fixes ORDER BY at LIMIT 1")).one()
    beside = {"lon": lon, "lat": lat + 7.5 / 111_195, "radius_m": 3}
    unit = ask(client, sign_in("dispatcher"), **beside).json()["items"][0]
    assert [each["interpolated"] for each in unit["passages"]] == [True, True]


def test_a_fix_that_nobody_believes_was_nowhere(
    client: TestClient, sign_in: SignIn, person: int, database: Database
) -> None:
    with database.begin() as conn:
        lon, lat = conn.execute(text("SELECT lon, lat FROM fixes ORDER BY lat DESC LIMIT 1")).one()
    assert ask(client, sign_in("dispatcher"), lon=lon, lat=lat).json()["items"] == []


def test_what_has_come_and_is_not_worked_out_is_said(
    client: TestClient, sign_in: SignIn, person: int, database: Database
) -> None:
    mark_days(database, None, None)
    assert ask(client, sign_in("dispatcher")).json()["as_of"] is not None


def test_it_always_needs_a_reason_and_is_on_the_audit_with_whom_it_found(
    client: TestClient, sign_in: SignIn, person: int, database: Database
) -> None:
    headers = sign_in("dispatcher")
    today = {"from": datetime.now(UTC).isoformat(), "to": "2099-01-01T00:00:00Z", "reason": ""}
    refused = ask(client, headers, **today, **{"radius_m": 10})
    assert (refused.status_code, refused.json()["code"]) == (422, "reason_required")
    with database.begin() as conn:
        lon, lat = conn.execute(text("SELECT lon, lat FROM fixes ORDER BY at LIMIT 1")).one()
    ask(client, headers, lon=lon, lat=lat)
    with database.begin() as conn:
        event = conn.execute(
            text("SELECT subject, reason, details FROM audit_events WHERE action = 'nearby.read'")
        ).one()
    assert event.subject == f"place {lon:.5f},{lat:.5f}"
    assert event.reason == "核实群众反映"
    assert (event.details["units"], event.details["radius_m"]) == (["GW-001"], 100)


def test_everybody_sees_whom_they_may_see(
    client: TestClient, sign_in: SignIn, person: int, database: Database
) -> None:
    with database.begin() as conn:
        lon, lat = conn.execute(text("SELECT lon, lat FROM fixes ORDER BY at LIMIT 1")).one()

    def seen(headers: dict[str, str]) -> list[str]:
        return [unit["unit"] for unit in ask(client, headers, lon=lon, lat=lat).json()["items"]]

    assert seen(sign_in("grid_chief", grid_code=EAST)) == ["GW-001"]
    assert seen(sign_in("grid_chief", grid_code=WEST)) == []
    assert seen(sign_in("grid_worker", grid_code=EAST)) == []
    assert seen(sign_in("grid_worker", staff_id=person)) == ["GW-001"]
    assert ask(client, sign_in("gateway")).status_code == 403


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"to": ALL_DAY["from"]}, "from"),
        ({"to": (START + timedelta(days=8)).isoformat()}, "to"),
        ({"radius_m": 3001}, "radius_m"),
        ({"lon": 34.5, "lat": 118.6}, "lat"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(
    client: TestClient, sign_in: SignIn, person: int, query: dict[str, Any], field: str
) -> None:
    answer = ask(client, sign_in("dispatcher"), **query)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


@pytest.mark.parametrize("function", ["segments_near(", "segments_for_plan(1, "])
def test_segments_are_found_by_their_index(
    app: Any, client: TestClient, person: int, database: Database, function: str
) -> None:
    """Under row-level security no index on geometry works by itself."""
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO patrol_plans (id, name, grid_code, kind, checkpoint_ids, rhythm, "
                "valid_from) VALUES (1, 'x', :grid, 'points', '{1}', '{}', now())"
            ),
            {"grid": EAST},
        )
        conn.execute(
            text(
                "INSERT INTO track_segments SELECT unit, to_timestamp(s), to_timestamp(s + 600), "
                "to_timestamp(s)::date, 2, 0, 0, ST_SetSRID(ST_MakeLine(ST_MakePointM(x, y, s), "
                "ST_MakePointM(x + 0.001, y + 0.001, s + 600)), 4326) "
                "FROM generate_series(1000, 1020) AS unit, "
                "generate_series(1763600000, 1763600000 + 600 * 500, 600) AS s, "
                "LATERAL (SELECT 118 + random() * s / s AS x, 34 + random() * s / s AS y) AS place"
            )
        )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("ANALYZE track_segments"))
    scans = text(
        "SELECT idx_scan, seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'track_segments'"
    )
    with app.state.services.database.begin(Viewer.everything()) as conn:
        conn.execute(
            text(f"SELECT FROM {function}118.6, 34.5, 118.601, 34.501, '2026-11-20', '2026-11-21')")
        )
        assert tuple(conn.execute(scans).one()) == (1, 0)


def test_a_unit_has_visited_grids(client: TestClient, sign_in: SignIn, person: int) -> None:
    url = "/api/v1/units/GW-001/visits"
    answer = client.get(url, params=PERIOD, headers=sign_in("dispatcher"))
    assert answer.status_code == 200, answer.text
    visits = answer.json()["items"]
    assert {visit["grid"]["code"] for visit in visits} == {EAST}
    # Before the half hour unheard of and after it.
    assert [visit["duration_s"] for visit in visits] == [2390, 600]
    assert client.get(url, params=ALL_DAY, headers=sign_in("dispatcher")).status_code == 422
    west = sign_in("grid_chief", grid_code=WEST)
    assert client.get(url, params=PERIOD, headers=west).status_code == 403


def test_a_grid_was_visited_by_units(
    client: TestClient, sign_in: SignIn, person: int, database: Database
) -> None:
    def visitors(headers: dict[str, str], grid: str = EAST) -> Any:
        return client.get(f"/api/v1/grids/{grid}/visits", params=PERIOD, headers=headers)

    found = visitors(sign_in("dispatcher")).json()
    assert (found["grid"], {item["unit"] for item in found["items"]}) == (EAST, {"GW-001"})
    assert visitors(sign_in("dispatcher"), WEST).json()["items"] == []
    assert visitors(sign_in("dispatcher"), "999").status_code == 404
    assert visitors(sign_in("grid_chief", grid_code=WEST)).status_code == 403
    assert visitors(sign_in("grid_worker", grid_code=EAST)).json()["items"] == []
    with database.begin() as conn:
        subjects = conn.scalars(
            text("SELECT details->'units' FROM audit_events WHERE action = 'grid_visits.read'")
        ).all()
    assert ["GW-001"] in subjects


def test_days_that_go_on_are_there_in_numbers_too(
    client: TestClient, sign_in: SignIn, person: int
) -> None:
    query = {"from": "2026-11-20", "to": "2026-11-21", "reason": "核实群众反映"}
    answer = client.get("/api/v1/units/GW-001/days", params=query, headers=sign_in("dispatcher"))
    [day] = answer.json()["items"]
    assert (day["day"], day["fixes"], day["flagged"]) == ("2026-11-20", len(morning()), 1)
    assert (day["trips"], day["stops"]) == (2, 1)
