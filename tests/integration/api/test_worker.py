"""The worker as a process of its own, over a real database."""

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import insert, text

from api.worker.order import Order
from api.worker.process import WorkerProcess
from data.database import Database
from data.installation import Databases
from data.outbox import ChannelKind, Outgoing, enqueue
from data.outbox.channels import SEAL_PURPOSE, ChannelDraft, add_channel
from data.outbox.message import ChannelSettings
from data.schema import duty_sessions, units
from data.sealing import Seal
from patrol.alerts.rules import AlertSettings
from patrol.photos.settings import PhotoSettings
from patrol.photos.storage import PhotoStorage
from patrol.photos.store import newest_photos
from tests.receiver import receiving
from tests.running import wait_until

AddUnit = Callable[[str], int]


@pytest.fixture
def add_silent_unit(database: Database) -> AddUnit:
    """A unit that has been on duty for a day and was never heard."""

    def add(code: str) -> int:
        values = {"code": code, "kind": "person", "name": code, "role": "patroller"}
        with database.begin() as conn:
            unit_id = conn.execute(insert(units).values(values).returning(units.c.id)).scalar_one()
            began_at = datetime.now(UTC) - timedelta(days=1)
            conn.execute(insert(duty_sessions).values(unit_id=unit_id, began_at=began_at))
            return int(unit_id)

    return add


def is_noticed(database: Database, unit_id: int) -> bool:
    with database.begin() as conn:
        silent = text("SELECT EXISTS (SELECT FROM alerts WHERE unit_id = :id AND kind = 'silent')")
        return bool(conn.scalar(silent, {"id": unit_id}))


def test_it_works_as_the_role_of_tracking_and_is_replaced_when_it_was_killed(
    database: Database, add_silent_unit: AddUnit
) -> None:
    with Databases.beside(database) as databases:
        order = Order.from_environment(databases, b"k" * 32)
        with WorkerProcess(order, pause_s=0) as worker:
            first, pid = add_silent_unit("GW-1"), worker.pid
            wait_until(lambda: is_noticed(database, first))
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda: worker.pid != pid)
            second, pid = add_silent_unit("GW-2"), worker.pid
            wait_until(lambda: is_noticed(database, second))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_it_looks_at_patrol_plans(database: Database) -> None:
    with database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO checkpoints (id, name, grid_code, geom, radius_m, valid_from) VALUES "
                "(1, '水库大坝', 'E', 'SRID=4326;POINT(118.65 34.5)', 30, now() - interval '1 day')"
            )
        )
        conn.execute(
            text(
                "INSERT INTO patrol_plans "
                "(id, name, grid_code, kind, checkpoint_ids, rhythm, valid_from, created_at) "
                """VALUES (1, '防汛巡查', 'E', 'points', '{1}', '{"every_h": 1}', """
                "now() - interval '80 minutes', now() - interval '1 day')"
            )
        )

    def is_told() -> bool:
        with database.begin() as conn:
            missed = "SELECT EXISTS (SELECT FROM alerts WHERE plan_id = 1)"
            return bool(conn.scalar(text(missed)))

    with Databases.beside(database) as databases:
        order = Order.from_environment(databases, b"k" * 32)
        with WorkerProcess(order):
            wait_until(is_told)


def test_it_clears_photos_of_no_case_away(database: Database, tmp_path: Path) -> None:
    added = text(
        "INSERT INTO photos (id, sha256, source_sha256, width, height, size, uploaded_at) "
        "VALUES (gen_random_uuid(), '', '', 1, 1, 1, now() - interval '25 hours')"
    )
    with database.begin() as conn:
        conn.execute(added)
        [photo] = newest_photos(conn, 1)
    settings = PhotoSettings(dir=tmp_path)
    storage = PhotoStorage.open(settings)
    storage.put(photo.key, b"x")
    with Databases.beside(database) as databases:
        order = Order.from_environment(databases, b"k" * 32, photos=settings)
        with WorkerProcess(order):
            wait_until(lambda: not storage.holds(photo.key))


def test_an_order_says_what_the_environment_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANGGE_ALERT_LEFT_M", "55")
    monkeypatch.setenv("WANGGE_KEEP_FIXES_DAYS", "30")
    town = Database("postgresql:///town")
    databases = Databases(owner=town, application=town, tracking=town)
    photos = PhotoSettings(bucket="b", access_key="somebody", secret_key="a secret")
    written = Order.from_environment(databases, b"k" * 32, photos=photos)
    assert "a secret" not in repr(written)
    line = written.model_dump_json()
    monkeypatch.setenv("WANGGE_ALERT_LEFT_M", "66")
    order = Order.model_validate_json(line)
    assert (order.alerts.rules.left_m, order.keep.fixes_days) == (55, 30)
    assert order.photos == photos
    assert order.alerts.still_m == AlertSettings().still_m


def test_what_is_no_order_is_refused() -> None:
    with pytest.raises(ValidationError):
        Order.model_validate_json("{}")


def test_it_sends_what_is_in_the_outbox_with_the_key_of_the_installation(
    database: Database,
) -> None:
    key = b"k" * 32
    with receiving() as receiver, Databases.beside(database) as databases:
        draft = ChannelDraft(
            name="x",
            kind=ChannelKind.WECOM,
            url=f"{receiver.url}/?key=x",
            secret="",
            settings=ChannelSettings(),
            language="zh",
            notices=(),
            per_minute=20,
            enabled=True,
        )
        with WorkerProcess(Order.from_environment(databases, key)):
            now = datetime.now(UTC)
            with database.begin() as conn:
                channel = add_channel(conn, Seal(key, SEAL_PURPOSE), draft)
                message = Outgoing(
                    channel_id=channel.id,
                    kind="x",
                    title="新案件",
                    text="x",
                    staff_ids=(),
                    not_before=now,
                )
                enqueue(conn, [message], now)
            assert receiver.arrived.acquire(timeout=60)
            wait_until(lambda: is_sent(database))


def is_sent(database: Database) -> bool:
    with database.begin() as conn:
        sent = text("SELECT EXISTS (SELECT FROM outbox WHERE sent_at IS NOT NULL)")
        return bool(conn.scalar(sent))
