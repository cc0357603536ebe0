"""`wangge tracks export`, run in this process on the test's own database."""

import csv
import io
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli.tracks import app
from data.audit import AuditFilter, list_records
from data.database import Database
from gis.errors import InvalidInput, NotFound, WanggeError
from tests.morning import EAST, TOWN, make_town, morning

DAY = ("--from", "2026-11-20", "--to", "2026-11-21", "--reason", "配合调查")


@pytest.fixture
def invoke(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Result]:
    make_town(database)
    monkeypatch.setenv("WANGGE_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path / "data"))
    return lambda *arguments: CliRunner().invoke(app, ["export", *map(str, arguments)])


def rows(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def message(result: Result) -> str:
    assert isinstance(result.exception, WanggeError)
    return result.exception.message


def test_a_day_of_a_grid_is_a_file_of_its_owners_only(
    invoke: Callable[..., Result], database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "day.csv"
    result = invoke("--grid", TOWN, *DAY, "--out", file)
    assert result.exit_code == 0, result.output
    assert f"{len(morning())} fixes of 2 units" in result.stdout
    assert [row["unit"] for row in rows(file)] == ["GW-001"] * len(morning())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with database.begin() as conn:
        [said] = list_records(conn, AuditFilter(), limit=9)
    assert (said.action, said.subject, said.reason) == ("track.export", f"grid {TOWN}", "配合调查")
    assert said.details["units"] == ["GW-001", "GW-002"]
    assert said.actor.endswith("at the machine")


def test_the_same_again_replaces_the_file(invoke: Callable[..., Result], tmp_path: Path) -> None:
    file = tmp_path / "day.gpx"
    for _ in range(2):
        assert invoke("--unit", "GW-001", "--unit", "GW-002", *DAY, "--out", file).exit_code == 0
    assert file.read_bytes().startswith(b"<?xml")
    assert names_in(tmp_path) == ["day.gpx"]


def test_what_was_exported_as_geoparquet_can_be_imported_and_is_the_same(
    invoke: Callable[..., Result], tmp_path: Path
) -> None:
    file = tmp_path / "day.parquet"
    assert invoke("--grid", TOWN, *DAY, "--out", file).exit_code == 0
    result = CliRunner().invoke(app, ["import", str(file), "--unit-column", "unit"])
    assert result.exit_code == 0, result.output
    count = str(len(morning()))
    assert result.stdout.splitlines()[1].split() == [
        "day.parquet",
        "GW-001",
        count,
        "0",
        count,
        "0",
    ]


def test_interrupted_it_leaves_what_was_there(
    invoke: Callable[..., Result],
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def interrupt(*_arguments: object, **_options: object) -> None:
        raise KeyboardInterrupt

    file = tmp_path / "day.csv"
    file.write_text("of before")
    monkeypatch.setattr("patrol.tracks.export.exported.analysed", interrupt)
    assert invoke("--unit", "GW-001", *DAY, "--out", file).exit_code != 0
    assert file.read_text() == "of before"
    assert names_in(tmp_path) == ["day.csv"]
    with database.begin() as conn:
        assert list_records(conn, AuditFilter(), limit=9) == []


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        (["--out", "day.txt", "--unit", "GW-001", *DAY], InvalidInput, "or add --format"),
        (["--out", "day.csv", *DAY], InvalidInput, "either --unit CODE or --grid CODE"),
        (["--out", "a.csv", "--unit", "A", "--grid", EAST, *DAY], InvalidInput, "either --unit"),
        (["--out", "day.csv", "--unit", "GW-404", *DAY], NotFound, "no unit 'GW-404'"),
        (["--out", "day.csv", "--grid", "404", *DAY], NotFound, "404"),
        (["--out", "nowhere/day.csv", "--unit", "GW-001", *DAY], InvalidInput, "cannot be written"),
        (
            ["--out", "d.csv", "--unit", "GW-001", *DAY[:3], "2026-11-19", "--reason", "走失"],
            InvalidInput,
            "from must be before to",
        ),
        (["--out", "day.csv", "--unit", "GW-001", *DAY[:-1], "x"], InvalidInput, "2 to 200"),
    ],
)
def test_what_cannot_be_says_why_and_leaves_nothing(
    invoke: Callable[..., Result],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    options: list[str],
    error: type[WanggeError],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    result = invoke(*options)
    assert isinstance(result.exception, error), result.output
    assert words in message(result)
    assert names_in(tmp_path) == []
