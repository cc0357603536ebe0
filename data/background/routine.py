"""A routine: work that is done again and again."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

_log = structlog.get_logger(__name__)

GoOn = Callable[[], None]


class Leaving(Exception):
    """The routine is being ended."""


class Routine:
    """`async with Routine(name, work):` calls `work(go_on)` in a thread until it is left.

    `work` returns after how many seconds it wants to be called again. In between it calls `go_on`, which
    raises Leaving once the block is left: a thread cannot be cancelled, and must not be left behind, at
    work on a closed database. What fails is logged and tried again after `retry_s`.
    """

    def __init__(self, name: str, work: Callable[[GoOn], float], *, retry_s: float = 10.0) -> None:
        self._name = name
        self._work = work
        self._retry_s = retry_s
        self._leaving = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name=self._name)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._leaving.set()
        await self._task

    async def _run(self) -> None:
        while not self._leaving.is_set():
            pause_s = await self._try()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), pause_s)

    async def _try(self) -> float:
        try:
            return await asyncio.to_thread(self._work, self._go_on)
        except Leaving:
            pass
        except (psycopg.Error, SQLAlchemyError) as error:
            _log.warning(f"{self._name}: put off", error=type(error).__name__)
        except Exception:
            _log.exception(f"{self._name}: failed, and will be tried again")
        return self._retry_s

    def _go_on(self) -> None:
        if self._leaving.is_set():
            raise Leaving
