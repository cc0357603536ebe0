"""Ctrl-C, SIGTERM and a closed terminal as one orderly end."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked the program to end. Not an Exception, so nothing takes it for an error."""


class Shutdown:
    """The first signal decides; later ones change nothing, so that the clean-up is not cut short.

    Between `check`s a signal waits, because starting PostgreSQL must not be left half way; inside
    `interrupting` it raises Stopped wherever the program is; inside `calling` it calls.
    """

    def __init__(self) -> None:
        self._received: int | None = None
        self._act: Callable[[], None] | None = None

    @contextmanager
    def listening(self) -> Iterator[None]:
        before = {number: signal.signal(number, self._receive) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @property
    def exit_code(self) -> int:
        """As a shell would report Ctrl-C; 0 for a service manager, which asked for just this."""
        return 130 if self._received == signal.SIGINT else 0

    @property
    def requested(self) -> bool:
        return self._received is not None

    def check(self) -> None:
        """Raise Stopped if a signal has come."""
        if self.requested:
            raise Stopped

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        with self.calling(self._raise):
            yield

    @contextmanager
    def calling(self, act: Callable[[], None]) -> Iterator[None]:
        """`act` runs in the main thread, between two instructions: it should only set a flag."""
        self.check()
        self._act = act
        try:
            yield
        finally:
            self._act = None

    def _raise(self) -> None:
        raise Stopped

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        if self._received is None:
            self._received = number
            if self._act is not None:
                self._act()
