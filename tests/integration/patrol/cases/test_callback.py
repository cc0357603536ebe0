"""What whoever reported a case says at the callback, and what Wangge makes of it."""

from typing import Any

import pytest
from sqlalchemy import text

from data.scope import Viewer
from patrol.cases.actions import Action
from patrol.cases.case import Actor, Rating, State
from patrol.cases.order import Order

Town = Any  # the fixture of conftest.py


def handled(town: Town, case_id: int) -> None:
    """Through the worker's hands and the check, to the callback."""
    worker, desk = town.actor("王", "grid_worker", "A1"), town.actor("调度", "dispatcher")
    for actor, order in (
        (worker, Order(action=Action.ACCEPT)),
        (worker, Order(action=Action.HANDLE, note="已清运")),
        (desk, Order(action=Action.CHECK)),
    ):
        town.service.act(case_id, order, actor)


@pytest.fixture
def reporter(town: Town) -> Actor:
    return town.actor("巡查", "patroller", "A1")


def rate(town: Town, case_id: int, reporter: Actor, rating: Rating) -> Any:
    return town.service.act(case_id, Order(action=Action.RATE, rating=rating), reporter).case


@pytest.mark.parametrize("rating", [Rating.SATISFIED, Rating.NEUTRAL])
def test_whoever_is_not_dissatisfied_closes_the_case(
    town: Town, reporter: Actor, rating: Rating
) -> None:
    case_id = town.service.report(town.report(), reporter).case.id
    handled(town, case_id)
    case = rate(town, case_id, reporter, rating)
    assert (case.state, case.rating, case.cycle) == (State.CLOSED, rating, 1)
    assert case.closed_at == town.clock.now


def test_whoever_is_dissatisfied_has_it_begun_again_and_may_say_so_again_each_time(
    town: Town, reporter: Actor
) -> None:
    case_id = town.service.report(town.report(), reporter).case.id
    for cycle in (2, 3):
        handled(town, case_id)
        case = rate(town, case_id, reporter, Rating.DISSATISFIED)
        assert (case.state, case.cycle, case.rating) == (State.DISPATCHED, cycle, None)
    handled(town, case_id)
    assert rate(town, case_id, reporter, Rating.SATISFIED).state is State.CLOSED
    events = town.reader.read(case_id, reporter, positions_in=None).events
    said = [event.details.rating for event in events if event.action is Action.RATE]
    assert said == [Rating.DISSATISFIED, Rating.DISSATISFIED, Rating.SATISFIED]
    begun_again = [event for event in events if event.action is Action.REOPEN]
    assert [(event.actor, bool(event.note)) for event in begun_again] == [("system", True)] * 2


def test_what_is_closed_and_rated_afterwards_stays_closed(town: Town, reporter: Actor) -> None:
    case_id = town.service.report(town.report(), reporter).case.id
    handled(town, case_id)
    town.service.act(case_id, Order(action=Action.CLOSE), town.actor("调度", "dispatcher"))
    case = rate(town, case_id, reporter, Rating.DISSATISFIED)
    assert (case.state, case.rating) == (State.CLOSED, Rating.DISSATISFIED)


def test_who_tells_the_desk_that_they_are_dissatisfied_has_it_begun_again_too(
    town: Town, reporter: Actor
) -> None:
    desk = town.actor("调度", "dispatcher")
    case_id = town.service.report(town.report(), reporter).case.id
    handled(town, case_id)
    order = Order(action=Action.CLOSE, rating=Rating.DISSATISFIED, note="电话里说还在")
    case = town.service.act(case_id, order, desk).case
    assert (case.state, case.cycle, case.rating, case.closed_at) == (
        State.DISPATCHED,
        2,
        None,
        None,
    )
    events = town.reader.read(case_id, desk, positions_in=None).events
    assert [(event.action, event.actor, event.note) for event in events[-3:]] == [
        (Action.RATE, "调度", "电话里说还在"),
        (Action.REOPEN, "system", events[-2].note),
        (Action.DISPATCH, "system", None),
    ]


@pytest.mark.parametrize("rating", [Rating.SATISFIED, Rating.NEUTRAL, None])
def test_any_other_answer_closes_it_at_the_desk(
    town: Town, reporter: Actor, rating: Rating | None
) -> None:
    case_id = town.service.report(town.report(), reporter).case.id
    handled(town, case_id)
    order = Order(action=Action.CLOSE, rating=rating)
    case = town.service.act(case_id, order, town.actor("调度", "dispatcher")).case
    assert (case.state, case.rating) == (State.CLOSED, rating)


@pytest.mark.parametrize(
    ("rating", "heard"), [(Rating.DISSATISFIED, ["case_dissatisfied"]), (Rating.SATISFIED, [])]
)
def test_of_who_is_dissatisfied_with_what_is_closed_the_desk_is_told(
    town: Town, reporter: Actor, rating: Rating, heard: list[str]
) -> None:
    town.hire("夜班", "dispatcher", None)
    case_id = town.service.report(town.report(), reporter).case.id
    handled(town, case_id)
    town.service.act(case_id, Order(action=Action.CLOSE), town.actor("调度", "dispatcher"))
    rate(town, case_id, reporter, rating)
    with town.database.begin(Viewer.everything()) as conn:
        query = text("SELECT kind FROM notices WHERE staff_id = :id ORDER BY id")
        kinds = list(conn.scalars(query, {"id": town.staff["夜班"]}))
    assert kinds == ["case_to_call_back", *heard]
