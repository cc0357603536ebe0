"""The guard of a running server: starts it again when it was killed while somebody uses it."""

import os
import select
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from gis.errors import InstallationError

_log = structlog.get_logger(__name__)

_FIRST_WAIT_S = 0.5  # what is left of the server that died holds on to its memory for a moment
_LAST_WAIT_S = 30.0


class Guard:
    """`with Guard(pid_file, start):` calls `start` whenever the process that `pid_file` names has ended.

    Whoever runs out of memory kills the largest process, and that is often PostgreSQL. Each process
    that uses a cluster guards it; `start` makes sure that one of them starts it. The kernel says when a
    process has ended (a pidfd), so nothing is polled.
    """

    def __init__(self, pid_file: Path, start: Callable[[], None]) -> None:
        self._pid_file = pid_file
        self._start = start
        self._leaving = os.eventfd(0, os.EFD_CLOEXEC)
        self._thread = threading.Thread(target=self._run, name="cluster guard", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        os.eventfd_write(self._leaving, 1)
        self._thread.join()
        os.close(self._leaving)

    def _run(self) -> None:
        wait_s = _FIRST_WAIT_S
        while self._stays_while_alive():
            _log.warning("PostgreSQL has ended and is started again")
            try:
                self._start()
                wait_s = _FIRST_WAIT_S
            except InstallationError as error:
                _log.warning("PostgreSQL does not start yet", reason=error.message)
                wait_s = min(2 * wait_s, _LAST_WAIT_S)
            if self._leaves_within(wait_s):
                return

    def _stays_while_alive(self) -> bool:
        """Wait for the end of the server, which gives true, or of the block."""
        try:
            process = os.pidfd_open(int(self._pid_file.read_text().split("\n", 1)[0]))
        except (OSError, ValueError):  # it has gone before we looked
            return not self._leaves_within(0)
        try:
            ended, _, _ = select.select([self._leaving, process], [], [])
        finally:
            os.close(process)
        return self._leaving not in ended

    def _leaves_within(self, seconds: float) -> bool:
        return bool(select.select([self._leaving], [], [], seconds)[0])
