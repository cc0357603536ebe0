"""Retention by itself: once a day at a quiet hour, and at the start when that hour was missed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from data.audit import Who
from data.database import Database
from gis.errors import Conflict
from patrol.tracks.expiry import KeepSettings, last_quiet_hour
from patrol.tracks.retention import drop_expired

_log = structlog.get_logger(__name__)

_WANGGE = Who(account_id=None, name="wangge", role=None, address=None)


class _Leaving(Exception):
    """The server is being stopped."""


class NightlyRetention:
    """`async with NightlyRetention(…):` drops what expires until it is left.

    It looks at the clock every `look_s`, so that a change of the clock or a night asleep does no harm.
    What fails is tried again at the next look.
    """

    def __init__(
        self,
        database: Database,
        keep: KeepSettings,
        *,
        look_s: float = 600.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._keep = keep
        self._look_s = look_s
        self._now = now
        self._leaving = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="retention")
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
        done: datetime | None = None
        while not self._leaving.is_set():
            due = last_quiet_hour(self._now())
            if due != done and await self._try_to_drop(due):
                done = due
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), self._look_s)

    async def _try_to_drop(self, due: datetime) -> bool:
        """What had been kept long enough at `due`."""
        try:
            await asyncio.to_thread(self._drop, due)
        except _Leaving:
            return False
        except (Conflict, psycopg.Error, SQLAlchemyError) as error:
            _log.warning("retention is put off", error=type(error).__name__)
            return False
        except Exception:
            _log.exception("retention failed; it will be tried again")
            return False
        return True

    def _drop(self, due: datetime) -> None:
        dropped = drop_expired(
            self._database, self._keep, due, _WANGGE, progress=self._go_on_unless_leaving
        )
        if dropped.days or dropped.quarantined:
            _log.info(
                "dropped what was kept long enough",
                days=len(dropped.days),
                fixes=dropped.fixes,
                quarantined=dropped.quarantined,
            )

    def _go_on_unless_leaving(self, _fixes: int) -> None:
        if self._leaving.is_set():
            raise _Leaving
