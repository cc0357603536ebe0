"""The facts of tracks kept true by themselves, beside a server."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from types import TracebackType
from typing import Self

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from data.database import Database
from data.editions import GridIndexes
from patrol.tracks.analysis import FactsInUse, analyse_changes
from patrol.tracks.grids import VisitedGrids

_log = structlog.get_logger(__name__)


class _Leaving(Exception):
    """The server is being stopped."""


class FactsUpkeep:
    """`async with FactsUpkeep(…):` works out what changed until it is left.

    A mark is left alone for `settle`, for more fixes of the day follow. After each round it rests `rest`
    times as long as it worked, at least `look_s`: however large the town, it takes a quarter of one
    processor at most, and the facts are so much later. Several servers share the work.
    """

    def __init__(
        self,
        database: Database,
        grid_indexes: GridIndexes,
        *,
        settle: timedelta = timedelta(seconds=60),
        look_s: float = 10.0,
        rest: float = 3.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._grids = VisitedGrids(grid_indexes)
        self._settle = settle
        self._look_s = look_s
        self._rest = rest
        self._now = now
        self._leaving = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="facts")
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._leaving.set()  # cancelling would leave the thread behind, at work on a closed database
        await self._task

    async def _run(self) -> None:
        while not self._leaving.is_set():
            began = time.monotonic()
            await self._try_round()
            pause_s = max(self._look_s, self._rest * (time.monotonic() - began))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), pause_s)

    async def _try_round(self) -> None:
        try:
            await asyncio.to_thread(self._round)
        except (_Leaving, FactsInUse):
            pass
        except (psycopg.Error, SQLAlchemyError) as error:
            _log.warning("facts of tracks are put off", error=type(error).__name__)
        except Exception:
            _log.exception("working out facts of tracks failed; it will be tried again")

    def _round(self) -> None:
        analyse_changes(
            self._database,
            self._grids,
            before=self._now() - self._settle,
            progress=self._go_on_unless_leaving,
            failed=_put_off,
        )

    def _go_on_unless_leaving(self, _days: int) -> None:
        if self._leaving.is_set():
            raise _Leaving


def _put_off(unit_id: int, day: date, error: Exception) -> None:
    _log.error("a day of a unit is put off", unit_id=unit_id, day=f"{day}", exc_info=error)
