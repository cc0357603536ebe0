"""A viewer that goes away is let go, whatever happens at that moment."""

import asyncio
from contextlib import suppress

import pytest

from data.scope import Viewer
from patrol.tracking.live import Subscription


@pytest.mark.parametrize("turns", range(4))
def test_a_change_at_the_same_moment_does_not_swallow_a_cancellation(turns: int) -> None:
    async def leave() -> asyncio.Task[object]:
        subscription = Subscription(Viewer.everything(), 0)
        taking = asyncio.create_task(subscription.take(within_s=60))
        for _ in range(3):
            await asyncio.sleep(0)
        subscription.wake()
        for _ in range(turns):
            await asyncio.sleep(0)
        taking.cancel()
        with suppress(asyncio.CancelledError):
            await taking
        return taking

    taking = asyncio.run(leave())
    assert taking.cancelled() or not taking.cancelling()  # or it was over before
