"""Slowing down whoever guesses passwords: each failure past the free ones doubles the wait."""

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from gis.errors import Overloaded

_FREE_FAILURES = 5
_MAX_WAIT_S = 60.0
_FORGET_AFTER_S = 15 * 60.0
_MAX_KEYS = 10_000  # the one that failed longest ago is forgotten first


@dataclass(slots=True)
class _Failures:
    count: int
    last_s: float


class Throttle:
    """Counts failures by key, in memory. `clock` gives seconds that never run backwards.

    It lives and dies with the process: it blunts guessing, it does not lock an account.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: OrderedDict[Hashable, _Failures] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, key: Hashable) -> None:
        """Raise Overloaded, with the seconds to wait, while `key` has failed too often."""
        with self._lock:
            failures = self._failures.get(key)
            if failures is None:
                return
            excess = failures.count - _FREE_FAILURES
            wait_s = min(2.0**excess, _MAX_WAIT_S) if excess >= 0 else 0.0
            left_s = failures.last_s + wait_s - self._clock()
        if left_s > 0:
            seconds = math.ceil(left_s)
            raise Overloaded(
                f"Too many failed attempts to sign in; try again in {seconds} s.",
                retry_after_s=seconds,
            )

    def failed(self, key: Hashable) -> None:
        now_s = self._clock()
        with self._lock:
            failures = self._failures.get(key)
            if failures is None or now_s - failures.last_s > _FORGET_AFTER_S:
                failures = self._failures[key] = _Failures(0, now_s)
            failures.count += 1
            failures.last_s = now_s
            self._failures.move_to_end(key)
            if len(self._failures) > _MAX_KEYS:
                self._failures.popitem(last=False)

    def succeeded(self, key: Hashable) -> None:
        with self._lock:
            self._failures.pop(key, None)
