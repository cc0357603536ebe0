"""A viewer that goes away is let go, whatever happens at that moment."""

import asyncio
from contextlib import suppress

import pytest

from api.streams import Bell


@pytest.mark.parametrize("turns", range(4))
def test_a_change_at_the_same_moment_does_not_swallow_a_cancellation(turns: int) -> None:
    async def leave() -> asyncio.Task[None]:
        bell = Bell()
        waiting = asyncio.create_task(bell.wait(within_s=60))
        for _ in range(3):
            await asyncio.sleep(0)
        bell.ring()
        for _ in range(turns):
            await asyncio.sleep(0)
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        return waiting

    waiting = asyncio.run(leave())
    assert waiting.cancelled() or not waiting.cancelling()  # or it was over before
