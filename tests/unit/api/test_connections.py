"""Connections of clients that never finish their request."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import uvicorn
from starlette.responses import PlainTextResponse
from uvicorn.server import ServerState

from api.cli.connections import LONGEST_HEAD_S, MOST_HEAD_BYTES, BoundedConnection

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n"


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[Streams, ServerState]]:
    config = uvicorn.Config(PlainTextResponse("hello"), http=BoundedConnection, ws="none")
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: BoundedConnection(config, state, {}), "127.0.0.1", 0
    )
    async with server:
        streams = await asyncio.open_connection(*server.sockets[0].getsockname())
        yield streams, state
        streams[1].close()
        server.close()


def run(scene: Callable[[Streams, ServerState], Awaitable[None]]) -> None:
    async def play() -> None:
        async with connected() as (streams, state):
            await asyncio.wait_for(scene(streams, state), 20)

    asyncio.run(play())


def look(state: ServerState, after_s: float) -> None:
    """What the server does now and then, as if it were `after_s` later."""
    for connection in list(state.connections):
        assert isinstance(connection, BoundedConnection)
        connection.close_if_slow(time.monotonic() + after_s)


async def arrived(state: ServerState) -> BoundedConnection:
    while not state.connections:
        await asyncio.sleep(0)
    [connection] = state.connections
    assert isinstance(connection, BoundedConnection)
    return connection


def test_a_connection_that_says_nothing_is_closed_in_the_end() -> None:
    async def scene(streams: Streams, state: ServerState) -> None:
        await arrived(state)
        look(state, LONGEST_HEAD_S - 1)
        assert state.connections
        look(state, LONGEST_HEAD_S + 1)
        assert (await streams[0].read()).startswith(b"HTTP/1.1 408 ")

    run(scene)


def test_a_request_that_never_ends_its_headers_is_closed() -> None:
    async def scene(streams: Streams, state: ServerState) -> None:
        reader, writer = streams
        writer.write(REQUEST + b"\r\n")
        assert await reader.readuntil(b"hello")
        look(state, LONGEST_HEAD_S + 1)
        assert state.connections, "between two requests it may rest"
        writer.write(REQUEST)
        connection = await arrived(state)
        while connection.head_since_s is None:
            await asyncio.sleep(0)
        look(state, LONGEST_HEAD_S + 1)
        assert (await reader.read()).startswith(b"HTTP/1.1 408 ")

    run(scene)


def test_many_requests_on_one_connection_are_not_taken_for_one_large_head() -> None:
    async def scene(streams: Streams, state: ServerState) -> None:
        reader, writer = streams
        big = REQUEST + b"X: " + b"y" * (MOST_HEAD_BYTES // 2) + b"\r\n\r\n"
        for _ in range(5):
            writer.write(big)
            assert await reader.readuntil(b"hello")

    run(scene)


def test_a_body_may_be_larger_than_a_head() -> None:
    async def scene(streams: Streams, state: ServerState) -> None:
        reader, writer = streams
        size = MOST_HEAD_BYTES * 4
        head = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size
        writer.write(head + b"z" * size + REQUEST + b"\r\n")
        assert await reader.readuntil(b"hello")
        assert await reader.readuntil(b"hello")

    run(scene)


def test_trailers_without_end_are_cut_off() -> None:
    async def scene(streams: Streams, state: ServerState) -> None:
        reader, writer = streams
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
        assert await reader.readuntil(b"hello")
        writer.write(b"t: x\r\n" * MOST_HEAD_BYTES)
        with suppress(ConnectionResetError):  # there was more to read than it wanted to
            assert await reader.read() == b""
        assert not state.connections

    run(scene)
