"""`wangge cases`: lists of other systems, and what may be about the same."""

import csv
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

from api.cli.commands import app
from data.database import Database
from gis.errors import InvalidInput, UnreadableFile

Run = Callable[..., Result]
LIST = """工单编号,诉求内容,经度,纬度,诉求类别,受理时间
Z-1,路灯不亮,118.605,34.505,路灯损坏,2026-11-20 08:30
Z-2,灯不亮,118.6051,34.505,路灯损坏,2026-11-20 20:00
Z-3,有坑,,,道路破损,2026-11-20 20:00
"""


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("WANGGE_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path))
    monkeypatch.setattr("api.cli.commands.configure_logs", lambda: None)
    return lambda *arguments: CliRunner().invoke(app, ("cases", *map(str, arguments)))


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "list.csv"
    path.write_text(LIST, "gb18030")
    return path


def test_a_list_is_looked_at_and_imported_once(
    run: Run, listed: Path, database: Database, tmp_path: Path
) -> None:
    preview = run("import", listed, "--preview")
    assert "number: 工单编号" in preview.output
    assert "2 would be new (0 kept as they were, 2 outside the grids)" in preview.output
    refused = tmp_path / "refused.csv"
    first = run("import", listed, "--refused", refused)
    assert "row 4: It has no position" in first.output
    assert first.stdout.splitlines()[-1] == (
        "2 new (0 kept as they were, 2 outside the grids), 0 changed (0 due at "
        "another time), 0 there already, 1 refused."
    )
    with refused.open(encoding="utf-8-sig", newline="") as stream:
        assert [row["工单编号"] for row in csv.DictReader(stream)] == ["Z-3"]
    told = tmp_path / "refused.json"
    again = run("import", listed, "--refused", told)
    assert "0 new" in again.output
    assert "2 there already" in again.output
    assert orjson.loads(told.read_bytes())["problems"][0]["number"] == "Z-3"
    with database.begin() as conn:
        assert conn.scalar(text("SELECT count(*) FROM cases")) == 2
        actions = conn.scalars(text("SELECT action FROM audit_events ORDER BY id")).all()
    assert actions == ["case.import", "case.import"]


def test_old_cases_are_kept_as_they_were(run: Run, listed: Path, database: Database) -> None:
    assert "2 new (2 kept as they were" in run("import", listed, "--history").output
    with database.begin() as conn:
        assert {*conn.scalars(text("SELECT action FROM case_events"))} == {"report", "import"}


def test_pairs_are_written_down(run: Run, listed: Path, tmp_path: Path) -> None:
    run("import", listed)
    file = tmp_path / "pairs.csv"
    assert run("duplicates", file, "--from", "2026-11-01").output == f"1 pairs in {file}\n"
    with file.open(encoding="utf-8-sig", newline="") as stream:
        [pair] = csv.DictReader(stream)
    assert (pair["first_external"], pair["second_external"]) == ("Z-1", "Z-2")
    assert (pair["distance_m"], pair["gap_s"]) == ("9.2", "41400")


def test_a_list_that_cannot_be_is_refused_before_anything_is_done(
    run: Run, listed: Path, database: Database, tmp_path: Path
) -> None:
    assert isinstance(run("import", listed, "--refused", listed).exception, InvalidInput)
    assert isinstance(run("import", listed, "--refused", "x.pdf").exception, InvalidInput)
    assert isinstance(run("import", listed, "--mapping", "none=number").exception, InvalidInput)
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n", "utf-8")
    assert isinstance(run("import", other).exception, UnreadableFile)
    with database.begin() as conn:
        assert conn.scalar(text("SELECT count(*) FROM cases")) == 0
