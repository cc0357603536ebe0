"""The worker as a child of the server."""

import threading
from types import TracebackType
from typing import Self

import structlog

from api.child import Child
from api.worker.order import Order

_log = structlog.get_logger(__name__)

_PAUSE_S = 5.0


class WorkerProcess:
    """`with WorkerProcess(order):` has a worker until the block is left. One that ends before, killed by
    whoever ran out of memory, is followed by another."""

    def __init__(self, order: Order, *, pause_s: float = _PAUSE_S) -> None:
        self._order = order.model_dump_json()
        self._pause_s = pause_s
        self._leaving = threading.Event()
        self._change = threading.Lock()
        self._thread = threading.Thread(target=self._replace, name="worker's guard", daemon=True)

    @property
    def pid(self) -> int:
        """Of the one that is there now."""
        return self._child.pid

    def __enter__(self) -> Self:
        self._child = self._start()
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        with self._change:
            self._leaving.set()
        self._child.end()
        self._thread.join()

    def _start(self) -> Child:
        return Child("api.worker", order=self._order)

    def _replace(self) -> None:
        while True:
            code = self._child.wait()
            if self._leaving.is_set():
                return
            self._child.end()  # closes the pipe to it
            _log.error("the worker has ended and is started again", code=code)
            self._leaving.wait(self._pause_s)
            with self._change:
                if self._leaving.is_set():
                    return
                self._child = self._start()
