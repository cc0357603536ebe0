"""Density, coverage and hot spots: layers that are worked out when somebody asks."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyogrio
import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from data.database import Database
from data.editions import GridIndexes
from gis.cells import lonlat_to_cell
from patrol.tracks.analysis import analyse_changes, mark_days
from patrol.tracks.grids import VisitedGrids
from tests.morning import EAST, START, WEST, make_town

SignIn = Callable[..., dict[str, str]]
V1 = "/api/v1/layers"
DAY = f"{START.isoformat()}/{(START + timedelta(days=1)).isoformat()}"
HERE = (118.65, 34.5)
"""In the east."""
CELL = lonlat_to_cell(*HERE, 9)


@pytest.fixture
def town(database: Database) -> int:
    """The town of two grids, in which GW-001 has had its morning, worked out."""
    person = make_town(database)
    mark_days(database, None, None)
    analyse_changes(
        database,
        VisitedGrids(GridIndexes(database)),
        before=datetime.now(UTC) + timedelta(days=1),
    )
    return person


@pytest.fixture
def report(database: Database) -> Callable[..., None]:
    """`report(times, category=..., lon=..., lat=..., days=..., grid=...)` at that place, so many days
    after START."""

    def report(times: int, **given: Any) -> None:
        lon, lat = given.get("at", HERE)
        with database.begin() as conn:
            conn.execute(
                text(
                    "INSERT INTO cases (number, state, source, category, description, geom, "
                    "grid_code, reported_at) "
                    "SELECT 'C' || gen_random_uuid(), 'filed', 'patrol', :category, 'x', "
                    "ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :grid, :at "
                    "FROM generate_series(1, :times)"
                ),
                {
                    **{"lon": lon, "lat": lat, "times": times},
                    "category": given.get("category", "other"),
                    "grid": given.get("grid", EAST),
                    "at": START + timedelta(days=given.get("days", 0.5)),
                },
            )

    return report


def ask(client: TestClient, headers: dict[str, str], layer: str, **query: Any) -> Any:
    answer = client.get(f"{V1}/{layer}/features", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["next"] is None
    return body


def by_cell(body: Any) -> dict[str, dict[str, Any]]:
    return {each["id"]: each["properties"] for each in body["features"]}


def test_the_density_of_cases_counts_those_of_a_category_that_were_reported_in_a_time(
    client: TestClient, sign_in: SignIn, town: int, report: Callable[..., None]
) -> None:
    report(3, category="waste")
    report(2, category="other")
    report(4, category="waste", days=-7)
    headers = sign_in("dispatcher")
    body = ask(client, headers, "density", datetime=DAY, category="waste", resolution=9)
    assert by_cell(body) == {
        CELL: {"cell": CELL, "count": 3, "per_km2": pytest.approx(3 / 0.0773, rel=0.01)}
    }
    assert body["features"][0]["geometry"]["type"] == "Polygon"
    assert body["resolution"] == 9
    assert datetime.fromisoformat(body["as_of"]) <= datetime.now(UTC)
    assert by_cell(ask(client, headers, "density"))[CELL]["count"] == 9  # all that are open


def test_everybody_counts_the_cases_that_they_see(
    client: TestClient, sign_in: SignIn, town: int, report: Callable[..., None]
) -> None:
    report(1)
    report(1, at=(118.55, 34.5), grid=WEST)
    of_the_east = by_cell(ask(client, sign_in("grid_chief", grid_code=EAST), "density"))
    assert set(of_the_east) == {CELL}
    assert len(by_cell(ask(client, sign_in("dispatcher"), "density"))) == 2
    west = ask(client, sign_in("dispatcher"), "density", grid=WEST)
    assert set(by_cell(west)) == {lonlat_to_cell(118.55, 34.5, 9)}
    refused = client.get(
        f"{V1}/density/features",
        params={"grid": WEST},
        headers=sign_in("grid_chief", grid_code=EAST),
    )
    assert (refused.status_code, refused.json()["field"]) == (403, "grid")


def test_any_layer_of_points_can_be_counted_by_its_fields(
    client: TestClient, sign_in: SignIn, town: int, database: Database
) -> None:
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO facilities (code, kind, name, geom) "
                "SELECT 'F' || n, CASE WHEN n < 3 THEN 'lamp' ELSE 'bin' END, 'x', "
                "ST_SetSRID(ST_MakePoint(118.65, 34.5), 4326) FROM generate_series(1, 5) AS n"
            )
        )
    headers = sign_in("dispatcher")
    lamps = ask(client, headers, "density", of="facilities", kind="lamp")
    assert by_cell(lamps)[CELL]["count"] == 2
    for of, field in (("grids", "of"), ("tracks", "of"), ("density", "of"), ("nothing", "id")):
        refused = client.get(f"{V1}/density/features", params={"of": of}, headers=headers)
        assert refused.status_code in (404, 422), refused.text
        assert refused.json()["field"] == field
    no_time = client.get(
        f"{V1}/density/features", params={"of": "facilities", "datetime": DAY}, headers=headers
    )
    assert (no_time.status_code, no_time.json()["field"]) == (422, "datetime")
    no_field = client.get(f"{V1}/density/features", params={"colour": "red"}, headers=headers)
    assert (no_field.status_code, no_field.json()["code"]) == (422, "no_such_field")


def test_what_is_counted_must_be_permitted_too(
    client: TestClient, sign_in: SignIn, town: int, database: Database
) -> None:
    headers = sign_in("analyst")
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO role_permissions VALUES ('analyst', 'read_cases', false), "
                "('analyst', 'read_tracks', false)"
            )
        )
    for layer, query in (("hotspots", {}), ("density", {"of": "time"}), ("coverage", {})):
        refused = client.get(f"{V1}/{layer}/features", params=query, headers=headers)
        assert refused.status_code == 403, layer
    tile = client.get("/api/v1/tiles/hotspots/12/3397/1629.mvt", headers=headers)
    assert tile.status_code == 403


def test_the_time_that_units_spent_is_in_minutes(
    client: TestClient, sign_in: SignIn, town: int
) -> None:
    body = ask(client, sign_in("dispatcher"), "density", of="time", datetime=DAY)
    minutes = sum(each["count"] for each in by_cell(body).values())
    assert minutes == pytest.approx(2390 / 60 + 600 / 60, abs=0.5)  # without the gap between
    nobody = ask(client, sign_in("grid_worker", grid_code=WEST), "density", of="time", datetime=DAY)
    assert nobody["features"] == []


def test_coverage_as_a_layer_says_what_the_coverage_of_a_grid_says(
    client: TestClient, sign_in: SignIn, town: int
) -> None:
    headers = sign_in("dispatcher")
    body = ask(client, headers, "coverage", datetime=DAY, grid=EAST, resolution=8)
    since, until = DAY.split("/")
    route = client.get(
        "/api/v1/coverage/cells",
        params={"grid": EAST, "from": since, "to": until, "resolution": 8},
        headers=headers,
    ).json()
    said = {each["id"]: each["properties"] for each in route["features"]}
    mine = by_cell(body)
    assert {key: each["visits"] for key, each in mine.items()} == {
        key: each["visits"] for key, each in said.items()
    }
    assert {key: each["last_at"] for key, each in mine.items() if each["reached"]} == {
        key: each["last_at"].replace("Z", "+00:00") for key, each in said.items() if each["visits"]
    }
    reached = ask(
        client, headers, "coverage", datetime=DAY, grid=EAST, resolution=8, reached="true"
    )
    assert 0 < len(reached["features"]) == route["covered"]["reached"]


def test_a_cluster_of_cases_is_a_hot_spot_and_the_empty_cells_are_there_too(
    client: TestClient, sign_in: SignIn, town: int, report: Callable[..., None]
) -> None:
    for lon in (-0.002, 0.0, 0.002):
        report(4, at=(HERE[0] + lon, HERE[1]))
    report(1, at=(118.62, 34.45))
    body = ask(client, sign_in("dispatcher"), "hotspots", datetime=DAY, grid=EAST)
    cells = by_cell(body)
    assert len(cells) > 1000
    assert cells[CELL]["spot"] == "hot"
    assert cells[CELL]["neighbours"] == 6
    assert cells[CELL]["z"] > 5
    assert 0 <= cells[CELL]["p"] <= cells[CELL]["q"] < 0.05
    hot = ask(client, sign_in("dispatcher"), "hotspots", datetime=DAY, grid=EAST, spot="hot")
    assert 0 < len(hot["features"]) < 20


def test_windows_tell_what_is_new_and_what_stays(
    client: TestClient, sign_in: SignIn, town: int, report: Callable[..., None]
) -> None:
    def begins(week: int) -> str:
        return (START - timedelta(days=28) + timedelta(weeks=week)).isoformat()

    old, new = (118.62, 34.45), (118.68, 34.55)
    for day in (-27, -20, -13, -6):
        for lon in (-0.002, 0.0, 0.002):
            report(6, days=day, at=(HERE[0] + lon, HERE[1]))
    for lon in (-0.002, 0.0, 0.002):
        report(6, days=-27, at=(old[0] + lon, old[1]))
        report(6, days=-6, at=(new[0] + lon, new[1]))
    month = f"{begins(0)}/{begins(4)}"
    cells = by_cell(
        ask(client, sign_in("dispatcher"), "hotspots", datetime=month, grid=EAST, windows=4)
    )

    def said(place: tuple[float, float]) -> tuple[str, str, str | None, int]:
        cell = cells[lonlat_to_cell(*place, 9)]
        return (*(cell[each] for each in ("trend", "hot_since", "hot_until", "hot_windows")),)

    assert said(HERE) == ("persistent", begins(0), None, 4)
    assert said(old) == ("diminishing", begins(0), begins(1), 1)
    assert said(new) == ("new", begins(3), None, 1)
    assert cells[lonlat_to_cell(118.62, 34.55, 9)]["trend"] is None
    refused = client.get(
        f"{V1}/hotspots/features", params={"windows": 4}, headers=sign_in("dispatcher")
    )
    assert (refused.status_code, refused.json()["field"]) == (422, "windows")


def test_windows_divide_what_is_over_of_a_time(
    client: TestClient, sign_in: SignIn, town: int, report: Callable[..., None]
) -> None:
    now = datetime.now(UTC)
    ago = (now - START).total_seconds() / 86_400
    for days in (ago - 20, ago - 10, ago - 1):
        for lon in (-0.002, 0.0, 0.002):
            report(6, days=days, at=(HERE[0] + lon, HERE[1]))
    headers = sign_in("dispatcher")
    to_come = f"{(now - timedelta(days=28)).isoformat()}/{(now + timedelta(days=300)).isoformat()}"
    cells = by_cell(ask(client, headers, "hotspots", datetime=to_come, grid=EAST, windows=4))
    assert (cells[CELL]["trend"], cells[CELL]["hot_windows"]) == ("persistent", 3)
    later = f"{(now + timedelta(days=1)).isoformat()}/{(now + timedelta(days=2)).isoformat()}"
    refused = client.get(
        f"{V1}/hotspots/features", params={"windows": 4, "datetime": later}, headers=headers
    )
    assert (refused.status_code, refused.json()["field"]) == (422, "datetime")


def test_too_many_cells_are_refused_with_the_resolution_that_fits(
    client: TestClient, sign_in: SignIn, town: int
) -> None:
    refused = client.get(
        f"{V1}/hotspots/features", params={"resolution": 12}, headers=sign_in("dispatcher")
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "too_many_cells")
    assert "resolution of 9 or less" in refused.json()["detail"]
    for name, value in (("resolution", "16"), ("resolution", "x"), ("windows", "13")):
        wrong = client.get(
            f"{V1}/hotspots/features", params={name: value}, headers=sign_in("dispatcher")
        )
        assert (wrong.status_code, wrong.json()["field"]) == (422, name)


@pytest.mark.parametrize(("layer", "asked"), [("coverage", {}), ("density", {"of": "time"})])
def test_layers_of_tracks_are_no_finer_than_the_coverage_of_a_grid(
    client: TestClient, sign_in: SignIn, town: int, layer: str, asked: dict[str, str]
) -> None:
    headers = sign_in("dispatcher")
    since, until = DAY.split("/")
    for resolution in range(8, 16):
        route = client.get(
            "/api/v1/coverage/cells",
            params={"grid": EAST, "resolution": resolution, "from": since, "to": until},
            headers=headers,
        )
        same = client.get(
            f"{V1}/{layer}/features",
            params={"grid": EAST, "resolution": resolution, "datetime": DAY, **asked},
            headers=headers,
        )
        assert same.status_code == route.status_code
        if route.status_code == 200:
            told = {each["id"] for each in route.json()["features"]}
            assert {each["id"] for each in same.json()["features"]} <= told
        else:
            assert same.json()["code"] == route.json()["code"] == "too_many_cells"


def test_a_tile_has_the_cells_of_its_zoom(
    client: TestClient, sign_in: SignIn, town: int, report: Callable[..., None], tmp_path: Any
) -> None:
    report(2)
    headers = sign_in("dispatcher")

    def tile(layer: str, z: int, x: int, y: int) -> Any:
        answer = client.get(
            f"/api/v1/tiles/{layer}/{z}/{x}/{y}.mvt",
            headers={**headers, "Accept-Encoding": "identity"},
        )
        assert answer.status_code == 200, answer.text
        assert answer.headers["last-modified"].endswith("GMT")
        file = tmp_path / "tile.mvt"
        file.write_bytes(answer.content)
        return pyogrio.read_dataframe(f"MVT:{file}", layer=layer, CLIP="NO", Z=z, X=x, Y=y)

    far, near = tile("density", 10, 849, 407), tile("density", 13, 6795, 3258)
    assert far["cell"].tolist() == [lonlat_to_cell(*HERE, 7)]
    assert near["cell"].tolist() == [CELL]
    assert near["count"].tolist() == [2]
    spots = tile("hotspots", 12, 3397, 1629)
    assert spots.loc[spots["cell"] == CELL, "count"].tolist() == [2]
    both = client.get("/api/v1/tiles/density,grids/14/13591/6517.mvt", headers=headers)
    assert b"density" in both.content
    document = client.get("/api/v1/tiles/hotspots.json", headers=headers).json()
    assert document["bounds"] == pytest.approx([118.5, 34.4, 118.7, 34.6])


def test_what_was_worked_out_is_kept_for_a_short_time_and_says_as_of_when_it_is(
    client: TestClient, sign_in: SignIn, town: int, report: Callable[..., None]
) -> None:
    headers = sign_in("dispatcher")
    report(1)
    first = ask(client, headers, "density")
    report(1)
    again = ask(client, headers, "density")
    assert again["as_of"] == first["as_of"]
    assert by_cell(again)[CELL]["count"] == 1
    other = ask(client, headers, "density", resolution=9)  # another question
    assert by_cell(other)[CELL]["count"] == 2
    assert other["as_of"] > first["as_of"]
    export = client.get(
        f"{V1}/density/export",
        params={"format": "csv", "reason": "核实群众反映"},
        headers=sign_in("analyst"),
    )
    assert export.status_code == 200, export.text
    assert f"{CELL},2.0," in export.content.decode()


def test_they_are_in_the_catalog_with_what_they_are_asked_with(
    client: TestClient, sign_in: SignIn, town: int
) -> None:
    headers = sign_in("dispatcher")
    spots = client.get(f"{V1}/hotspots", headers=headers).json()
    assert spots["source"] == "computed"
    assert spots["has_time"] is True
    assert spots["choices"] == {
        "of": "String",
        "resolution": "Number",
        "grid": "String",
        "windows": "Number",
    }
    items = client.get("/ogc/collections/hotspots/items", headers=headers)
    assert items.status_code == 200, items.text
    assert items.json()["features"][0]["properties"]["spot"] == "none"
    chosen = client.get(
        "/ogc/collections/hotspots/items",
        params={"filter": "z > 1000 AND S_INTERSECTS(geom, POINT(118.65 34.5))"},
        headers=headers,
    )
    assert chosen.json()["features"] == []


def test_without_grids_there_are_no_cells(client: TestClient, sign_in: SignIn) -> None:
    headers = sign_in("dispatcher")
    for layer in ("hotspots", "coverage", "density"):
        assert ask(client, headers, layer)["features"] == []
