from datetime import UTC, datetime
from typing import Any

from patrol.duty.ownership import DISPATCH_QUEUE, Acting, OwnerReason, Post, owner_among

CHAIN = ["32072200100100101", "320722001001001"]
INNER, OUTER = CHAIN
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def acting(staff_id: int, *, on_duty: bool = True) -> Acting:
    return Acting(staff_id=staff_id, name=f"staff {staff_id}", on_duty=on_duty)


def post(staff_id: int, *, on_duty: bool = True, **changes: Any) -> Post:
    values = {"role": "grid_worker", "grid_code": INNER, "is_deputy": False, "valid_from": LONG_AGO}
    return Post(holder=acting(staff_id, on_duty=on_duty), **{**values, **changes})


def test_the_worker_on_duty_owns_the_grid() -> None:
    owner = owner_among([post(1, is_deputy=True), post(2)], CHAIN)
    assert (owner.staff_id, owner.reason) == (2, OwnerReason.WORKER_ON_DUTY)
    assert owner.grid_code == INNER


def test_the_deputy_steps_in_while_the_worker_is_off_duty() -> None:
    owner = owner_among([post(1, on_duty=False), post(2, is_deputy=True)], CHAIN)
    assert (owner.staff_id, owner.reason) == (2, OwnerReason.DEPUTY_ON_DUTY)


def test_the_chief_of_the_outer_grid_owns_it_when_nobody_is_on_duty_even_at_night() -> None:
    chief = post(3, role="grid_chief", grid_code=OUTER, on_duty=False)
    owner = owner_among([post(1, on_duty=False), chief], CHAIN)
    assert (owner.staff_id, owner.reason, owner.role) == (3, OwnerReason.CHIEF, "grid_chief")


def test_without_a_chief_it_goes_to_the_dispatch_queue() -> None:
    assert owner_among([post(1, on_duty=False)], CHAIN) == DISPATCH_QUEUE


def test_outside_every_grid_it_goes_to_the_dispatch_queue() -> None:
    assert owner_among([post(1)], []) == DISPATCH_QUEUE


def test_a_post_in_the_inner_grid_comes_before_one_in_the_outer() -> None:
    assert owner_among([post(1, grid_code=OUTER), post(2)], CHAIN).staff_id == 2


def test_of_two_equal_posts_the_earlier_one_decides() -> None:
    assert owner_among([post(7), post(2)], CHAIN).staff_id == 7


def test_who_is_on_leave_owns_nothing_though_they_are_on_duty() -> None:
    posts = [post(1, on_leave=True), post(2, is_deputy=True)]
    owner = owner_among(posts, CHAIN)
    assert (owner.staff_id, owner.reason) == (2, OwnerReason.DEPUTY_ON_DUTY)
    assert owner_among([post(1, role="grid_chief", on_leave=True)], CHAIN) == DISPATCH_QUEUE


def test_who_stands_in_comes_before_the_deputy_and_says_why() -> None:
    posts = [post(1, is_deputy=True), post(2, on_leave=True, stand_in=acting(3))]
    owner = owner_among(posts, CHAIN)
    assert (owner.staff_id, owner.name, owner.reason) == (3, "staff 3", OwnerReason.STAND_IN)
    assert (owner.role, owner.grid_code) == ("grid_worker", INNER)


def test_who_stands_in_for_a_worker_must_be_on_duty_and_for_a_chief_need_not() -> None:
    away = {"on_leave": True, "stand_in": acting(3, on_duty=False)}
    worker = post(1, **away)
    chief = post(2, role="grid_chief", grid_code=OUTER, **away)
    assert owner_among([worker], CHAIN) == DISPATCH_QUEUE
    owner = owner_among([worker, chief], CHAIN)
    assert (owner.staff_id, owner.reason, owner.grid_code) == (3, OwnerReason.STAND_IN, OUTER)


def test_whom_it_is_about_is_passed_over_where_they_stand_in_too() -> None:
    posts = [post(1, on_leave=True, stand_in=acting(3)), post(2, is_deputy=True)]
    assert owner_among(posts, CHAIN, not_staff_id=3).staff_id == 2
