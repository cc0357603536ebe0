import pytest

from api.accounts.throttle import Throttle
from gis.errors import Overloaded


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throttle(clock: Clock) -> Throttle:
    return Throttle(clock)


def fail(throttle: Throttle, times: int) -> None:
    for _ in range(times):
        throttle.failed("key")


def test_the_first_failures_cost_nothing(throttle: Throttle) -> None:
    fail(throttle, 4)
    throttle.check("key")


def test_further_failures_double_the_wait_up_to_a_minute(throttle: Throttle, clock: Clock) -> None:
    waits = []
    fail(throttle, 4)
    for _ in range(8):
        fail(throttle, 1)
        with pytest.raises(Overloaded) as caught:
            throttle.check("key")
        waits.append(caught.value.retry_after_s)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    clock.now_s += 60
    throttle.check("key")


def test_others_do_not_wait(throttle: Throttle) -> None:
    fail(throttle, 20)
    throttle.check("another")


def test_a_success_wipes_the_slate(throttle: Throttle) -> None:
    fail(throttle, 5)
    throttle.succeeded("key")
    throttle.check("key")


def test_old_failures_are_forgotten(throttle: Throttle, clock: Clock) -> None:
    fail(throttle, 5)
    clock.now_s += 16 * 60
    fail(throttle, 1)
    throttle.check("key")


def test_memory_is_bounded(throttle: Throttle) -> None:
    fail(throttle, 5)
    for number in range(10_000):
        throttle.failed(number)
    throttle.check("key")
