from patrol.duty.ownership import DISPATCH_QUEUE, OwnerReason, Post, owner_among

CHAIN = ["32072200100100101", "320722001001001"]
INNER, OUTER = CHAIN


def post(staff_id: int, **changes: object) -> Post:
    values: dict[str, object] = {
        "staff_id": staff_id,
        "name": f"staff {staff_id}",
        "role": "grid_worker",
        "grid_code": INNER,
        "is_deputy": False,
        "on_duty": True,
    }
    return Post(**{**values, **changes})  # type: ignore[arg-type]


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
