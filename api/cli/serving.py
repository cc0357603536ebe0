"""Serving HTTP in the foreground until somebody asks the program to end."""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from api.cli.connections import BoundedConnection
from api.cli.shutdown import Shutdown
from api.interpreter import answer_promptly
from gis.errors import InstallationError

_FINISH_S = 1.0  # for answers that are under way; then everybody is hung up on, live streams too
_PATIENCE_S = 5  # for what goes on although nobody listens any more
_LOOK_EVERY_TICKS = 20  # uvicorn ticks ten times a second


def serve(
    app: FastAPI,
    bound: socket.socket,
    shutdown: Shutdown,
    *,
    started: Callable[[], None],
    tls: ssl.SSLContext | None = None,
    trusted_proxies: Sequence[str] = (),
) -> None:
    """Blocks. Calls `started` once connections are accepted.

    Where a request comes from and whether by https is what its connection says, unless that comes
    from one of `trusted_proxies`. Raises Stopped when a signal came before the start,
    InstallationError when the application does not start.
    """
    server = _Server(app, started, tls, trusted_proxies)
    with shutdown.calling(server.stop):
        try:
            server.run([bound])
        except SystemExit as error:  # uvicorn's way to say that the start failed; the log says why
            raise InstallationError("The server does not start; the log above says why.") from error


class _Server(uvicorn.Server):
    def __init__(
        self,
        app: FastAPI,
        on_started: Callable[[], None],
        tls: ssl.SSLContext | None,
        trusted_proxies: Sequence[str],
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=BoundedConnection,
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_PATIENCE_S,
                ssl_context_factory=None if tls is None else lambda _config, _default: tls,
                proxy_headers=bool(trusted_proxies),
                forwarded_allow_ips=list(trusted_proxies),
            )
        )
        self._on_started = on_started

    def stop(self) -> None:
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the command's business: uvicorn would die of them before the clean-up."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            answer_promptly()
            self._on_started()

    async def on_tick(self, counter: int) -> bool:
        if counter % _LOOK_EVERY_TICKS == 0:
            now_s = time.monotonic()
            for connection in list(self.server_state.connections):
                if isinstance(connection, BoundedConnection):
                    connection.close_if_slow(now_s)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().call_later(_FINISH_S, self._hang_up)
        await super().shutdown(sockets)

    def _hang_up(self) -> None:
        """What a viewer who leaves does, which every route copes with. Cancelling the tasks, as uvicorn
        would, ends them with a complaint in the log."""
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.close()
