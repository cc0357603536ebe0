"""`wangge retention`, and the worker that does it by itself."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import text
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.cli.commands import app as commands
from api.settings import ServerSettings
from api.worker.order import Order
from api.worker.process import WorkerProcess
from data.database import Database
from data.installation import Databases
from gis.errors import InstallationError
from patrol.tracks.expiry import KeepSettings
from tests.accounts import new_token
from tests.running import wait_until

NOW = datetime.now(UTC)
OLD = NOW - timedelta(days=10)


@pytest.fixture
def old_fix(database: Database) -> None:
    """One fix of GW-001, ten days old."""
    with database.begin() as conn:
        conn.execute(text("SELECT make_fixes_partition(:day)"), {"day": OLD.date()})
        conn.execute(
            text(
                "WITH unit AS (INSERT INTO units (code, kind, name, role, always_on_duty) "
                "VALUES ('GW-001', 'vehicle', 'x', 'grid_worker', true) RETURNING id) "
                "INSERT INTO fixes (unit_id, at, lon, lat) SELECT id, :at, 118.6, 34.5 FROM unit"
            ),
            {"at": OLD},
        )


@pytest.fixture
def old_readings(database: Database) -> None:
    """Two of a manhole of more than a month ago, and one of now."""
    with database.begin() as conn:
        conn.execute(
            text(
                "WITH sensor AS (INSERT INTO sensors (code, kind, name, geom) "
                "VALUES ('JG-1', 'manhole', 'x', 'SRID=4326;POINT(118.6 34.5)') RETURNING id) "
                "INSERT INTO sensor_readings (sensor_id, at, quantities) "
                "SELECT id, now() - days * interval '1 day', '{}' "
                "FROM sensor CROSS JOIN unnest(ARRAY[0, 31, 40]) AS days"
            )
        )


@pytest.fixture
def run(
    database: Database,
    old_fix: None,
    old_readings: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Callable[..., Result]:
    monkeypatch.setenv("WANGGE_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path))
    monkeypatch.setenv("WANGGE_KEEP_FIXES_DAYS", "7")
    monkeypatch.setenv("WANGGE_KEEP_READINGS_DAYS", "30")
    monkeypatch.setattr("api.cli.commands.configure_logs", lambda: None)
    return lambda *arguments: CliRunner().invoke(commands, ["retention", *arguments])


def count(database: Database, table: str) -> int:
    with database.begin() as conn:
        return int(conn.scalars(text(f"SELECT count(*) FROM {table}")).one())


def test_a_dry_run_shows_what_would_go_and_drops_nothing(
    run: Callable[..., Result], database: Database
) -> None:
    result = run("--dry-run")
    assert f"{OLD.date()}" in result.stdout
    assert "to drop: 1 days older than 7 days with 1 fixes" in result.stdout
    assert "; 2 readings of sensors older than 30 days" in result.stdout
    assert count(database, "sensor_readings") == 3
    assert count(database, "fixes") == 1


def test_the_command_drops_and_says_who_ran_it(
    run: Callable[..., Result], database: Database
) -> None:
    assert "dropped: 1 days" in run().stdout
    assert (count(database, "fixes"), count(database, "unit_days")) == (0, 1)
    assert count(database, "sensor_readings") == 1
    with database.begin() as conn:
        actor = conn.scalar(text("SELECT actor FROM audit_events WHERE action = 'retention.drop'"))
    assert actor.endswith("at the machine")
    assert "dropped: 0 days" in run().stdout


def test_a_time_that_is_too_short_stops_the_command(
    run: Callable[..., Result], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANGGE_KEEP_FIXES_DAYS", "1")
    assert isinstance(run().exception, InstallationError)
    assert count(database, "fixes") == 1


def test_the_worker_drops_at_its_start_and_the_server_takes_no_such_fix_again(
    old_fix: None, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANGGE_KEEP_FIXES_DAYS", "7")
    settings = ServerSettings(web_dir=tmp_path, keep=KeepSettings.from_environment())
    headers = {"Authorization": f"Bearer {new_token(database, 'gateway')}"}
    late = [{"unit": "GW-001", "at": OLD.isoformat(), "lon": 118.6, "lat": 34.5}]
    with Databases.beside(database) as databases:
        with WorkerProcess(Order.from_environment(databases, b"k" * 32)):
            wait_until(lambda: count(database, "fixes") == 0)
        assert count(database, "unit_days") == 1
        app = create_app(databases.application, settings, tracking=databases.tracking)
        with TestClient(app) as client:
            answer = client.post("/api/v1/fixes", json=late, headers=headers).json()
    assert answer["rejected"][0]["code"] == "too_old"
    assert count(database, "fixes") == 0
