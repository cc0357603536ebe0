"""`wangge grids`, run in this process on the test's own database."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from shapely import Polygon, box
from shapely.geometry import mapping
from sqlalchemy import text
from typer.testing import CliRunner

import data.editions.service
from api.cli.grids import app
from data.audit import Who
from data.database import Database
from data.editions import change_draft, draft_edition, find_edition
from gis.errors import Conflict, InvalidInput, NotFound, UnreadableFile, WanggeError
from gis.redivision import Merge, Rename
from tests.divisions import squares

Run = Callable[..., str]


@pytest.fixture
def invoke(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Result]:
    monkeypatch.setenv("WANGGE_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path))
    return lambda *arguments: CliRunner().invoke(app, list(map(str, arguments)))


@pytest.fixture
def run(invoke: Callable[..., Result]) -> Run:
    """The command's output; its error is raised."""

    def run(*arguments: object) -> str:
        result = invoke(*arguments)
        if isinstance(result.exception, WanggeError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.stdout

    return run


def write(path: Path, *rows: tuple[dict[str, Any], Polygon], **members: Any) -> Path:
    path.parent.mkdir(exist_ok=True)
    features = [
        {"type": "Feature", "properties": properties, "geometry": mapping(area)}
        for properties, area in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **members}))
    return path


WEST, EAST = box(118.60, 34.5, 118.61, 34.51), box(118.61, 34.5, 118.62, 34.51)
WHOLE = box(118.60, 34.5, 118.62, 34.51)


@pytest.fixture
def town(tmp_path: Path) -> tuple[str, str]:
    """The two arguments that import a sound town of one level-1 and two level-2 grids."""
    write(tmp_path / "one" / "town.geojson", ({"code": 320722101203005, "Name": "镇"}, WHOLE))
    write(tmp_path / "two" / "west.geojson", ({"code": 32072210120300501, "Name": "西"}, WEST))
    write(tmp_path / "two" / "east.geojson", ({"code": 32072210120300502, "Name": "东"}, EAST))
    return f"1={tmp_path}/one/", f"2={tmp_path}/two"


def test_folders_of_two_levels_become_one_draft_that_is_put_in_force(
    run: Run, town: tuple[str, str]
) -> None:
    output = run("import", *town, "--edition", "2026")
    assert "Edition 1 (2026): 1 of level 1, 2 of level 2; no findings." in output
    assert "Next: wangge grids activate 1" in output
    assert "Edition 1 (2026): no findings." in run("check", "2026")
    assert "Edition 1 (2026) is in force since 20" in run("activate", "1")
    assert "active" in run("list")


def test_importing_twice_is_once_and_says_so(run: Run, town: tuple[str, str]) -> None:
    run("import", *town, "--name", "2026")
    assert "there already: edition 1 (2026), draft" in run("import", *town, "--name", "again")
    assert len(run("list").splitlines()) == 2


def test_a_file_of_one_level_and_then_one_of_the_next(
    run: Run, town: tuple[str, str], tmp_path: Path
) -> None:
    run("import", tmp_path / "one", "--level", "1", "--name", "town alone")
    output = run("import", tmp_path / "two", "--level", "2", "--base", "town alone")
    assert "1 of level 1, 2 of level 2; no findings" in output


def test_codes_of_the_scheme_say_their_level_themselves(
    run: Run, town: tuple[str, str], tmp_path: Path
) -> None:
    assert "1 of level 1, 2 of level 2" in run("import", tmp_path / "one", tmp_path / "two")


def test_codes_of_another_scheme_say_their_level_and_parent_by_what_they_begin_with(
    run: Run, database: Database, tmp_path: Path
) -> None:
    file = write(
        tmp_path / "nested.geojson",
        ({"code": "110108001", "name": "街道"}, WHOLE),
        ({"code": "110108001007", "name": "甲"}, WEST),
        ({"code": "110108001008", "name": "乙"}, EAST),
    )
    assert "levels: 1 of level 1, 2 of level 2" in run("preview", file)
    assert "1 of level 1, 2 of level 2; no findings" in run("import", file)
    with database.begin() as conn:
        parents = conn.scalars(text("SELECT DISTINCT parent_code FROM grids WHERE level = 2"))
        assert parents.all() == ["110108001"]


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".fgb"])
def test_an_export_imported_again_is_the_same_edition(
    run: Run, town: tuple[str, str], tmp_path: Path, suffix: str
) -> None:
    run("import", *town, "--name", "2026")
    file = tmp_path / f"grids{suffix}"
    assert f"{file}: 3 grids of edition 1 (2026)" in run("export", "1", file)
    assert "there already: edition 1" in run("import", file)


