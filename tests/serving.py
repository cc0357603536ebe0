"""The application as a server in this process, for tests that need a real connection."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from api.app import create_app
from api.settings import ServerSettings
from data.database import Database
from data.installation import Databases
from tests.accounts import new_token


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """A running application. `url` has no slash at its end; at `terminals` is JT/T 808's port."""

    url: str
    database: Database
    terminals: int

    def token(self, role: str, *, grid_code: str | None = None, staff_id: int | None = None) -> str:
        """The bearer token of a new account with this role."""
        return new_token(self.database, role, grid_code=grid_code, staff_id=staff_id)


@contextmanager
def serving(database: Database, settings: ServerSettings | None = None) -> Iterator[Server]:
    """Serve `database` on a free loopback port until the end of the block, as the server's roles."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_server(("127.0.0.1", 0), backlog=1024) as terminals,
        Databases.beside(database) as databases,
    ):
        started = threading.Event()

        class Announcing(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                await super().startup(sockets)
                started.set()

        server = Announcing(
            uvicorn.Config(
                create_app(
                    databases.application,
                    settings or ServerSettings(),
                    tracking=databases.tracking,
                    terminals=terminals,
                ),
                log_level="warning",
                lifespan="on",
            )
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        assert started.wait(30), "the server did not start"
        yield Server(
            url=f"http://127.0.0.1:{listener.getsockname()[1]}",
            database=database,
            terminals=terminals.getsockname()[1],
        )
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive(), "the server did not stop"
