from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from patrol.duty.ownership import Acting, Post
from patrol.duty.vacancies import Staffing, staffing_of

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SOON = NOW + timedelta(days=14)


def day(number: float) -> datetime:
    return NOW + timedelta(days=number)


def post(*, since: float = -9, until: float | None = None, **changes: Any) -> Post:
    values: dict[str, Any] = {"role": "grid_worker", "grid_code": "A1", "is_deputy": False}
    return Post(
        holder=Acting(staff_id=1, name="王", on_duty=False),
        valid_from=day(since),
        valid_to=None if until is None else day(until),
        **values | changes,
    )


def staffing(*posts: Post) -> tuple[Staffing, datetime | None]:
    return staffing_of(posts, at=NOW, until=SOON)


def test_with_a_holder_a_grid_is_held_on_duty_or_not() -> None:
    assert staffing(post()) == (Staffing.HELD, None)
    assert staffing(post(until=15)) == (Staffing.HELD, None)


def test_with_nobody_or_a_deputy_only_it_is_vacant() -> None:
    assert staffing() == (Staffing.VACANT, None)
    assert staffing(post(is_deputy=True)) == (Staffing.VACANT, None)


def test_a_vacant_grid_tells_when_the_next_begins() -> None:
    assert staffing(post(since=3), post(since=2, is_deputy=True)) == (Staffing.VACANT, day(3))


def test_a_post_that_ends_tomorrow_is_told() -> None:
    assert staffing(post(until=1)) == (Staffing.ENDING, day(1))
    assert staffing(post(until=1), post(until=4)) == (Staffing.ENDING, day(4))


def test_one_that_somebody_takes_over_without_a_gap_is_held() -> None:
    assert staffing(post(until=1), post(since=1)) == (Staffing.HELD, None)
    assert staffing(post(until=1), post(since=1, until=3)) == (Staffing.ENDING, day(3))
    assert staffing(post(until=1), post(since=2)) == (Staffing.ENDING, day(1))


def test_on_leave_without_a_stand_in_tells_when_they_are_back() -> None:
    away = {"on_leave": True, "back_at": day(5)}
    assert staffing(post(**away)) == (Staffing.ON_LEAVE, day(5))
    assert staffing(post(on_leave=True)) == (Staffing.ON_LEAVE, None)
    assert staffing(post(**away), post()) == (Staffing.HELD, None)
    somebody = Acting(staff_id=2, name="钱", on_duty=True)
    assert staffing(post(**away, stand_in=somebody)) == (Staffing.HELD, None)


@given(
    st.lists(
        st.tuples(st.integers(-5, 20), st.none() | st.integers(1, 9)).map(
            lambda each: post(since=each[0], until=None if each[1] is None else each[0] + each[1])
        )
    )
)
def test_nobody_holds_it_when_an_ending_post_ends_and_somebody_until_then(
    posts: list[Post],
) -> None:
    def held(at: datetime) -> bool:
        return any(
            each.valid_from <= at and (each.valid_to is None or each.valid_to > at)
            for each in posts
        )

    posts = [each for each in posts if each.valid_to is None or each.valid_to > NOW]
    result, changes_at = staffing(*posts)
    assert (result is Staffing.VACANT) is not held(NOW)
    if result is Staffing.ENDING:
        assert changes_at is not None
        assert not held(changes_at)
        days = int((changes_at - NOW) / timedelta(days=1))
        assert all(held(day(number)) for number in range(days))
    elif result is Staffing.HELD:
        assert all(held(day(number)) for number in range(15))