def test_findings_are_shown_written_and_must_be_accepted(run: Run, tmp_path: Path) -> None:
    file = write(
        tmp_path / "grids.geojson",
        ({"code": "A", "name": "西"}, WEST),
        ({"code": "B", "name": "东"}, box(118.609, 34.5, 118.62, 34.51)),
    )
    assert "Next: wangge grids check 1" in run("import", file, "--level", "1", "--name", "2026")
    geojson = tmp_path / "findings.geojson"
    output = run("check", "--geojson", geojson)
    assert "overlap" in output
    assert "西 (A) and 东 (B)" in output
    assert "Edition 1 (2026): 1 finding." in output
    [finding] = json.loads(geojson.read_text())["features"]
    assert finding["properties"]["codes"] == ["A", "B"]
    with pytest.raises(Conflict, match=r"1 finding about edition 1.*accept_reason"):
        run("activate", "1")
    assert "in force" in run("activate", "1", "--accept", "known since the survey")


def test_a_grid_outside_its_parent_is_a_finding_with_its_area(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "1.geojson", ({"code": "T", "name": "镇"}, WEST))
    write(tmp_path / "2.geojson", ({"code": "V", "name": "村", "parentCode": "T"}, WHOLE))
    run("import", f"1={tmp_path}/1.geojson", f"2={tmp_path}/2.geojson")
    output = run("check")
    assert "outside_parent" in output
    assert "1,018,734" in output


def test_slivers_are_repaired_and_told_unless_somebody_says_otherwise(
    run: Run, tmp_path: Path
) -> None:
    file = write(
        tmp_path / "grids.geojson",
        ({"code": "A", "name": "西"}, WEST),
        ({"code": "B", "name": "东"}, box(118.609996, 34.5, 118.62, 34.51)),
    )
    output = run("import", file, "--level", "1", "--no-repair", "--name", "as it was")
    assert "1 finding" in output
    output = run("import", file, "--level", "1", "--name", "repaired")
    assert "m² that A and B both had went to A: a sliver, at most 0.37 m wide" in output
    assert "no findings" in output


def test_gcj02_files_are_shifted_back(run: Run, town: tuple[str, str], database: Database) -> None:
    run("import", *town, "--crs", "gcj02")
    with database.begin() as conn:
        west = conn.scalar(text("SELECT min(ST_XMin(geom)) FROM grids"))
        crs = conn.scalar(text("SELECT source_crs FROM grid_editions"))
    assert west == pytest.approx(118.5946, abs=0.001)
    assert crs == "gcj02"


def test_fields_of_other_names_are_named(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "a.geojson", ({"BH": "7", "XM": "东"}, EAST))
    with pytest.raises(UnreadableFile, match=r"a\.geojson: No field.*BH, XM.*code_field"):
        run("import", file, "--level", "1")
    run("import", file, "--level", "1", "--code-field", "BH", "--name-field", "XM")


