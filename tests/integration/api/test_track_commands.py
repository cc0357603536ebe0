"""`wangge tracks`, run in this process on the test's own database."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

from api.cli.tracks import app
from data.database import Database
from gis.errors import InvalidInput, NotFound, UnreadableFile, WanggeError

HEADER = "Geolife trajectory\nWGS 84\nAltitude is in Feet\nReserved 3\n0,2,255,My Track\n0\n"
GOOD = "39.98,116.31,0,492,39744.12,2008-10-23,02:53:04"
LATER = "39.98,116.32,0,492,39744.12,2008-10-23,02:53:09"
BAD = "400.2,116.31,0,492,39744.12,2008-10-23,02:53:05"


@pytest.fixture
def invoke(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Result]:
    monkeypatch.setenv("WANGGE_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path))
    return lambda *arguments: CliRunner().invoke(app, ["import", *map(str, arguments)])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Two people's tracks as Geolife lays them out; the second has a line that is no fix."""
    for unit, lines in (("000", [GOOD, GOOD, LATER]), ("001", [GOOD, BAD])):
        folder = tmp_path / "Data" / unit / "Trajectory"
        folder.mkdir(parents=True)
        (folder / f"{unit}.plt").write_text(HEADER + "\n".join(lines) + "\n")
    return tmp_path / "Data"


def rows(result: Result) -> list[list[str]]:
    assert result.exit_code == 0, result.output
    return [line.split() for line in result.stdout.splitlines()]


def message(result: Result) -> str:
    assert isinstance(result.exception, WanggeError)
    return result.exception.message


def test_every_file_reports_what_became_of_its_lines(
    invoke: Callable[..., Result], files: Path
) -> None:
    result = invoke(files, "--unit-from-folder", "--create-units")
    assert rows(result)[:4] == [
        ["file", "unit", "read", "stored", "duplicates", "refused"],
        ["000.plt", "000", "3", "2", "1", "0"],
        ["001.plt", "001", "2", "1", "0", "1"],
        ["all", "5", "3", "1", "1"],
    ]
    assert "001.plt, line 8: latitude 400.2, longitude 116.31 is not on the earth" in result.stdout
    assert "No grid edition is active, so the fixes are in no grid." in result.stdout


def test_importing_twice_stores_once(
    invoke: Callable[..., Result], files: Path, database: Database
) -> None:
    invoke(files, "--unit-from-folder", "--create-units")
    again = invoke(files, "--unit-from-folder")
    assert rows(again)[3] == ["all", "5", "0", "4", "1"]
    with database.begin() as conn:
        assert conn.scalar(text("SELECT count(*) FROM fixes")) == 3


def test_gpx_files_are_read_beside_the_others_and_their_points_are_named(
    invoke: Callable[..., Result], files: Path
) -> None:
    points = "".join(
        f'<trkpt lat="34.5" lon="118.6">{time}</trkpt>'
        for time in ("<time>2026-11-21T08:00:00Z</time>", "", "<time>2026-11-21T08:00:09Z</time>")
    )
    folder = files / "002" / "Trajectory"
    folder.mkdir(parents=True)
    (folder / "walk.gpx").write_text(f"<gpx><trk><trkseg>{points}</trkseg></trk></gpx>")
    (folder / "marks.gpx").write_text('<gpx><wpt lat="34.5" lon="118.6"/></gpx>')
    result = invoke(files, "--unit-from-folder", "--create-units")
    assert isinstance(result.exception, UnreadableFile)
    assert ["walk.gpx", "002", "3", "2", "0", "1"] in [
        line.split() for line in result.stdout.splitlines()
    ]
    assert "walk.gpx, point 2: it has no time" in result.stdout
    assert "marks.gpx has no track in it, only 1 waypoint." in result.stdout


def test_a_unit_must_be_there_or_be_asked_for(invoke: Callable[..., Result], files: Path) -> None:
    result = invoke(files, "--unit-from-folder")
    assert isinstance(result.exception, NotFound)
    assert "no unit 000, 001" in message(result)


def test_all_files_may_be_of_one_unit(
    invoke: Callable[..., Result], files: Path, database: Database
) -> None:
    file = files / "000" / "Trajectory" / "000.plt"
    invoke(file, "--unit", "JD-01", "--create-units", "--kind", "vehicle")
    with database.begin() as conn:
        units = conn.execute(text("SELECT code, kind FROM units")).all()
    assert [tuple(row) for row in units] == [("JD-01", "vehicle")]


def test_a_time_spent_elsewhere_is_refused_with_its_line(
    invoke: Callable[..., Result], files: Path
) -> None:
    for lon in ("116.31", "116.4"):
        file = files / "000" / f"{lon}.plt"
        file.write_text(HEADER + GOOD.replace("116.31", lon))
        result = invoke(file, "--unit", "JD-01", "--create-units")
    assert "116.4.plt, line 7: the unit was elsewhere at that time" in result.stdout


@pytest.mark.parametrize("options", [(), ("--unit", "A", "--unit-from-folder")])
def test_whose_tracks_they_are_must_be_said_in_one_way(
    invoke: Callable[..., Result], files: Path, options: tuple[str, ...]
) -> None:
    result = invoke(files, *options)
    assert isinstance(result.exception, InvalidInput)
    assert "either --unit CODE, --unit-from-folder or --unit-column" in message(result)


def test_a_file_that_is_no_track_does_not_stop_the_others(
    invoke: Callable[..., Result], files: Path
) -> None:
    (files / "000" / "Trajectory" / "other.plt").write_text("OziExplorer\n")
    result = invoke(files, "--unit-from-folder", "--create-units")
    assert "other.plt is not a Geolife track" in result.stdout
    assert message(result) == "1 of 3 files could not be read."


def test_a_missing_folder_is_named(invoke: Callable[..., Result], tmp_path: Path) -> None:
    result = invoke(tmp_path / "nowhere", "--unit", "A")
    assert isinstance(result.exception, UnreadableFile)
    assert "nowhere does not exist" in message(result)


def test_what_tracks_mean_is_worked_out_by_hand_as_often_as_one_likes(
    invoke: Callable[..., Result], files: Path, database: Database
) -> None:
    rows(invoke(files, "--unit-from-folder", "--create-units"))
    for _ in range(2):
        result = CliRunner().invoke(app, ["analyse", "--from", "2008-10-23", "--to", "2008-10-23"])
        assert result.exit_code == 0, result.output
        assert result.stdout == "analysed: 2 days of units\n"
        with database.begin() as conn:
            assert conn.scalar(text("SELECT count(*) FROM unit_days")) == 2
            assert conn.scalar(text("SELECT count(*) FROM track_segments")) == 2
            assert conn.scalar(text("SELECT count(*) FROM changed_days")) == 0
    result = CliRunner().invoke(app, ["analyse", "--from", "2008-10-24", "--to", "2008-10-23"])
    assert isinstance(result.exception, InvalidInput)
