from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from api.accounts import Permission, Role, permissions_of
from data.scope import Scope
from gis.errors import InvalidInput, NotPermitted
from patrol.cases.case import SYSTEM, Actor, Case, State
from patrol.cases.workflow import (
    ANYBODY,
    TRANSITIONS,
    Action,
    ActionNotAllowed,
    allowed_actions,
    permit,
)

MakeCase = Callable[..., Case]

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
WORKER, CHIEF, DISPATCHER, INSPECTOR = "grid_worker", "grid_chief", "dispatcher", "inspector"

# What the domain says, written down a second time: from, action, to, and who may by role.
DESK = {"admin", DISPATCHER, CHIEF}
EVERY_WAY = {
    (State.REPORTED, Action.PRE_CHECK): (State.PRE_CHECK, DESK),
    (State.PRE_CHECK, Action.VERIFY): (State.REPORTED, ANYBODY),
    (State.REPORTED, Action.FILE): (State.FILED, DESK | {"system"}),
    (State.REPORTED, Action.VOID): (State.VOID, DESK),
    (State.FILED, Action.DISPATCH): (State.DISPATCHED, DESK | {"system"}),
    (State.DISPATCHED, Action.ACCEPT): (State.IN_PROGRESS, DESK),
    (State.DISPATCHED, Action.RETURN): (State.RETURNED, DESK),
    (State.RETURNED, Action.DISPATCH): (State.DISPATCHED, DESK),
    (State.IN_PROGRESS, Action.HANDLE): (State.POST_CHECK, DESK),
    (State.POST_CHECK, Action.CHECK): (State.CALLBACK, DESK | {INSPECTOR}),
    (State.POST_CHECK, Action.REWORK): (State.IN_PROGRESS, DESK | {INSPECTOR}),
    (State.CALLBACK, Action.CLOSE): (State.CLOSED, DESK),
    (State.CALLBACK, Action.REOPEN): (State.FILED, DESK),
    (State.CLOSED, Action.REOPEN): (State.FILED, DESK),
}
THE_OWNERS = {Action.ACCEPT, Action.RETURN, Action.HANDLE}


def actor(
    role: str, *, staff_id: int | None = None, account_id: int = 1, grids: Scope | None = None
) -> Actor:
    scope = Scope.everything() if grids is None else grids
    return Actor(account_id=account_id, staff_id=staff_id, name=role, role=role, scope=scope)


def may(case: Case, action: Action, who: Actor) -> bool:
    try:
        permit(case, action, who, note="because", at=NOW)
    except NotPermitted:
        return False
    return True


@pytest.mark.parametrize(
    ("state", "action"), [way for way in product(State, Action) if way[1] != Action.REATTRIBUTE]
)
def test_an_action_leads_where_the_domain_says_and_nowhere_else(
    a_case: MakeCase, state: State, action: Action
) -> None:
    case = a_case(state=state)
    if (state, action) in EVERY_WAY:
        target, _ = EVERY_WAY[state, action]
        assert permit(case, action, actor("admin"), note="because", at=NOW).target is target
    else:
        with pytest.raises(ActionNotAllowed, match=f"in state {state}") as refusal:
            permit(case, action, actor("admin"), note="because", at=NOW)
        assert refusal.value.members == {"state": state}


@pytest.mark.parametrize(("state", "action"), list(EVERY_WAY))
def test_an_action_is_for_the_roles_that_the_domain_names(
    a_case: MakeCase, state: State, action: Action
) -> None:
    case = a_case(state=state)
    _, roles = EVERY_WAY[state, action]
    for role in [*Role, "system"]:
        assert may(case, action, actor(role)) == (role in roles), role
        assert (action in allowed_actions(case, actor(role), NOW)) == (role in roles), role


@pytest.mark.parametrize(("state", "action"), list(EVERY_WAY))
def test_nobody_acts_by_role_outside_their_own_grids(
    a_case: MakeCase, state: State, action: Action
) -> None:
    case = a_case(state=state)
    elsewhere, here = Scope.of(frozenset({"B"})), Scope.of(frozenset({"A", "A1"}))
    assert not may(case, action, actor(CHIEF, grids=elsewhere))
    assert may(case, action, actor(CHIEF, grids=here))


@pytest.mark.parametrize(("state", "action"), list(EVERY_WAY))
def test_the_owner_accepts_returns_and_handles_wherever_the_case_lies(
    a_case: MakeCase, state: State, action: Action
) -> None:
    nowhere = Scope.of(frozenset())
    case = a_case(state=state)
    owner = actor("enforcement_officer", staff_id=5, grids=nowhere)
    somebody = actor("enforcement_officer", staff_id=6, grids=nowhere)
    assert may(case, action, owner) == (action in THE_OWNERS)
    assert not may(case, action, somebody)


