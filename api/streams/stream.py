"""A stream of Server-Sent Events: topics that say what is new whenever one of them rings."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Protocol

from fastapi.responses import StreamingResponse

from api.standing import Standing

HEARTBEAT_S = 15.0
LONGEST_STREAM_S = 900.0
"""Then whoever listens comes again with the number they have."""


@dataclass(frozen=True, slots=True)
class Event:
    """`data` is JSON on one line."""

    name: str
    data: bytes


_HEARTBEAT = Event("heartbeat", b"{}")
"""Not a comment, of which a browser tells nobody: a page too must find out that a connection is dead."""


class Bell:
    """Wakes one who waits; rung while they do not, it wakes them as soon as they do."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, *, within_s: float) -> None:
        with suppress(TimeoutError):
            # Not wait_for: before Python 3.12 it swallows a cancellation that comes with the change.
            async with asyncio.timeout(within_s):
                await self._rung.wait()
        self._rung.clear()


class Topic(Protocol):
    """Something that one viewer is told of. Whoever is too slow for all that happens gets what it has
    come to."""

    @property
    def number(self) -> int | None:
        """Up to where it has been told; None where nothing can be told later."""

    async def news(self) -> Sequence[Event]:
        """What is new since it was asked last."""


OpenTopic = AbstractAsyncContextManager[Topic]


def event_stream(standing: Standing, bell: Bell, topics: Iterable[OpenTopic]) -> StreamingResponse:
    """Tells of `topics`, which ring `bell`. An id is their numbers with points between them."""
    return StreamingResponse(
        _events(standing, bell, topics),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},  # or nginx holds events back
    )


async def _events(
    standing: Standing, bell: Bell, topics: Iterable[OpenTopic]
) -> AsyncIterator[bytes]:
    ends_at = time.monotonic() + LONGEST_STREAM_S
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(topic) for topic in topics]
        stack.enter_context(standing.watched(by=bell.ring))
        yield b"retry: 2000\n\n"
        beats_at = time.monotonic() + HEARTBEAT_S
        while time.monotonic() < ends_at:
            await bell.wait(within_s=beats_at - time.monotonic())
            if not await standing.holds():
                break  # they come back as whoever they are now, or are turned away
            events = [event for topic in opened for event in await topic.news()]
            if not events and time.monotonic() >= beats_at:
                events = [_HEARTBEAT]
            numbers = [topic.number for topic in opened if topic.number is not None]
            # The last one carries the numbers: who loses the connection before it comes gets all again.
            for i, event in enumerate(events, 1):
                yield _written(event, numbers if i == len(events) else [])
                beats_at = time.monotonic() + HEARTBEAT_S


def _written(event: Event, numbers: Sequence[int]) -> bytes:
    id_line = b"id: %b\n" % b".".join(b"%d" % number for number in numbers) if numbers else b""
    return b"%bevent: %b\ndata: %b\n\n" % (id_line, event.name.encode(), event.data)
