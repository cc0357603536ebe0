"""Facts kept true by themselves, beside a server."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from data.database import Database
from data.editions import GridIndexes
from data.installation import Databases
from patrol.tracks import upkeep
from patrol.tracks.analysis import mark_days
from patrol.tracks.upkeep import FactsUpkeep

pytestmark = pytest.mark.anyio


def facts_upkeep(database: Database, **options: object) -> FactsUpkeep:
    return FactsUpkeep(database, GridIndexes(database), look_s=0, rest=0, **options)  # type: ignore[arg-type]


class Rounds:
    """Stands in the way of `analyse_changes` and lets a test wait for whole rounds of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, failures: list[Exception]) -> None:
        self._loop = asyncio.get_running_loop()
        self._done = asyncio.Event()
        self._failures = failures
        self._real = upkeep.analyse_changes
        monkeypatch.setattr(upkeep, "analyse_changes", self._analyse)

    def _analyse(self, *arguments: object, **options: object) -> int:
        try:
            if self._failures:
                raise self._failures.pop()
            return self._real(*arguments, **options)  # type: ignore[arg-type]
        finally:
            self._loop.call_soon_threadsafe(self._done.set)

    async def are_done(self, times: int) -> None:
        for _ in range(times):
            self._done.clear()
            await asyncio.wait_for(self._done.wait(), 30)


def left(database: Database) -> tuple[int, int]:
    """Marks, and days in numbers."""
    with database.begin() as conn:
        counts = text(
            "SELECT (SELECT count(*) FROM changed_days), (SELECT count(*) FROM unit_days)"
        )
        marks, days = conn.execute(counts).one()
        return marks, days


async def test_marks_are_worked_off_once_they_have_settled(
    database: Database, patrols: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_days(database, None, None)
    clock = [datetime.now(UTC)]
    rounds = Rounds(monkeypatch, [])
    with Databases.beside(database) as databases:
        async with facts_upkeep(databases.tracking, now=lambda: clock[0]):
            await rounds.are_done(2)
            assert left(database) == (6, 0)
            clock[0] += timedelta(minutes=2)
            await rounds.are_done(2)
    assert left(database) == (0, 6)


async def test_it_rests_before_a_round_becomes_long(
    database: Database, patrols: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_days(database, None, None)
    rounds = Rounds(monkeypatch, [])
    async with facts_upkeep(database, settle=timedelta(days=-1), work_s=0):
        await rounds.are_done(3)
        marks, _ = left(database)
        assert 0 < marks <= 4
        await rounds.are_done(6)
    assert left(database) == (0, 6)


async def test_a_round_that_fails_is_tried_again(
    database: Database, patrols: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_days(database, date(2026, 8, 1), date(2026, 8, 1))
    rounds = Rounds(monkeypatch, [ValueError("a slip"), OSError("another")])
    with capture_logs() as logs:
        async with facts_upkeep(database, settle=timedelta(days=-1)):
            await rounds.are_done(4)
    assert left(database) == (0, 2)
    assert [entry["log_level"] for entry in logs] == ["error", "error"]


async def test_a_server_that_stops_leaves_the_rest_for_later(
    database: Database, patrols: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    under_way = asyncio.Event()

    def endless(*_arguments: object, progress: Callable[[int], None], **_options: object) -> int:
        loop.call_soon_threadsafe(under_way.set)
        while True:
            progress(1)

    monkeypatch.setattr(upkeep, "analyse_changes", endless)
    async with facts_upkeep(database):
        await asyncio.wait_for(under_way.wait(), 10)
