"""The features of layers over HTTP: pages, choices, scope, and the files they are taken along in."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from python_calamine import CalamineWorkbook
from sqlalchemy import select, text
from starlette.testclient import TestClient

from data.database import Database
from data.schema import audit_events

V1 = "/api/v1/layers"
EAST, WEST = "320722101001001", "320722101002001"


@pytest.fixture
def viewer(client: TestClient, sign_in: Any, lamps: None) -> TestClient:
    client.headers.update(sign_in("dispatcher"))
    return client


@pytest.fixture
def lamps(database: Database) -> None:
    """Twenty-five facilities along a road, lamps and manholes in turn."""
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO facilities (code, kind, name, geom) "
                "SELECT 'F' || n, CASE n % 2 WHEN 0 THEN 'lamp' ELSE 'manhole' END, '=1+' || n, "
                "ST_SetSRID(ST_MakePoint(118.6 + n * 0.001, 34.5), 4326) "
                "FROM generate_series(1, 25) AS n"
            )
        )


@pytest.fixture
def patrol(database: Database) -> None:
    """A case and a unit with a track today and one of yesterday, in each of two grids."""
    with database.begin() as conn:
        for number, grid in enumerate((EAST, WEST), start=1):
            values = {"n": number, "grid": grid, "now": datetime.now(UTC)}
            for statement in (
                "INSERT INTO units (id, code, kind, name, role, grid_code) "
                "VALUES (:n, 'U' || :n, 'person', 'x', 'grid_worker', :grid)",
                "INSERT INTO positions (unit_id, at, lon, lat, moved_at, seq) "
                "VALUES (:n, :now, 118.6, 34.5, :now, :n)",
                "INSERT INTO track_segments SELECT :n, begins, begins + interval '1 minute', "
                "current_date, 2, 9, 1, "
                "'SRID=4326;LINESTRINGM(118.6 34.5 1795334400, 118.61 34.5 1795335000)' "
                "FROM unnest(ARRAY[CAST(:now AS timestamptz), :now - interval '1 day']) AS begins",
                "INSERT INTO cases (number, state, source, category, description, geom, grid_code, "
                "reported_at) VALUES ('C' || :n, 'filed', 'patrol', 'other', 'secret', "
                "ST_SetSRID(ST_MakePoint(118.6, 34.5), 4326), :grid, :now)",
            ):
                conn.execute(text(statement), values)


def pages(client: TestClient, url: str, **params: Any) -> Iterator[list[dict[str, Any]]]:
    cursor = None
    while True:
        given = params if cursor is None else params | {"cursor": cursor}
        answer = client.get(url, params=given)
        assert answer.status_code == 200, answer.text
        yield answer.json()["features"]
        cursor = answer.json()["next"]
        if cursor is None:
            return


def test_pages_follow_each_other_without_a_gap_while_features_are_added(
    viewer: TestClient, database: Database
) -> None:
    seen: list[str] = []
    for page in pages(viewer, f"{V1}/facilities/features", limit=10):
        assert len(page) <= 10
        seen += [feature["properties"]["code"] for feature in page]
        with database.begin() as conn:
            conn.execute(text("DELETE FROM facilities WHERE code = 'F3'"))  # of a page gone by
    assert seen == [f"F{n}" for n in range(1, 26)]


def test_the_last_page_is_known_to_be_the_last(viewer: TestClient) -> None:
    sizes = [len(page) for page in pages(viewer, f"{V1}/facilities/features", limit=25)]
    assert sizes == [25]


def test_features_are_chosen_by_box_and_by_fields(viewer: TestClient) -> None:
    url = f"{V1}/facilities/features"
    [chosen] = pages(viewer, url, bbox="118.6005,34.4,118.6045,34.6", kind="lamp")
    assert [feature["properties"]["code"] for feature in chosen] == ["F2", "F4"]
    assert chosen[0]["geometry"] == {"type": "Point", "coordinates": [118.602, 34.5]}
    [both] = pages(viewer, url, code="F1,F2")
    assert len(both) == 2


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"bbox": "1,2,3"}, "bbox"),
        ({"datetime": "2026-01-01T00:00:00Z"}, "datetime"),  # facilities know no time
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "dHJ1ZQ=="}, "cursor"),  # true
        ({"limit": 10_001}, "limit"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(
    viewer: TestClient, params: dict[str, Any], field: str
) -> None:
    answer = viewer.get(f"{V1}/facilities/features", params=params)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


@pytest.mark.parametrize(
    "when", ["yesterday", "2026-01-01", "..", "a/b/c", "2026-02-01T00:00:00Z/2026-01-01T00:00:00Z"]
)
def test_a_time_that_is_none_is_refused(viewer: TestClient, when: str) -> None:
    answer = viewer.get(f"{V1}/cases/features", params={"datetime": when})
    assert (answer.status_code, answer.json()["field"]) == (422, "datetime")


@pytest.mark.usefixtures("patrol")
def test_a_chief_is_shown_the_cases_and_people_of_their_grids(
    client: TestClient, sign_in: Any, database: Database
) -> None:
    with database.begin() as conn:
        edition = conn.scalar(
            text(
                "INSERT INTO grid_editions (name, state, content_hash, valid_from) "
                "VALUES ('x', 'active', 'x', now()) RETURNING id"
            )
        )
        for code in (EAST, WEST):
            conn.execute(
                text(
                    "INSERT INTO grids (edition_id, code, name, level, area_m2, geom) VALUES (:edition, "
                    ":code, 'x', 1, 1, ST_Multi(ST_MakeEnvelope(118, 34, 119, 35, 4326)))"
                ),
                {"edition": edition, "code": code},
            )
    client.headers.update(sign_in("grid_chief", grid_code=EAST))
    shown = {
        layer: [f["properties"] for f in client.get(f"{V1}/{layer}/features").json()["features"]]
        for layer in ("cases", "staff", "tracks", "grids")
    }
    assert [case["number"] for case in shown["cases"]] == ["C1"]
    assert "secret" not in json.dumps(shown)
    assert [unit["code"] for unit in shown["staff"]] == ["U1"]
    assert [track["unit"] for track in shown["tracks"]] == ["U1"]
    assert {grid["code"] for grid in shown["grids"]} == {EAST, WEST}
    tile = client.get("/api/v1/tiles/cases,staff/14/13589/6517.mvt").content
    assert b"C1" in tile
    assert b"U1" in tile
    assert b"C2" not in tile
    assert b"U2" not in tile


@pytest.mark.usefixtures("patrol")
def test_where_people_were_before_today_needs_a_reason_and_is_on_the_audit(
    viewer: TestClient, database: Database
) -> None:
    url, past = f"{V1}/tracks/features", {"datetime": "../.."}
    assert len(viewer.get(url).json()["features"]) == 2  # today's
    refused = viewer.get(url, params=past)
    assert (refused.status_code, refused.json()["code"]) == (422, "reason_required")
    told = viewer.get(url, params=past | {"reason": "核实群众反映"})
    assert len(told.json()["features"]) == 4
    with database.begin() as conn:
        looks = conn.execute(
            select(audit_events.c.subject, audit_events.c.reason).where(
                audit_events.c.action == "layer.read"
            )
        ).all()
    assert looks == [("layer tracks", None), ("layer tracks", "核实群众反映")]


@pytest.mark.usefixtures("patrol")
def test_cases_are_those_that_were_open_at_a_time(viewer: TestClient, database: Database) -> None:
    now = datetime.now(UTC)
    with database.begin() as conn:
        conn.execute(
            text("UPDATE cases SET state = 'closed', closed_at = :at WHERE number = 'C1'"),
            {"at": now + timedelta(hours=1)},
        )

    def numbers(**params: str) -> list[str]:
        [page] = pages(viewer, f"{V1}/cases/features", **params)
        return [feature["properties"]["number"] for feature in page]

    assert numbers() == ["C2"]
    assert numbers(datetime=(now + timedelta(minutes=5)).isoformat()) == ["C1", "C2"]
    assert numbers(datetime=f"{(now + timedelta(hours=2)).isoformat()}/..") == ["C2"]
    assert numbers(datetime="../2020-01-01T00:00:00Z") == []


def exported(viewer: TestClient, layer: str, to: str, **params: str) -> bytes:
    answer = viewer.get(
        f"{V1}/{layer}/export", params={"format": to, "reason": "核实群众反映", **params}
    )
    assert answer.status_code == 200, answer.text
    assert f"{layer}-" in answer.headers["content-disposition"]
    return answer.content


def test_a_geopackage_is_read_by_gdal(viewer: TestClient, tmp_path: Path) -> None:
    file = tmp_path / "facilities.gpkg"
    file.write_bytes(exported(viewer, "facilities", "gpkg"))
    frame = pyogrio.read_dataframe(file)
    assert list(frame["code"]) == [f"F{n}" for n in range(1, 26)]
    assert frame.crs == "EPSG:4326"
    assert frame.geometry.iloc[0].equals(shapely.Point(118.601, 34.5))
    assert list(pyogrio.list_layers(file)[:, 0]) == ["facilities"]


def test_geojson_says_where_it_comes_from(viewer: TestClient) -> None:
    document = json.loads(exported(viewer, "facilities", "geojson", kind="lamp"))
    assert document["type"] == "FeatureCollection"
    assert (document["subject"], document["reason"]) == ("layer facilities", "核实群众反映")
    assert len(document["features"]) == 12
    assert document["features"][0]["geometry"]["coordinates"] == [118.602, 34.5]


def test_geoparquet_holds_wkb_and_its_metadata(viewer: TestClient) -> None:
    table = pq.read_table(BytesIO(exported(viewer, "facilities", "geoparquet")))
    assert table.num_rows == 25
    geo = json.loads(table.schema.metadata[b"geo"])
    assert geo["columns"][geo["primary_column"]]["encoding"] == "WKB"
    first = shapely.from_wkb(table.column("geometry")[0].as_py())
    assert (first.x, first.y) == (118.601, 34.5)


def test_a_table_is_no_formula(viewer: TestClient) -> None:
    rows = exported(viewer, "facilities", "csv").decode("utf-8-sig").splitlines()
    assert rows[0] == "code,name,kind,lon,lat,exported_by,exported_at,reason"
    assert rows[1].startswith("F1,'=1+1,manhole,118.601,34.5,")
    assert len(rows) == 26
    workbook = CalamineWorkbook.from_filelike(BytesIO(exported(viewer, "facilities", "xlsx")))
    [header, first, *_] = workbook.get_sheet_by_name("features").to_python()
    assert header == ["code", "name", "kind", "lon", "lat"]
    assert first == ["F1", "=1+1", "manhole", 118.601, 34.5]


@pytest.mark.usefixtures("patrol")
def test_every_layer_is_exported_in_every_format(viewer: TestClient) -> None:
    for layer in ("basemap", "grids", "cameras", "cases", "staff", "tracks"):
        for to in ("geojson", "geoparquet", "gpkg", "csv", "xlsx"):
            assert exported(viewer, layer, to)


def test_an_export_needs_a_reason_and_is_on_the_audit(
    viewer: TestClient, database: Database
) -> None:
    refused = viewer.get(f"{V1}/facilities/export", params={"format": "csv"})
    assert (refused.status_code, refused.json()["code"]) == (422, "reason_required")
    exported(viewer, "facilities", "csv", kind="lamp")
    with database.begin() as conn:
        [details] = conn.scalars(
            select(audit_events.c.details).where(audit_events.c.action == "layer.export")
        )
    assert details == {
        "fields": ["kind"],
        "bbox": None,
        "datetime": None,
        "features": 12,
        "format": "csv",
    }
