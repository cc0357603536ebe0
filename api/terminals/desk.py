"""The desk: what the door asks the database about terminals, in threads of its own.

A whole fleet comes back at once after a restart; that there are few threads keeps it from crowding out
everybody else.
"""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from sqlalchemy import Connection

from api.rates import Rates
from api.terminals import codes
from api.terminals.codes import Terminal
from data.database import Database
from gis.errors import Conflict, NotFound
from patrol.devices.jt808.answers import RegisterResult
from patrol.devices.jt808.session import Authenticate, Register

_THREADS = 4
_TRIES_PER_MINUTE = 20  # of one number: to register and to authenticate

T = TypeVar("T")


class Desk:
    """Every method raises SQLAlchemyError when the database is away, and the first two Overloaded when a
    number comes too often."""

    def __init__(
        self, database: Database, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now
        self._threads = CapacityLimiter(_THREADS)
        self._tries = Rates(_TRIES_PER_MINUTE)

    async def register(self, action: Register, *, address: str) -> tuple[RegisterResult, str]:
        """The result, and the code when it is good."""
        number = action.message.address.number
        self._tries.check(number)
        try:
            code = await self._run(
                lambda conn: codes.issue_code(
                    conn, number, action.registration, address=address, now=self._now()
                )
            )
        except NotFound:
            return RegisterResult.NO_SUCH_TERMINAL, ""
        except Conflict:
            return RegisterResult.TERMINAL_TAKEN, ""
        return RegisterResult.DONE, code

    async def authenticate(self, action: Authenticate) -> Terminal | None:
        number = action.message.address.number
        self._tries.check(number)
        return await self._run(lambda conn: codes.check_code(conn, number, action.code))

    async def log_out(self, terminal: Terminal, *, address: str) -> None:
        await self._run(lambda conn: codes.end_code(conn, terminal, address=address))

    async def codes_that_hold(self, code_hashes: Collection[bytes]) -> frozenset[bytes]:
        return await self._run(lambda conn: codes.codes_that_hold(conn, code_hashes))

    async def _run(self, ask: Callable[[Connection], T]) -> T:
        def transaction() -> T:
            with self._database.begin() as conn:
                return ask(conn)

        return await to_thread.run_sync(transaction, limiter=self._threads)
