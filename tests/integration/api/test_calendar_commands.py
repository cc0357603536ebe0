"""`wangge calendar`: from a table and into one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli.commands import app
from data.database import Database
from gis.errors import InvalidInput

Run = Callable[..., Result]
LIST = "日期,类型,名称\n2027/1/1,休,元旦\n2027/1/3,班,=元旦调休\n2027/10/1,休,国庆节\n"


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("WANGGE_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path))
    monkeypatch.setattr("api.cli.commands.configure_logs", lambda: None)
    return lambda *arguments: CliRunner().invoke(app, ("calendar", *map(str, arguments)))


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_list_is_taken_written_and_taken_again(run: Run, tmp_path: Path, suffix: str) -> None:
    file, written = tmp_path / "2027.csv", tmp_path / f"own{suffix}"
    file.write_text(LIST, "gb18030")
    assert run("import", file).output == "3 new, 0 changed, 0 there already.\n"
    assert run("export", written).output == f"3 days in {written}\n"
    assert run("import", written).output == "0 new, 0 changed, 3 there already.\n"
    shown = run("show", "2027").output
    assert "=元旦调休" in shown
    assert "Provisional from 2027-12-25 on" in shown


def test_of_a_list_with_a_bad_row_nothing_is_taken(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "2027.csv"
    file.write_text(f"{LIST}2027-02-30,休,春节\n", "utf-8")
    refused = run("import", file).exception
    assert isinstance(refused, InvalidInput)
    assert "Row 5: '2027-02-30' is no date; write it like" in refused.message
    assert run("export", tmp_path / "own.csv").output.startswith("0 days")


def test_a_file_that_is_there_is_not_written_over(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("mine", "utf-8")
    assert isinstance(run("export", file).exception, InvalidInput)
    assert isinstance(run("export", tmp_path / "own.pdf").exception, InvalidInput)
    assert isinstance(run("import", tmp_path / "none.csv").exception, InvalidInput)
    assert file.read_text("utf-8") == "mine"


def test_the_usual_hours_are_shown(run: Run) -> None:
    assert "248 working days, 08:00-12:00, 14:00-18:00" in run("show", "2026").output
