"""`wangge audit`, run in this process on the test's own database."""

import getpass
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

from api.cli.commands import app
from data.audit import AuditFilter, Who, every_record, record
from data.database import Database
from gis.errors import InvalidInput

Run = Callable[..., Result]
LI = Who(account_id=7, name="li.wei", role="grid_chief", address="10.0.0.7")


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("WANGGE_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("api.cli.commands.configure_logs", lambda: None)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ("audit", *arguments))

    return run


@pytest.fixture
def some_records(database: Database) -> Database:
    with database.begin() as conn:
        record(conn, LI, "session.open")
        record(conn, LI, "track.read", "unit GW-017", reason="[走失]", details={"fixes": 12})
        record(conn, Who.at_the_machine(), "account.create", "account wang")
    return database


def last_record(database: Database) -> tuple[str, str]:
    with database.begin() as conn:
        *_, last = every_record(conn, AuditFilter())
    return last.actor, last.action


def test_a_whole_record_prints_its_anchor(run: Run, some_records: Database) -> None:
    first = run("verify")
    assert first.exit_code == 0, first.output
    counted, printed = first.stdout.splitlines()
    assert counted == "3 records: intact"
    anchor = printed.removeprefix("anchor ")
    assert anchor.startswith("3:")
    assert last_record(some_records) == (f"{getpass.getuser()} at the machine", "audit.verify")
    assert run("verify", "--anchor", anchor).exit_code == 0


def test_a_broken_record_is_told_and_ends_with_1(run: Run, some_records: Database) -> None:
    with some_records.begin() as conn:
        conn.execute(text("SET LOCAL session_replication_role = replica"))
        conn.execute(text("DELETE FROM audit_events WHERE id = 2"))
    result = run("verify")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "Record 3 does not follow the one before it: record 2 is missing",
        "2 records: NOT intact",
    ]


def test_another_chain_does_not_fit_the_anchor(run: Run, some_records: Database) -> None:
    result = run("verify", "--anchor", "2:" + "0" * 64)
    assert result.exit_code == 1
    assert "Record 2 is not the one that the anchor names" in result.stdout


def test_what_is_no_anchor_is_refused(run: Run, some_records: Database) -> None:
    assert isinstance(run("verify", "--anchor", "2").exception, InvalidInput)


def test_the_list_is_chosen_from_and_recorded(run: Run, some_records: Database) -> None:
    result = run("list", "--subject", "unit GW-017")
    [_header, line] = result.stdout.splitlines()
    assert "li.wei" in line
    assert "[走失]" in line
    assert last_record(some_records)[1] == "audit.read"
    newest = run("list", "--limit", "1").stdout.splitlines()
    assert len(newest) == 2
    assert "audit.read" in newest[1]
    assert run("list", "--since", "2999-01-01").stdout.count("\n") == 1


def test_an_export_is_for_its_owner_only_and_complete(
    run: Run, some_records: Database, tmp_path: Path
) -> None:
    file = tmp_path / "audit.jsonl"
    mask = os.umask(0)
    try:
        result = run("export", str(file))
    finally:
        os.umask(mask)
    assert result.exit_code == 0, result.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [each["id"] for each in records] == [1, 2, 3]
    assert (records[1]["reason"], records[1]["details"]) == ("[走失]", {"fixes": 12})
    assert run("verify").stdout.startswith("4 records")
    assert last_record(some_records)[1] == "audit.verify"


def test_an_export_of_a_period_leaves_out_the_rest(
    run: Run, some_records: Database, tmp_path: Path
) -> None:
    file = tmp_path / "audit.jsonl"
    assert run("export", str(file), "--until", "2020-01-01").exit_code == 0
    assert file.read_bytes() == b""


def test_no_file_is_written_over(run: Run, some_records: Database, tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    file.write_text("evidence")
    assert isinstance(run("export", str(file)).exception, InvalidInput)
    assert isinstance(run("export", str(tmp_path / "nowhere" / "x")).exception, InvalidInput)
    assert file.read_text() == "evidence"
