"""`wangge devices`, run in this process on the test's own database."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import insert, text
from typer.testing import CliRunner

from api.accounts import Accounts, Permission
from api.cli.devices import app
from data.database import Database
from data.editions import GridIndexes
from data.schema import units
from gis.crs import Crs
from gis.errors import NotSignedIn

Invoke = Callable[..., Result]


@pytest.fixture
def invoke(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Invoke:
    monkeypatch.setenv("WANGGE_DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("WANGGE_DATA", str(tmp_path))
    with database.begin() as conn:
        conn.execute(
            insert(units).values(code="GW-001", kind="person", name="x", role="grid_worker")
        )
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_enrolling_prints_the_token_alone_and_revoking_ends_it(
    invoke: Invoke, database: Database
) -> None:
    device = ("--protocol", "osmand", "--identifier", "phone 1", "--crs", "gcj02")
    token = invoke("enrol", "GW-001", *device).stdout
    accounts = Accounts(database, GridIndexes(database))
    identity = accounts.identify(token.strip())
    assert identity.account.device is not None
    assert identity.account.device.unit == "GW-001"
    assert identity.account.device.crs is Crs.GCJ02
    assert identity.permissions == {Permission.POST_FIXES_DEVICE}
    header, row = invoke("list").stdout.splitlines()
    assert header.split() == ["id", "unit", "protocol", "identifier", "crs", "enrolled"]
    device_id = row.split()[0]
    assert row.split()[1:6] == ["GW-001", "osmand", "phone", "1", "gcj02"]
    assert invoke("revoke", device_id).stdout == f"{device_id}: revoked, osmand phone 1 of GW-001\n"
    with pytest.raises(NotSignedIn):
        accounts.identify(token.strip())
    with database.begin() as conn:
        actors = conn.scalars(text("SELECT DISTINCT actor FROM audit_events")).all()
    assert [actor.endswith("at the machine") for actor in actors] == [True]
