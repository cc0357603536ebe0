"""`wangge roles`, run in this process on the test's own database."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

from api.cli.commands import app
from data.database import Database
from gis.errors import Conflict

Run = Callable[..., Result]


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("WANGGE_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("api.cli.commands.configure_logs", lambda: None)
    return lambda *arguments: CliRunner().invoke(app, ("roles", *arguments))


def line_of(role: str, result: Result) -> str:
    [line] = [line for line in result.output.splitlines() if line.split(" ")[0] == role]
    return line


def test_the_list_shows_what_differs_here(run: Run) -> None:
    assert "export" in line_of("analyst", run("list"))
    assert run("grant", "analyst", "read_names").exit_code == 0
    assert run("revoke", "analyst", "export").exit_code == 0
    assert line_of("analyst", run("list")).endswith("+read_names -export")
    assert line_of("auditor", run("list")).rstrip().endswith("read_audit")


def test_whoever_is_at_the_machine_is_on_the_audit(run: Run, database: Database) -> None:
    run("grant", "analyst", "read_names")
    with database.begin() as conn:
        [row] = conn.execute(text("SELECT actor, role, action, subject FROM audit_events"))
    assert row.actor.endswith(" at the machine")
    assert (row.role, row.action, row.subject) == (None, "role.change", "role analyst")


def test_the_administrator_stays_one(run: Run) -> None:
    refused = run("revoke", "admin", "administer").exception
    assert isinstance(refused, Conflict)
    assert "put things right" in refused.message


def test_an_unknown_permission_names_those_there_are(run: Run) -> None:
    result = run("grant", "analyst", "fly")
    assert result.exit_code == 2
    assert "read_names" in result.output