@pytest.mark.parametrize(
    ("content", "arguments", "says"),
    [
        ('{"type": "FeatureColl', (), r"a\.geojson is not valid JSON: .*line 1"),
        ('{"type": "FeatureCollection", "features": []}', (), "holds no feature"),
        ({"crs": None}, (), "does not say its coordinate system.*as crs"),
        ({}, ("--crs", "mars"), "'mars' is not a coordinate system"),
        (
            {},
            ("--crs", "EPSG:4549"),
            r"feature 1: 118\.61, 34\.5 is not a place in EPSG:4549.*as crs",
        ),
        ({}, ("--level", "1", "--base", "9"), "no grid edition yet"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_in_one_line(
    run: Run, database: Database, tmp_path: Path, content: Any, arguments: Any, says: str
) -> None:
    file = write(
        tmp_path / "a.geojson",
        ({"code": "A"}, WEST),
        **({} if isinstance(content, str) else content),
    )
    if isinstance(content, str):
        file.write_text(content)
    with pytest.raises(WanggeError, match=says) as raised:
        run("import", file, *(arguments or ("--level", "1")))
    assert "\n" not in raised.value.message
    with database.begin() as conn:
        assert conn.scalar(text("SELECT count(*) FROM grid_editions")) == 0


def test_swapped_coordinates_are_refused_with_their_place(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "a.geojson", ({"code": "A"}, box(34.5, 118.6, 34.51, 118.61)))
    with pytest.raises(UnreadableFile, match=r"feature 1: 34\.51, 118\.6 .*swapped"):
        run("import", file, "--level", "1")


def test_a_code_on_two_grids_is_refused_with_both_places(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "a.geojson", ({"code": 1}, WEST), ({"code": "1"}, EAST))
    with pytest.raises(InvalidInput, match=r"Code 1 is on two grids: .*feature 1.*feature 2"):
        run("import", file, "--level", "1")


def test_a_missing_file_is_named(run: Run, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"nowhere\.geojson does not exist"):
        run("import", f"1={tmp_path}/nowhere.geojson")


def test_a_level_is_said_once(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "a.geojson", ({"code": 1}, WEST))
    with pytest.raises(InvalidInput, match="leave out --level"):
        run("import", f"1={tmp_path}/a.geojson", "--level", "1")


@pytest.mark.parametrize(
    "arguments", [("check", "x"), ("activate", "7"), ("export", "7", "a.geojson"), ("check",)]
)
def test_an_unknown_edition_is_said_to_be_unknown(
    run: Run, town: tuple[str, str], arguments: tuple[str, ...]
) -> None:
    if len(arguments) > 1:
        run("import", *town)
    with pytest.raises(NotFound, match=r"There is no (edition|grid edition yet)"):
        run(*arguments)


def test_an_interrupted_import_leaves_nothing(
    invoke: Callable[..., Result],
    database: Database,
    town: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*arguments: object, **more: object) -> None:
        insert(*arguments, **more)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    insert = data.editions.service.insert_edition
    monkeypatch.setattr(data.editions.service, "insert_edition", interrupted)
    assert invoke("import", *town).exit_code != 0
    with database.begin() as conn:
        assert conn.scalar(text("SELECT count(*) FROM grid_editions")) == 0
        assert conn.scalar(text("SELECT count(*) FROM grids")) == 0


def test_a_copy_is_changed_compared_taken_back_and_put_in_force(
    run: Run, database: Database, tmp_path: Path
) -> None:
    with database.begin() as conn:
        edition = draft_edition(conn, squares(), name="2026").edition
    assert "is in force since" in run("activate", edition.id)
    assert "a draft with 6 grids" in run("copy", "2027")
    sw, nw = "32072210120300101", "32072210120300102"
    with database.begin() as conn:
        draft = find_edition(conn, "2027").id
        for operation in (Merge(grids=(sw, nw)), Rename(grid=sw, name="新")):
            change_draft(conn, draft, operation, Who.at_the_machine(), at=datetime.now(UTC))
    assert "no findings" in run("undo", "2027")
    moved = tmp_path / "moved.geojson"
    shown = run("compare", "2027", "--geojson", moved)
    assert "merged" in shown
    assert "0 open cases change their grid" in shown
    [feature] = json.loads(moved.read_text())["features"]
    assert (feature["properties"]["from"], feature["properties"]["to"]) == (nw, sw)
    assert "takes effect at 2099" in run("activate", "2027", "--at", "2099-01-02T00:00:00Z")
    assert "stays a draft" in run("cancel", "2027")
    assert "is in force since" in run("activate", "2027")


def test_an_instant_needs_a_zone(run: Run, database: Database) -> None:
    with database.begin() as conn:
        draft_edition(conn, squares(), name="2026")
    with pytest.raises(InvalidInput, match="no zone"):
        run("activate", "2026", "--at", "2099-01-01")
