import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from data.scope import Scope
from patrol.cases.actions import Action
from patrol.cases.case import Actor, Assignment, Case, Placement, Source, State
from patrol.cases.details import (
    Details,
    Dispatched,
    Filed,
    Reported,
    Returned,
    decode_details,
    encode_details,
)
from patrol.cases.events import Event, first_event, next_event
from patrol.cases.folding import apply, fold
from patrol.cases.workflow import TRANSITIONS
from patrol.duty.ownership import OwnerReason

NOW = datetime(2026, 11, 22, 8, 0, 0, 123456, tzinfo=UTC)
PLACEMENT = Placement(edition_id=1, grid_code="A1", on_boundary=True, snapped_m=None)
WORKER = Assignment(staff_id=5, role="grid_worker", reason=OwnerReason.WORKER_ON_DUTY)
QUEUE = Assignment(staff_id=None, role=None, reason=OwnerReason.DISPATCH_QUEUE)
REPORTED = Reported(
    number="AH20261122-0001",
    source=Source.HOTLINE,
    category="safety.fire",
    description="楼道堆放杂物",
    urgent=True,
    reporter="张三",
    lon=118.60000000000001,
    lat=34.5,
    placement=PLACEMENT,
)
FILED = Filed(placement=PLACEMENT, assignment=WORKER, deadline_h=8)
DISPATCHED = Dispatched(assignment=WORKER, due_at=NOW + timedelta(hours=8))
SOMEBODY = Actor(account_id=9, staff_id=None, name="李主任", role="admin", scope=Scope.everything())


def history(*steps: tuple[Action, Details | None]) -> list[Event]:
    """A report and then one step an hour."""
    events = [first_event(7, REPORTED, SOMEBODY, NOW)]
    for hour, (action, details) in enumerate(steps, start=1):
        case = fold(events)
        transition = TRANSITIONS[case.state, action]
        at = NOW + timedelta(hours=hour)
        events.append(next_event(case, transition, SOMEBODY, at, details=details))
    return events


HANDLED = [
    (Action.FILE, FILED),
    (Action.DISPATCH, DISPATCHED),
    (Action.ACCEPT, None),
    (Action.HANDLE, None),
]


def test_a_case_begins_as_it_was_reported() -> None:
    case = fold(history())
    assert (case.id, case.state, case.version, case.assignment) == (7, State.REPORTED, 1, None)
    assert (case.reported_at, case.reported_by_account_id) == (NOW, 9)
    assert (case.lon, case.lat, case.placement) == (REPORTED.lon, 34.5, PLACEMENT)


def test_dispatching_starts_the_clock() -> None:
    case = fold(history((Action.FILE, FILED), (Action.DISPATCH, DISPATCHED)))
    assert case.state is State.DISPATCHED
    assert (case.assignment, case.deadline_h) == (WORKER, 8)
    assert (case.dispatched_at, case.due_at) == (NOW + timedelta(hours=2), DISPATCHED.due_at)


def test_rework_counts_and_forgets_who_handled_it() -> None:
    handled = fold(history(*HANDLED))
    assert (handled.handled_at, handled.handled_by_account_id) == (NOW + timedelta(hours=4), 9)
    again = fold(history(*HANDLED, (Action.REWORK, None)))
    assert (again.state, again.rework) == (State.IN_PROGRESS, 1)
    assert (again.handled_at, again.handled_by_account_id) == (None, None)


def test_a_returned_case_is_the_chiefs() -> None:
    case = fold(history(*HANDLED[:2], (Action.RETURN, Returned(assignment=QUEUE))))
    assert (case.state, case.assignment) == (State.RETURNED, QUEUE)


def test_reopening_begins_a_new_cycle_and_keeps_the_reworks() -> None:
    refiled = Filed(placement=PLACEMENT, assignment=QUEUE, deadline_h=24)
    events = history(
        *HANDLED,
        (Action.REWORK, None),
        (Action.HANDLE, None),
        (Action.CHECK, None),
        (Action.CLOSE, None),
        (Action.REOPEN, refiled),
    )
    closed, reopened = fold(events[:-1]), fold(events)
    assert closed.closed_at == NOW + timedelta(hours=8)
    assert (reopened.state, reopened.assignment, reopened.deadline_h) == (State.FILED, QUEUE, 24)
    assert (reopened.dispatched_at, reopened.due_at) == (None, None)
    assert (reopened.handled_at, reopened.handled_by_account_id) == (None, None)
    assert (reopened.closed_at, reopened.rework, reopened.reported_at) == (None, 1, NOW)


def test_folding_in_two_parts_is_folding_at_once() -> None:
    events = history(*HANDLED)
    for cut in range(1, len(events)):
        assert fold(events[cut:], onto=fold(events[:cut])) == fold(events)


@pytest.mark.parametrize("wrong", [[1], [0, 2], [0, 0], []])
def test_events_out_of_order_add_up_to_nothing(wrong: list[int]) -> None:
    events = history(*HANDLED)
    with pytest.raises(ValueError, match=r"does not|begins"):
        fold(events[index] for index in wrong)


def test_an_event_follows_only_the_state_it_left(a_case: Callable[..., Case]) -> None:
    accepted = history(*HANDLED)[3]
    apply(a_case(id=7, state=State.DISPATCHED, version=3), accepted)
    with pytest.raises(ValueError, match="does not follow"):
        apply(a_case(id=7, state=State.RETURNED, version=3), accepted)


@pytest.mark.parametrize(
    ("action", "details"),
    [
        (Action.REPORT, REPORTED),
        (Action.FILE, FILED),
        (Action.REOPEN, FILED),
        (Action.DISPATCH, DISPATCHED),
        (Action.RETURN, Returned(assignment=QUEUE)),
        (Action.CLOSE, None),
    ],
)
def test_details_come_back_from_json_as_they_were(action: Action, details: Details | None) -> None:
    assert decode_details(action, json.loads(json.dumps(encode_details(details)))) == details
