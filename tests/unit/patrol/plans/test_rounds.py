"""What became of a round depends on where units were, and not on the order in which that is told."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.ratio import Ratio
from patrol.plans.rhythm import Round
from patrol.plans.rounds import (
    Arrival,
    Demand,
    Reached,
    RoundResult,
    RoundState,
    Stay,
    result_at_points,
    result_of_parts,
)

BEGIN = datetime(2026, 11, 27, tzinfo=UTC)
T0 = BEGIN.timestamp()
ROUND = Round(begins_at=BEGIN, ends_at=BEGIN + timedelta(hours=1))
CELLS = np.arange(1, 6, dtype=np.uint64)
ALL, IN_ORDER = Demand(), Demand(in_order=True)


def stay(from_s: float, to_s: float, unit_id: int = 1) -> Stay:
    return Stay(from_s=T0 + from_s, to_s=T0 + to_s, unit_id=unit_id)


def result(*stays: list[Stay], demand: Demand = ALL, dwell_s: float = 0) -> RoundResult:
    return result_at_points(ROUND, stays, [dwell_s] * len(stays), demand)


def test_a_round_is_done_when_every_checkpoint_was_reached() -> None:
    done = result([stay(10, 20)], [stay(30, 30, unit_id=2)])
    assert (done.covered, done.is_fulfilled) == (Ratio(reached=2, required=2), True)
    assert done.arrivals == (Arrival(at_s=T0 + 10, unit_id=1), Arrival(at_s=T0 + 30, unit_id=2))
    assert done.unit_ids == {1, 2}
    missed = result([stay(10, 20)], [])
    assert (missed.covered, missed.is_fulfilled) == (Ratio(reached=1, required=2), False)
    assert missed.arrivals[1] is None


def test_only_what_lies_in_the_round_counts() -> None:
    assert not result([stay(-20, -1)]).is_fulfilled
    assert not result([stay(3600, 3700)]).is_fulfilled  # the end is the next round's
    assert result([stay(-20, 5)]).arrivals == (Arrival(at_s=T0, unit_id=1),)
    assert result([stay(3599, 3700)]).is_fulfilled


def test_who_has_to_stay_has_come_when_they_have_stayed() -> None:
    assert result([stay(10, 70)], dwell_s=60).arrivals == (Arrival(at_s=T0 + 70, unit_id=1),)
    assert not result([stay(10, 69)], dwell_s=60).is_fulfilled
    assert not result([stay(-50, 20)], dwell_s=60).is_fulfilled  # 20 s of it in this round


def test_in_order_means_that_one_unit_came_to_one_after_the_other() -> None:
    assert result([stay(10, 20)], [stay(30, 40)], demand=IN_ORDER).is_fulfilled
    wrong = result([stay(30, 40)], [stay(10, 20)], demand=IN_ORDER)
    assert (wrong.in_order, wrong.is_fulfilled, wrong.covered.rate) == (False, False, 1)
    again = result([stay(30, 40)], [stay(10, 20), stay(50, 60)], demand=IN_ORDER)
    assert again.is_fulfilled
    two = result([stay(10, 20)], [stay(30, 40, unit_id=2)], demand=IN_ORDER)
    assert two.in_order is False
    assert result([stay(30, 40)], [stay(10, 20)]).in_order is None


def test_one_place_inside_two_circles_is_in_order() -> None:
    assert result([stay(10, 90)], [stay(5, 85)], demand=IN_ORDER, dwell_s=30).is_fulfilled


def test_a_part_may_be_enough() -> None:
    stays = [[stay(10, 20)]] * 7 + [[]] * 3
    assert result(*stays, demand=Demand(at_least=0.7)).is_fulfilled
    assert not result(*stays, demand=Demand(at_least=0.71)).is_fulfilled


@pytest.mark.parametrize(
    ("minutes", "state"),
    [(-1, RoundState.UPCOMING), (0, RoundState.UNDER_WAY), (60, RoundState.MISSED)],
)
def test_a_round_is_missed_when_its_time_is_over_and_not_before(
    minutes: int, state: RoundState
) -> None:
    now = BEGIN + timedelta(minutes=minutes)
    assert result([]).state(now) is state
    assert result([stay(1, 2)]).state(now) is RoundState.DONE


stays_at = st.lists(
    st.builds(
        lambda from_s, length, unit: stay(from_s, from_s + length, unit),
        st.integers(-1000, 4000),
        st.integers(0, 500),
        st.integers(1, 3),
    ),
    max_size=6,
)


@given(
    st.lists(stays_at, min_size=1, max_size=4),
    st.sampled_from([ALL, IN_ORDER, Demand(at_least=0.5)]),
    st.integers(0, 200),
    st.randoms(use_true_random=False),
)
def test_the_order_in_which_stays_become_known_makes_no_difference(
    stays, demand, dwell_s, random
) -> None:
    shuffled = [random.sample(at_one, len(at_one)) for at_one in stays]
    assert result(*shuffled, demand=demand, dwell_s=dwell_s) == result(
        *stays, demand=demand, dwell_s=dwell_s
    )


@given(st.lists(stays_at, min_size=1, max_size=4), stays_at, st.sampled_from([ALL, IN_ORDER]))
def test_to_know_of_more_stays_undoes_nothing(stays, more, demand) -> None:
    before, after = (
        result(*stays, demand=demand),
        result([*stays[0], *more], *stays[1:], demand=demand),
    )
    assert after.covered.reached >= before.covered.reached
    assert after.is_fulfilled >= before.is_fulfilled


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(-100, 4000), st.integers(1, 2)), max_size=20),
    st.randoms(use_true_random=False),
)
def test_cells_count_once_and_in_any_order(reached, random) -> None:
    def of(told: list[tuple[int, int, int]]) -> RoundResult:
        cell, t_s, unit = (
            np.array([row[column] for row in told], dtype)
            for column, dtype in ((0, np.uint64), (1, np.float64), (2, np.int64))
        )
        reached = Reached(part=cell, from_s=T0 + t_s, to_s=T0 + t_s, unit_id=unit)
        return result_of_parts(ROUND, reached, CELLS, Demand(at_least=0.6))

    found = of(random.sample(reached * 2, len(reached) * 2))
    assert found == of(reached)
    inside = {cell for cell, t_s, _ in reached if 0 <= t_s < 3600}
    assert found.covered == Ratio(reached=len(inside), required=5)
    left_out = [number for number, one in enumerate(CELLS.tolist()) if one not in inside]
    assert found.left_out == (left_out[0] if left_out else None)
    assert found.is_fulfilled == (len(inside) >= 3)
