"""Whatever the order, the splits and the delays in which the same fixes arrive, and whenever somebody
looks in between: the same alerts are stored."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from patrol.tracking.fix import Fix
from tests.integration.patrol.alerts.conftest import NOW, Watched

# In and around the square, on its border, and in the yard.
PLACES = st.sampled_from(
    [(118.605, 34.505), (118.61, 34.51), (118.6202, 34.505), (118.6206, 34.505), (118.63, 34.51)]
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from([5, 20, 20, 45, 300]),  # seconds since the step before
        PLACES,
        st.sampled_from([None, 5.0, 25.0, 500.0]),
        st.sampled_from([None, 10, 20, 40]),
        st.integers(1, 6),  # so many fixes alike
    ),
    min_size=1,
    max_size=12,
)
numbers = count()


def fixes_of(unit: str, steps: Sequence[Any]) -> list[Fix]:
    fixes, at = [], NOW - timedelta(hours=3)
    for pause_s, (lon, lat), accuracy_m, battery_pct, times in steps:
        for _ in range(times):
            at += timedelta(seconds=pause_s)
            fixes.append(
                Fix(
                    unit=unit,
                    at=at,
                    lon=lon,
                    lat=lat,
                    accuracy_m=accuracy_m,
                    battery_pct=battery_pct,
                )
            )
    return fixes


@settings(max_examples=25)
@given(steps=STEPS, sessions=st.sampled_from([1, 2, 0]), data=st.data())
def test_the_same_fixes_give_the_same_alerts(
    watched: Watched,
    add_worker: Callable[..., int],
    steps: Sequence[Any],
    sessions: int,
    data: st.DataObject,
) -> None:
    order = data.draw(st.permutations(range(len(fixes_of("", steps)))))
    size = data.draw(st.integers(1, len(order)))
    began = NOW - timedelta(hours=3)
    middle = began + timedelta(minutes=5)
    shifts = [[], [(began, None)], [(began, middle), (middle, None)]][sessions]

    def arrive(order: Sequence[int], size: int, looks: Callable[[], bool]) -> list[Any]:
        code = f"U-{next(numbers)}"
        vehicle = {"kind": "vehicle", "always_on_duty": True} if not shifts else {}
        add_worker(code, *shifts, **vehicle)
        fixes = fixes_of(code, steps)
        batches = [
            [fixes[index] for index in order[start : start + size]]
            for start in range(0, len(order), size)
        ]
        asyncio.run(watched.send(batches, look=[looks() for _ in batches]))
        return watched.alerts(code)

    in_order = arrive(range(len(order)), len(order), lambda: False)
    assert arrive(order, size, lambda: data.draw(st.booleans())) == in_order
    if len(order) > 1:
        one_by_one = arrive(range(len(order)), 1 + len(order) // 4, lambda: True)
        assert one_by_one == in_order
