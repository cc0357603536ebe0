"""What a file holds before it is imported, and what its columns were taken for the last time."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import pytest
from shapely import box
from sqlalchemy import text
from typer.testing import CliRunner

from api.cli.grids import app as commands
from data import confined
from data.database import Database

URL = "/api/v1/editions"
MAPPINGS = "/api/v1/field-mappings"
Send = Callable[..., Any]


def table(*rows: dict[str, object]) -> tuple[str, bytes]:
    features = [
        {
            "type": "Feature",
            "properties": row,
            "geometry": box(118 + 0.1 * n, 34, 118.1 + 0.1 * n, 34.1).__geo_interface__,
        }
        for n, row in enumerate(rows)
    ]
    document = {"type": "FeatureCollection", "features": features}
    return "片区.geojson", json.dumps(document).encode()


STRANGE = table({"甲": "A1", "乙": "东片"}, {"甲": "A2", "乙": "西片"})


@pytest.fixture
def send(client: Any, sign_in: Any) -> Send:
    headers = sign_in("admin")

    def send(to: str, *files: tuple[str, bytes], **fields: object) -> Any:
        sent = [("files", file) for file in files]
        return client.post(to, files=sent, data=fields, headers=headers)

    return send


def test_a_preview_says_what_a_file_holds_and_changes_nothing(
    send: Send, database: Database
) -> None:
    file = table(
        {"网格编码": "320722101203005", "网格名称": "东片", "人口": 1200},
        {"网格编码": "32072210120300501", "网格名称": "一组", "人口": None},
    )
    [layer] = send(f"{URL}/preview", file).json()["layers"]
    assert layer["file"] == "片区.geojson"
    assert (layer["features"], layer["geometries"], layer["vertices"]) == (2, {"Polygon": 2}, 10)
    assert layer["crs"] == "wgs84"
    assert layer["bounds"] == pytest.approx([118, 34, 118.2, 34.1])
    assert layer["fields"][2] == {
        **{"name": "人口", "kind": "whole number", "filled": 1, "distinct": 1, "samples": [1200]}
    }
    assert layer["columns"] == {
        "code": {"field": "网格编码", "certainty": "certain", "reason": "A usual name of it."},
        "name": {"field": "网格名称", "certainty": "certain", "reason": "A usual name of it."},
    }
    assert layer["levels"] == [{"level": 1, "grids": 1}, {"level": 2, "grids": 1}]
    assert layer["rows"][0]["人口"] == 1200
    assert layer["problem"] is None
    with database.begin() as conn:
        assert conn.scalar(text("SELECT count(*) FROM grid_editions")) == 0


def test_of_two_columns_the_empty_one_is_not_the_name(send: Send, tmp_path: Path) -> None:
    path = tmp_path / "grids.kml"
    codes = {"WGBM": ["320722101203005"], "WGMC": ["东片"]}
    frame = geopandas.GeoDataFrame(codes, geometry=[box(118, 34, 118.1, 34.1)], crs=4326)
    frame.to_file(path, driver="KML")  # which writes its own column Name, empty
    file = (path.name, path.read_bytes())
    [layer] = send(f"{URL}/preview", file).json()["layers"]
    assert "Name" in [field["name"] for field in layer["fields"]]
    assert layer["columns"]["name"]["field"] == "WGMC"
    assert send(URL, file).json()["notes"] == []


def test_a_preview_reads_the_files_once(send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []
    run = confined.subprocess.run

    def noting(arguments: list[str], **options: object) -> object:
        read.append(arguments)
        return run(arguments, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(confined.subprocess, "run", noting)
    seen = send(f"{URL}/preview", STRANGE, code_field="甲", level="1").json()
    assert seen["problem"] is None
    assert len(read) == 1


def test_a_preview_lists_what_would_be_repaired(send: Send, database: Database) -> None:
    west, east = box(118, 34, 118.1, 34.1), box(118.099999, 34, 118.2, 34.1)
    frame = geopandas.GeoDataFrame(
        {"code": ["320722101203005", "320722101203006"], "name": ["西片", "东片"]},
        geometry=[west, east],
        crs=4326,
    )
    file = ("缝.geojson", frame.to_json().encode())
    seen = send(f"{URL}/preview", file).json()
    [repair] = seen["repairs"]
    assert repair["properties"]["kind"] == "overlap"
    assert 0 < repair["properties"]["width_m"] < 1
    assert seen["problem"] is None
    assert len(seen["notes"]) == 1
    assert send(f"{URL}/preview", file, repair="false").json()["repairs"] == []
    drafted = send(URL, file).json()
    assert drafted["repairs"] == seen["repairs"]


def test_a_preview_says_what_the_files_together_would_be_refused_with(send: Send) -> None:
    seen = send(
        f"{URL}/preview", STRANGE, ("b.geojson", STRANGE[1]), code_field="甲", level="1"
    ).json()
    assert [layer["problem"] for layer in seen["layers"]] == [None, None]
    assert "is on two grids" in seen["problem"]
    assert seen["problem_code"] == "duplicate_code"


def test_a_preview_says_what_an_import_would_be_refused_with(send: Send) -> None:
    [layer] = send(f"{URL}/preview", STRANGE).json()["layers"]
    assert layer["problem"].startswith("No field looks like the grid's code; there are: 甲, 乙.")
    assert layer["problem_code"] == "no_code_column"
    [layer] = send(f"{URL}/preview", STRANGE, code_field="甲").json()["layers"]
    assert layer["problem"].startswith("Nothing says the level of some grids.")
    assert layer["problem_code"] == "no_level"
    assert "--" not in layer["problem"]  # which is of the command line
    [layer] = send(f"{URL}/preview", STRANGE, code_field="甲", level="1").json()["layers"]
    assert (layer["problem"], layer["levels"]) == (None, [{"level": 1, "grids": 2}])
    refused = send(f"{URL}/preview", STRANGE, code_field="丙")
    assert (refused.status_code, refused.json()["field"]) == (422, "code")


def test_a_preview_shows_every_layer_and_a_file_that_does_not_say_its_coordinates(
    send: Send, tmp_path: Path
) -> None:
    path = tmp_path / "town.gpkg"
    for name in ("网格", "村界"):
        frame = geopandas.GeoDataFrame({"code": ["1"]}, geometry=[box(118, 34, 119, 35)], crs=4490)
        frame.to_file(path, layer=name)
    csv = b'code,wkt\n1,"POLYGON((118 34,119 34,119 35,118 34))"\n'
    files = ((path.name, path.read_bytes()), ("表.csv", csv))
    seen = send(f"{URL}/preview", *files, level="1").json()
    layers = seen["layers"]
    assert [(layer["layer"], layer["crs"]) for layer in layers] == [
        ("网格", "EPSG:4490"),
        ("村界", "EPSG:4490"),
        (None, None),
    ]
    assert layers[2]["bounds"] is None
    assert layers[2]["problem"].startswith("表.csv does not say its coordinate system.")
    assert [layer["problem_code"] for layer in layers] == [None, None, "no_crs"]
    assert [layer["is_read"] for layer in layers] == [False, False, False]


def test_of_a_file_of_layers_the_one_that_is_named_is_read(send: Send, tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    for name in ("网格", "村界"):
        frame = geopandas.GeoDataFrame({"code": ["1"]}, geometry=[box(118, 34, 119, 35)], crs=4490)
        frame.to_file(path, layer=name)
    file = (path.name, path.read_bytes())
    assert send(f"{URL}/preview", file, level="1").json()["problem_code"] == "several_layers"
    seen = send(
        f"{URL}/preview", file, level="1", map=json.dumps({"file": "town.gpkg", "layer": "村界"})
    )
    assert [(each["layer"], each["is_read"]) for each in seen.json()["layers"]] == [("村界", True)]
    assert seen.json()["problem"] is None


LARGE = ("村.geojson", table({"甲": "A1", "乙": "东片"})[1])
SMALL = ("格.geojson", table({"dm": "A1-1", "mc": "一组"})[1])


def test_each_of_two_files_may_have_columns_and_a_level_of_its_own(send: Send) -> None:
    maps = (
        {"file": "村.geojson", "level": 1, "code_field": "甲", "name_field": "乙"},
        {"file": "格.geojson", "level": 2, "code_field": "dm", "name_field": "mc"},
    )
    said = {"map": [json.dumps(each) for each in maps]}
    seen = send(f"{URL}/preview", LARGE, SMALL, **said).json()
    assert seen["problem"] is None
    assert [layer["levels"] for layer in seen["layers"]] == [
        [{"level": 1, "grids": 1}],
        [{"level": 2, "grids": 1}],
    ]
    drafted = send(URL, LARGE, SMALL, **said)
    assert drafted.status_code == 201, drafted.text
    assert [each["columns"]["code"]["field"] for each in drafted.json()["files"]] == ["甲", "dm"]


def test_a_column_named_for_all_files_is_taken_in_those_that_have_it(send: Send) -> None:
    plain = ("村.geojson", table({"code": "A1", "name": "东片"})[1])
    drafted = send(URL, plain, SMALL, level=["1", "2"], code_field="dm")
    assert drafted.status_code == 201, drafted.text
    assert [each["columns"]["code"]["field"] for each in drafted.json()["files"]] == ["code", "dm"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ('{"file": "别的.geojson", "level": 1}', "map"),
        ('{"file": "格.geojson", "level": 10}', "map"),
        ('{"file": "格.geojson", "colour": "red"}', "map"),
        ("格.geojson", "map"),
        ('{"file": "格.geojson", "code_field": "丙"}', "code"),
        ('{"file": "格.geojson", "crs": "mars"}', "crs"),
    ],
)
def test_what_is_said_of_one_file_and_makes_no_sense_is_refused(
    send: Send, said: str, field: str
) -> None:
    for to in (URL, f"{URL}/preview"):
        refused = send(to, SMALL, level="1", map=said)
        assert (refused.status_code, refused.json()["field"]) == (422, field)


def test_a_system_is_of_one_file_alone(send: Send) -> None:
    wkt = b'code,wkt\n1,"POLYGON((371224 3814000,371300 3814000,371300 3814100,371224 3814000))"\n'
    files = (("村.csv", wkt), SMALL)
    said = {"file": "村.csv", "crs": "EPSG:4549"}
    seen = send(f"{URL}/preview", *files, level="1", code_field="dm", map=json.dumps(said)).json()
    assert [layer["crs"] for layer in seen["layers"]] == ["EPSG:4549", "wgs84"]
    said = {"file": "村.csv", "crs": "cgcs2000"}
    seen = send(f"{URL}/preview", *files, level="1", code_field="dm", map=json.dumps(said)).json()
    assert [layer["problem_code"] for layer in seen["layers"]] == ["not_in_crs", None]


def test_columns_that_are_named_once_are_remembered_shown_and_forgotten(
    send: Send, client: Any, sign_in: Any, database: Database
) -> None:
    assert send(URL, STRANGE, level="1").status_code == 422
    first = send(URL, STRANGE, level="1", code_field="甲", name_field="乙")
    assert first.status_code == 201, first.text
    again = send(URL, table({"乙": "南片", "甲": "A3"}), level="1")
    assert again.status_code == 201, again.text
    assert again.json()["notes"] == [
        "片区.geojson: code is 甲, name is 乙, as for the last file with these columns."
    ]
    assert again.json()["files"][0]["columns"]["code"]["certainty"] == "remembered"
    [layer] = send(f"{URL}/preview", STRANGE, level="1").json()["layers"]
    assert layer["columns"]["name"]["certainty"] == "remembered"
    headers = sign_in("admin")
    [mapping] = client.get(MAPPINGS, headers=headers).json()["items"]
    assert (mapping["code_field"], mapping["name_field"], mapping["level_field"]) == (
        *("甲", "乙"),
        None,
    )
    assert (sorted(mapping["fields"]), mapping["times_used"]) == (["乙", "甲"], 2)
    assert client.delete(f"{MAPPINGS}/{mapping['id']}", headers=headers).status_code == 204
    assert client.delete(f"{MAPPINGS}/{mapping['id']}", headers=headers).status_code == 404
    assert send(URL, STRANGE, level="1").status_code == 422
    with database.begin() as conn:
        actions = conn.scalars(text("SELECT action FROM audit_events ORDER BY id")).all()
    assert actions[-1] == "field_mapping.forget"


def test_an_import_that_is_refused_is_not_remembered(send: Send, database: Database) -> None:
    twice = table({"甲": "A1"}, {"甲": "A1"})
    assert send(URL, twice, level="1", code_field="甲").status_code == 422
    with database.begin() as conn:
        assert conn.scalar(text("SELECT count(*) FROM field_mappings")) == 0


def test_the_command_line_previews_remembers_and_forgets(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = database.url.render_as_string(hide_password=False)
    monkeypatch.setenv("WANGGE_DATABASE_URL", url)
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path))
    path = tmp_path / STRANGE[0]
    path.write_bytes(STRANGE[1])

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(commands, list(arguments), env={"COLUMNS": "160"})
        assert result.exit_code == 0, result.output
        return result.stdout

    assert "An import would be refused: No field looks like" in run("preview", str(path))
    run("import", str(path), "--level", "1", "--code-field", "甲")
    assert "code (remembered)" in run("preview", str(path))
    assert "甲" in run("mappings")
    assert "forgotten" in run("mappings", "--forget", "1")
    assert "Nothing is remembered yet" in run("mappings")
