"""Retention by itself, beside a server."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from data.database import Database
from patrol.tracks import nightly
from patrol.tracks.expiry import KeepSettings
from patrol.tracks.nightly import NightlyRetention

pytestmark = pytest.mark.anyio

KEEP = KeepSettings(fixes_days=90)
# Of the three days the first expired in the night before, the second will in the next.
DAY = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Clock:
    """It says `now`, and lets a test wait until it was looked at again."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._looked = asyncio.Event()

    def __call__(self) -> datetime:
        self._looked.set()
        return self.now

    async def is_looked_at(self, times: int = 1) -> None:
        for _ in range(times):
            self._looked.clear()
            await asyncio.wait_for(self._looked.wait(), 10)


def days_left(database: Database) -> int:
    with database.begin() as conn:
        [count] = conn.scalars(
            text("SELECT count(*) FROM pg_inherits WHERE inhparent = 'fixes'::regclass")
        )
        return int(count)


async def test_a_missed_night_is_made_up_for_at_the_start(
    database: Database, patrols: list[int]
) -> None:
    clock = Clock(DAY)
    async with NightlyRetention(database, KEEP, look_s=0, now=clock):
        await clock.is_looked_at(2)
    assert days_left(database) == 2


async def test_each_day_is_dropped_in_its_night_and_not_before(
    database: Database, patrols: list[int]
) -> None:
    clock = Clock(DAY)
    async with NightlyRetention(database, KEEP, look_s=0, now=clock):
        await clock.is_looked_at(2)
        assert days_left(database) == 2
        clock.now = datetime(2026, 11, 2, 3, 19, tzinfo=UTC) - timedelta(hours=8)
        await clock.is_looked_at(2)
        assert days_left(database) == 2
        clock.now += timedelta(minutes=1)
        await clock.is_looked_at(2)
        assert days_left(database) == 1


async def test_what_fails_is_tried_again(
    database: Database, patrols: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = nightly.drop_expired
    failures: list[Exception] = [ValueError("a slip"), OSError("another")]

    def failing_twice(*arguments: object, **options: object) -> object:
        if failures:
            raise failures.pop()
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(nightly, "drop_expired", failing_twice)
    clock = Clock(DAY)
    with capture_logs() as logs:
        async with NightlyRetention(database, KEEP, look_s=0, now=clock):
            await clock.is_looked_at(4)
    assert days_left(database) == 2
    assert [entry["log_level"] for entry in logs] == ["error", "error", "info"]


async def test_a_server_that_stops_does_not_wait_for_the_night_to_be_over(
    database: Database, patrols: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    under_way = asyncio.Event()

    def slow(*arguments: object, progress: Callable[[int], None]) -> object:
        loop.call_soon_threadsafe(under_way.set)
        while True:
            progress(0)

    monkeypatch.setattr(nightly, "drop_expired", slow)
    async with NightlyRetention(database, KEEP):
        await asyncio.wait_for(under_way.wait(), 10)
    assert days_left(database) == 3
