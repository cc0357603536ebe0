"""`wangge cases open311-pull`, with a running server of our own as the other system."""

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

from api.cli.commands import app
from api.open311.settings import Open311Settings
from api.settings import ServerSettings
from data.cluster import Cluster
from data.database import Database
from gis.errors import InvalidInput, UpstreamAway
from tests.serving import Server, serving

Run = Callable[..., Result]


@pytest.fixture
def there(cluster: Cluster) -> Iterator[Server]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    elsewhere = Database(cluster.create_database(name, template="template_wangge"))
    settings = ServerSettings(
        open311=Open311Settings(publish="descriptions", jurisdiction="elsewhere")
    )
    with serving(elsewhere, settings) as server:
        yield server
    elsewhere.close()
    cluster.drop_database(name)


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("WANGGE_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path))
    monkeypatch.setattr("api.cli.commands.configure_logs", lambda: None)
    return lambda *arguments: CliRunner().invoke(
        app, ("cases", "open311-pull", *map(str, arguments))
    )


def report(client: httpx.Client, **fields: Any) -> str:
    form = {"service_code": "facility.lamp", "lat": 34.505, "long": 118.605, **fields}
    [entry] = client.post("/open311/v2/requests.json", data=form).json()
    return str(entry["service_request_id"])


def test_requests_of_another_system_become_cases_once(
    there: Server, run: Run, database: Database
) -> None:
    headers = {"Authorization": f"Bearer {there.token('dispatcher')}"}
    with httpx.Client(base_url=there.url, headers=headers) as client:
        lamp = report(client, description="路灯不亮")
        road = report(client, description="路面破损", service_code="facility.road")
        [case] = client.get("/api/v1/cases", params={"category": "facility.road"}).json()["items"]
        done = {"action": "void", "note": "已有人报过"}
        assert client.post(f"/api/v1/cases/{case['id']}/actions", json=done).is_success
        url = f"{there.url}/open311/v2"
        asked = ("--name", "east", "--jurisdiction", "elsewhere")
        assert "2 would be new (1 kept" in run(url, *asked, "--preview").output
        assert "2 new (1 kept as they were" in run(url, *asked).output
        assert "0 new" in (again := run(url, *asked).output)
        assert "2 there already" in again
        with database.begin() as conn:
            rows = conn.execute(
                text(
                    "SELECT external_number, source, state, category, description FROM cases "
                    "ORDER BY category"
                )
            ).all()
        assert [tuple(row) for row in rows] == [
            (f"east:{lamp}", "open311", "filed", "facility.lamp", "路灯不亮"),
            (f"east:{road}", "open311", "closed", "facility.road", "路面破损"),
        ]
        [case] = client.get("/api/v1/cases", params={"category": "facility.lamp"}).json()["items"]
        assert client.post(f"/api/v1/cases/{case['id']}/actions", json=done).is_success
    assert "1 changed (0 due at another time), 1 there already" in run(url, *asked).output
    assert "0 changed (0 due at another time), 2 there already" in run(url, *asked).output
    with database.begin() as conn:
        notes = conn.scalars(text("SELECT note FROM case_events WHERE action = 'comment'")).all()
    assert len(notes) == 1
    assert notes[0].startswith("对方系统已办结")


def test_what_is_no_such_interface_is_said(there: Server, run: Run) -> None:
    wrong = run(f"{there.url}/open311/v2", "--jurisdiction", "nowhere").exception
    assert "jurisdiction_id provided was not found" in str(wrong)
    assert isinstance(run("http://127.0.0.1:9/v2").exception, UpstreamAway)
    assert isinstance(run("town.gov.cn").exception, InvalidInput)
