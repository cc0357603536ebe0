"""Coroutines that begin again when the database was lost."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

_log = structlog.get_logger(__name__)


class Reconnecting(ABC):
    """`async with` it: its coroutines run side by side until it is left, and are cancelled then. One
    that loses the database begins again after `retry_s`."""

    def __init__(self, *, retry_s: float) -> None:
        self._retry_s = retry_s

    @abstractmethod
    def _coroutines(self) -> Sequence[Callable[[], Awaitable[None]]]:
        """What runs; none of them returns."""

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(self._again_and_again(work), name=work.__qualname__)
            for work in self._coroutines()
        ]
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    async def _again_and_again(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except (psycopg.Error, SQLAlchemyError) as error:
                _log.warning(
                    "the database was lost", by=type(self).__name__, error=type(error).__name__
                )
                await asyncio.sleep(self._retry_s)
