"""A call for help reaches people outside: from the phone's fix to the message in the chief's group."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import insert, text

from api.settings import ServerSettings
from api.worker.order import Order
from api.worker.process import WorkerProcess
from data.database import Database
from data.installation import Databases
from data.schema import posts, staff
from tests.morning import TOWN, make_town
from tests.receiver import Receiver, receiving
from tests.serving import Server, serving

KEY = b"k" * 32
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def server(database: Database) -> Iterator[Server]:
    """Of a town with a worker process beside it, as `wangge up` has them."""
    make_town(database)
    with (
        serving(database, replace(ServerSettings(), secret_key=KEY)) as server,
        Databases.beside(database) as databases,
        WorkerProcess(Order.from_environment(databases, KEY)),
    ):
        yield server


def test_a_call_for_help_is_in_the_chiefs_group_and_list_and_names_nobody(
    server: Server, receiver: Receiver
) -> None:
    with server.database.begin() as conn:
        chief = conn.execute(insert(staff).values(name="李强").returning(staff.c.id)).scalar_one()
        post = {"staff_id": chief, "role": "grid_chief", "grid_code": TOWN}
        conn.execute(insert(posts).values(**post, valid_from=LONG_AGO))
        conn.execute(
            text(
                "INSERT INTO duty_sessions (unit_id, began_at) "
                "SELECT id, now() - interval '1 hour' FROM units"
            )
        )

    def headers(role: str, **of: object) -> dict[str, str]:
        return {"Authorization": f"Bearer {server.token(role, **of)}"}  # type: ignore[arg-type]

    with httpx.Client(base_url=f"{server.url}/api/v1") as client:
        channel = {
            "name": "城东网格群",
            "kind": "wecom",
            "url": f"{receiver.url}/send?key=x",
            "notices": ["call_for_help"],
        }
        assert client.post("/channels", json=channel, headers=headers("admin")).is_success
        now = datetime.now(UTC).isoformat()
        fix = {"unit": "GW-001", "at": now, "lon": 118.65, "lat": 34.5, "sos": True}
        sent = client.post("/fixes", json=[fix], headers=headers("gateway"))
        assert sent.json()["accepted"] == 1, sent.text
        assert receiver.arrived.acquire(timeout=60)
        mine = headers("grid_chief", staff_id=chief)
        told = client.get("/notices", headers=mine).json()["items"]
    # The unit may have been told of as silent before.
    [notice] = [each for each in told if each["kind"] == "call_for_help"]
    [received] = receiver.received
    content = json.loads(received.body)["text"]["content"]
    assert content.startswith("人员求助\n人员求助：GW-001，")
    assert "王小明" not in content
    assert notice["urgent"]