@pytest.mark.parametrize("action", [Action.CHECK, Action.REWORK])
def test_whoever_handled_it_does_not_check_it(a_case: MakeCase, action: Action) -> None:
    case = a_case(state=State.POST_CHECK, handled_by_account_id=9)
    assert not may(case, action, actor(DISPATCHER, account_id=9))
    assert may(case, action, actor(DISPATCHER, account_id=10))


@pytest.mark.parametrize("action", [Action.CHECK, Action.REWORK])
def test_the_owner_does_not_check_it_even_when_another_handled_it(
    a_case: MakeCase, action: Action
) -> None:
    case = a_case(state=State.POST_CHECK, handled_by_account_id=9)
    assert not may(case, action, actor(INSPECTOR, account_id=10, staff_id=5))
    assert may(case, action, actor(INSPECTOR, account_id=10, staff_id=6))


@pytest.mark.parametrize(("state", "action"), list(EVERY_WAY))
def test_a_note_is_asked_for_where_something_has_to_be_said(
    a_case: MakeCase, state: State, action: Action
) -> None:
    needs = {Action.VERIFY, Action.VOID, Action.RETURN, Action.HANDLE, Action.REWORK, Action.REOPEN}
    case = a_case(state=state)
    if action in needs:
        with pytest.raises(InvalidInput, match="needs a note") as refusal:
            permit(case, action, actor("admin"), note=None, at=NOW)
        assert refusal.value.field == "note"
    else:
        permit(case, action, actor("admin"), note=None, at=NOW)


def test_a_case_can_be_returned_within_two_days_of_its_dispatch(a_case: MakeCase) -> None:
    case = a_case(state=State.DISPATCHED)
    assert case.dispatched_at is not None
    last = case.dispatched_at + timedelta(days=2)
    owner = actor(WORKER, staff_id=5)
    assert allowed_actions(case, owner, last) == (Action.ACCEPT, Action.RETURN)
    late = last + timedelta(seconds=1)
    assert allowed_actions(case, owner, late) == (Action.ACCEPT,)
    with pytest.raises(ActionNotAllowed, match="too long ago") as refusal:
        permit(case, Action.RETURN, owner, note="not mine", at=late)
    assert (refusal.value.code, refusal.value.state) == ("too_late", State.DISPATCHED)


def test_a_refusal_says_what_is_possible_instead(a_case: MakeCase) -> None:
    with pytest.raises(ActionNotAllowed, match=r"does not allow close.*: accept, return\."):
        permit(a_case(), Action.CLOSE, actor(WORKER, staff_id=5), note=None, at=NOW)
    with pytest.raises(NotPermitted, match="accept is for its owner, admin, dispatcher or"):
        permit(a_case(), Action.ACCEPT, actor("liaison"), note=None, at=NOW)


def test_every_open_state_has_a_way_on_and_closed_cases_can_be_reopened() -> None:
    sources = {source for source, _ in TRANSITIONS}
    assert {state for state in State if state.is_open} | {State.CLOSED, None} == sources


def test_every_state_can_be_reached_from_a_report() -> None:
    reached: set[State | None] = {None}
    while more := {t.target for t in TRANSITIONS.values() if t.source in reached} - reached:
        reached |= more
    assert reached == {None, *State}


def test_whoever_may_act_on_cases_at_all_is_in_the_table_or_owns_them() -> None:
    def may(permission: Permission) -> set[str]:
        return {role for role in Role if permission in permissions_of(role)}

    assert may(Permission.CREATE_CASES) == ANYBODY
    assert may(Permission.ACT_ON_CASES) == ANYBODY | {"department_handler"}


def test_a_department_handler_does_what_an_owner_does_and_nothing_at_the_desk(
    a_case: MakeCase,
) -> None:
    handler = actor("department_handler", staff_id=5)
    for state, action in EVERY_WAY:
        assert may(a_case(state=state), action, handler) == (action in THE_OWNERS), action
    unasked = actor("department_handler", staff_id=6)
    assert not any(may(a_case(state=state), action, unasked) for state, action in EVERY_WAY)


def test_the_system_files_dispatches_and_reattributes_and_does_nothing_else() -> None:
    own = {t.action for t in TRANSITIONS.values() if SYSTEM.role in t.roles}
    assert own == {Action.FILE, Action.DISPATCH, Action.REATTRIBUTE}


@pytest.mark.parametrize("state", State)
def test_only_the_system_gives_a_case_another_grid_and_only_while_it_is_open(
    a_case: MakeCase, state: State
) -> None:
    case = a_case(state=state)
    assert (Action.REATTRIBUTE in allowed_actions(case, SYSTEM, NOW)) == state.is_open
    for role in Role:
        assert Action.REATTRIBUTE not in allowed_actions(case, actor(role), NOW)
