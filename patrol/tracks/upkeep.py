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


class _Enough(Exception):
    """It is time for a rest."""


class FactsUpkeep:
    """`async with FactsUpkeep(…):` works out what changed until it is left.

    A mark is left alone for `settle`, for more fixes of the day follow. After a round of about `work_s`
    at most it rests `rest` times as long as it worked: however large the town, it takes a quarter of
    one processor, and the facts are so much later. With nothing left to do it looks again after
    `look_s`. Several servers share the work.
    """

    def __init__(
        self,
        database: Database,
        grid_indexes: GridIndexes,
        *,
        settle: timedelta = timedelta(seconds=60),
        work_s: float = 2.0,
        rest: float = 3.0,
        look_s: float = 10.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._grids = VisitedGrids(grid_indexes)
        self._settle = settle
        self._work_s = work_s
        self._rest = rest
        self._look_s = look_s
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
            is_done = await self._try_round()
            pause_s = self._rest * (time.monotonic() - began)
            if is_done:
                pause_s = max(pause_s, self._look_s)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), pause_s)

    async def _try_round(self) -> bool:
        """Returns whether there is nothing left to do, or nothing that can be done now."""
        try:
            await asyncio.to_thread(self._round)
        except _Enough:
            return False
        except (_Leaving, FactsInUse):
            pass
        except (psycopg.Error, SQLAlchemyError) as error:
            _log.warning("facts of tracks are put off", error=type(error).__name__)
        except Exception:
            _log.exception("working out facts of tracks failed; it will be tried again")
        return True

    def _round(self) -> None:
        self._round_ends = time.monotonic() + self._work_s
        analyse_changes(
            self._database,
            self._grids,
            before=self._now() - self._settle,
            progress=self._go_on,
            failed=_put_off,
        )

    def _go_on(self, _days: int) -> None:
        if self._leaving.is_set():
            raise _Leaving
        if time.monotonic() > self._round_ends:
            raise _Enough


def _put_off(unit_id: int, day: date, error: Exception) -> None:
    _log.error("a day of a unit is put off", unit_id=unit_id, day=f"{day}", exc_info=error)
