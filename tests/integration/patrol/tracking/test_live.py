import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from data.database import Database
from data.scope import Scope, Viewer
from patrol.tracking.fix import Fix
from patrol.tracking.live import LivePositions, Subscription
from patrol.tracking.positions import Position
from patrol.tracking.recorder import Recorder

pytestmark = pytest.mark.anyio

Add = Callable[..., int]
Make = Callable[..., Fix]
EVERYONE = Viewer(scope=Scope.everything())


@pytest.fixture
async def live(database: Database, now: datetime) -> AsyncIterator[LivePositions]:
    async with LivePositions(database, rest_s=0, retry_s=0.01, now=lambda: now) as live:
        yield live


class Watcher:
    """Takes what there is as soon as there is something."""

    def __init__(self, subscription: Subscription, woken: asyncio.Event) -> None:
        self._subscription = subscription
        self._woken = woken

    @property
    def seq(self) -> int:
        return self._subscription.seq

    async def take(self) -> dict[str, Position]:
        async with asyncio.timeout(10):
            await self._woken.wait()
        self._woken.clear()
        positions, _ = self._subscription.take()
        return {position.unit: position for position in positions}


@contextmanager
def watching(
    live: LivePositions, viewer: Viewer = EVERYONE, *, after: int = 0
) -> Iterator[Watcher]:
    woken = asyncio.Event()
    with live.subscribe(viewer, wake=woken.set, after=after) as subscription:
        yield Watcher(subscription, woken)


async def test_a_slow_viewer_gets_the_latest_position_of_each_unit(
    live: LivePositions, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    add_unit("GW-001")
    add_unit("GW-002")
    with watching(live) as slow, watching(live) as quick:
        for second in range(3, 0, -1):
            await recorder.record([fix(at=now - timedelta(seconds=second))])
            assert (await quick.take()).keys() == {"GW-001"}
        await recorder.record([fix(unit="GW-002")])
        await quick.take()
        positions = await slow.take()
        assert positions.keys() == {"GW-001", "GW-002"}
        assert positions["GW-001"].at == now - timedelta(seconds=1)
        assert slow.seq == quick.seq == positions["GW-002"].seq


async def test_what_a_viewer_may_not_see_still_moves_their_number_on(
    live: LivePositions, recorder: Recorder, add_unit: Add, fix: Make, now: datetime
) -> None:
    add_unit("GW-001", grid_code="east")
    add_unit("GW-002", grid_code="west")
    await recorder.record([fix(), fix(unit="GW-002")])
    with watching(live, Viewer(scope=Scope.of(frozenset({"west"})))) as west:
        assert (await west.take()).keys() == {"GW-002"}
        seen = west.seq
    with watching(live, after=seen) as later:
        await recorder.record([fix(at=now + timedelta(seconds=1))])
        assert (await later.take()).keys() == {"GW-001"}


async def test_nothing_is_missed_while_the_database_is_away(
    database: Database,
    live: LivePositions,
    recorder: Recorder,
    add_unit: Add,
    fix: Make,
    now: datetime,
) -> None:
    add_unit("GW-001")
    with watching(live) as subscription:
        await recorder.record([fix(at=now - timedelta(seconds=1))])
        assert (await subscription.take()).keys() == {"GW-001"}
        with database.begin() as conn:
            conn.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE query LIKE 'LISTEN%' AND datname = current_database()"
                )
            )
        await recorder.record([fix()])
        assert (await subscription.take())["GW-001"].at == now


async def test_a_viewer_that_has_left_is_forgotten(live: LivePositions) -> None:
    with watching(live):
        assert live.viewers == 1
    assert not live.viewers
