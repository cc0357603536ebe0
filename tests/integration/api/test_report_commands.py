"""`wangge reports`: made, listed and written to files."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

from api.cli.commands import app
from data.database import Database
from gis.errors import Conflict, InvalidInput, NotFound

Run = Callable[..., Result]


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("WANGGE_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path))
    monkeypatch.setattr("api.cli.commands.configure_logs", lambda: None)
    return lambda *arguments: CliRunner().invoke(app, ("reports", *map(str, arguments)))


def test_a_report_is_made_listed_and_written(run: Run, tmp_path: Path, database: Database) -> None:
    made = run("make", "quarter", "2026-02-14")
    assert "report 1, version 1, sha256 " in made.output
    assert isinstance(run("make", "quarter", "2026-01-01").exception, Conflict)
    assert "report 2, version 2" in run("make", "quarter", "2026-01-01", "--reason", "补录").output
    assert "quarter  2026-01-01" in run("list").output
    file = tmp_path / "report.html"
    assert f"report 2 in {file}" in run("export", 2, file, "--language", "en").output
    assert "Quarterly report" in file.read_text("utf-8")
    with database.begin() as conn:
        actions = conn.scalars(text("SELECT action FROM audit_events ORDER BY id")).all()
    assert actions == ["report.make", "report.make", "report.export"]


def test_what_cannot_be_written_is_refused(run: Run, tmp_path: Path) -> None:
    run("make", "week", "2026-02-14")
    there = tmp_path / "there.pdf"
    there.write_text("mine", "utf-8")
    assert isinstance(run("export", 1, there).exception, InvalidInput)
    assert isinstance(run("export", 1, tmp_path / "report.doc").exception, InvalidInput)
    assert isinstance(run("export", 9, tmp_path / "report.pdf").exception, NotFound)
    assert there.read_text("utf-8") == "mine"
