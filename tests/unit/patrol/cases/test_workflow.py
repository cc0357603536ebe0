from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from api.accounts import Permission, Role, permissions_of
from data.scope import Scope
from gis.errors import InvalidInput, NotPermitted
from patrol.cases.actions import Action, ActionNotAllowed
from patrol.cases.case import SYSTEM, Actor, Case, Request, Restated, State, Tier, Wish
from patrol.cases.workflow import ANYBODY, TRANSITIONS, allowed_actions, permit

MakeCase = Callable[..., Case]

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
WORKER, CHIEF, DISPATCHER, INSPECTOR = "grid_worker", "grid_chief", "dispatcher", "inspector"
S, A = State, Action

# What the domain says, written down a second time: from, action, to, and who may by role.
DESK = {"admin", DISPATCHER, CHIEF}
CHECKERS = DESK | {INSPECTOR}
WANGGE = {"system"}
UNDER_WAY = [S.FILED, S.DISPATCHED, S.RETURNED, S.IN_PROGRESS, S.ON_HOLD, S.POST_CHECK]
OPEN = [S.REPORTED, S.PRE_CHECK, *UNDER_WAY, S.CALLBACK]
NOT_HANDLED = [state for state in OPEN if state not in (S.POST_CHECK, S.CALLBACK)]
EVERY_WAY: dict[tuple[State, Action], tuple[State, set[str]]] = {
    (S.REPORTED, A.PRE_CHECK): (S.PRE_CHECK, DESK),
    (S.PRE_CHECK, A.VERIFY): (S.REPORTED, set(ANYBODY)),
    (S.REPORTED, A.FILE): (S.FILED, DESK | WANGGE),
    (S.REPORTED, A.SELF_HANDLE): (S.CLOSED, set(ANYBODY)),
    (S.REPORTED, A.VOID): (S.VOID, DESK),
    (S.REPORTED, A.MERGE): (S.MERGED, DESK | WANGGE),
    (S.MERGED, A.SPLIT): (S.REPORTED, DESK),
    **{(state, A.VOID): (S.VOID, DESK) for state in (S.FILED, S.RETURNED)},
    **{(state, A.MERGE): (S.MERGED, DESK) for state in (S.FILED, S.DISPATCHED, S.RETURNED)},
    (S.FILED, A.DISPATCH): (S.DISPATCHED, DESK | WANGGE),
    (S.DISPATCHED, A.ACCEPT): (S.IN_PROGRESS, DESK),
    (S.DISPATCHED, A.RETURN): (S.RETURNED, DESK),
    (S.DISPATCHED, A.ESCALATE): (S.DISPATCHED, WANGGE),
    (S.RETURNED, A.DISPATCH): (S.DISPATCHED, DESK),
    (S.IN_PROGRESS, A.ESCALATE): (S.IN_PROGRESS, DESK | WANGGE),
    (S.IN_PROGRESS, A.DEESCALATE): (S.IN_PROGRESS, DESK),
    (S.IN_PROGRESS, A.ASK_HOLD): (S.IN_PROGRESS, DESK),
    (S.IN_PROGRESS, A.GRANT_HOLD): (S.ON_HOLD, DESK),
    (S.ON_HOLD, A.RESUME): (S.IN_PROGRESS, DESK | WANGGE),
    (S.IN_PROGRESS, A.ASK_EXTENSION): (S.IN_PROGRESS, DESK),
    (S.IN_PROGRESS, A.GRANT_EXTENSION): (S.IN_PROGRESS, DESK),
    (S.IN_PROGRESS, A.REFUSE): (S.IN_PROGRESS, DESK),
    (S.IN_PROGRESS, A.HANDLE): (S.POST_CHECK, DESK),
    (S.POST_CHECK, A.CHECK): (S.CALLBACK, CHECKERS),
    (S.POST_CHECK, A.REWORK): (S.IN_PROGRESS, CHECKERS),
    (S.CALLBACK, A.RATE): (S.CALLBACK, set()),
    (S.CALLBACK, A.CLOSE): (S.CLOSED, DESK | WANGGE),
    (S.CALLBACK, A.REOPEN): (S.FILED, DESK | WANGGE),
    (S.CLOSED, A.RATE): (S.CLOSED, set()),
    (S.CLOSED, A.REOPEN): (S.FILED, DESK),
    (S.CLOSED, A.APPEAL): (S.CLOSED, DESK),
    (S.CLOSED, A.GRANT_APPEAL): (S.CLOSED, DESK),
    (S.CLOSED, A.REFUSE): (S.CLOSED, DESK),
    **{(state, A.URGE): (state, DESK) for state in UNDER_WAY},
    **{(state, A.SUPERVISE): (state, DESK | WANGGE) for state in UNDER_WAY},
    **{(state, A.COMMENT): (state, set(ANYBODY)) for state in OPEN},
    **{(state, A.RECOMPUTE): (state, WANGGE) for state in (S.DISPATCHED, S.IN_PROGRESS)},
    **{(state, A.REPEAT): (state, WANGGE) for state in S if state is not S.MERGED},
    **{(state, A.REATTRIBUTE): (state, WANGGE) for state in OPEN},
    **{(state, A.CORRECT): (state, DESK) for state in NOT_HANDLED},
    **{(state, A.RESTATE): (state, WANGGE) for state in OPEN},
    **{(state, A.RESCHEDULE): (state, WANGGE) for state in OPEN},
    **{(state, A.KEEP): (state, DESK) for state in OPEN},
    (S.REPORTED, A.IMPORT): (S.FILED, WANGGE),
    (S.FILED, A.IMPORT): (S.CLOSED, WANGGE),
}
THE_OWNERS = {
    *(A.VERIFY, A.ACCEPT, A.RETURN, A.ASK_HOLD, A.RESUME, A.ASK_EXTENSION, A.HANDLE, A.APPEAL),
    *(A.COMMENT, (S.IN_PROGRESS, A.ESCALATE)),
}
THE_REPORTERS = {A.URGE, A.COMMENT, A.RATE}
NEED_A_NOTE = {
    *(A.VERIFY, A.SELF_HANDLE, A.VOID, A.SPLIT, A.RETURN, A.DEESCALATE, A.ASK_HOLD, A.REFUSE),
    *(A.ASK_EXTENSION, A.HANDLE, A.REWORK, A.REOPEN, A.APPEAL, A.SUPERVISE, A.COMMENT),
    (S.IN_PROGRESS, A.ESCALATE),
}
BY_A_SECOND = {A.CHECK, A.REWORK, A.GRANT_APPEAL, (S.CLOSED, A.REFUSE)}
NOT_BY_THE_ASKER = {A.GRANT_HOLD, A.GRANT_EXTENSION, A.GRANT_APPEAL, A.REFUSE}
EVERYBODY = [*Role, "system"]

ASKER = 33
LATE = {"handled_at": datetime(2026, 11, 25, tzinfo=UTC)}


def asked(wish: Wish) -> Request:
    return Request(wish=wish, account_id=ASKER, at=NOW, until=None)


READY: dict[Any, dict[str, Any]] = {
    A.DEESCALATE: {"tier": Tier.TOWN},
    A.GRANT_HOLD: {"request": asked(Wish.HOLD)},
    A.GRANT_EXTENSION: {"request": asked(Wish.EXTENSION)},
    (S.IN_PROGRESS, A.REFUSE): {"request": asked(Wish.HOLD)},
    (S.CLOSED, A.REFUSE): {"request": asked(Wish.APPEAL)},
    A.APPEAL: LATE,
    A.RECOMPUTE: {"provisional": True},
    A.GRANT_APPEAL: {"request": asked(Wish.APPEAL)},
    A.KEEP: {"restated": Restated(called="井盖")},
}
"""What a case must have for an action, beside its state."""


def among(some: set[Any], state: State, action: Action) -> bool:
    return action in some or (state, action) in some


@pytest.fixture
def ready(a_case: MakeCase) -> Callable[[State, Action], Case]:
    """A case in the state, with all that the action asks of it."""

    def make(state: State, action: Action) -> Case:
        needs = READY.get((state, action), READY.get(action, {}))
        return a_case(**{"state": state, "tier": Tier.GRID, **needs})

    return make


Ready = Callable[[State, Action], Case]


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


@pytest.mark.parametrize(("state", "action"), list(product(State, Action)))
def test_an_action_leads_where_the_domain_says_and_nowhere_else(
    ready: Ready, state: State, action: Action
) -> None:
    case = ready(state, action)
    if (state, action) in EVERY_WAY:
        target, roles = EVERY_WAY[state, action]
        who = actor(min(roles, default=CHIEF), staff_id=6)
        if not roles:
            case = replace(case, reported_by_account_id=who.account_id)
        assert permit(case, action, who, note="because", at=NOW).target is target
        return
    for role in EVERYBODY:
        with pytest.raises(ActionNotAllowed, match=f"in state {state}") as refusal:
            permit(case, action, actor(role, staff_id=5, account_id=70), note="because", at=NOW)
        assert refusal.value.members == {"state": state}


@pytest.mark.parametrize(("state", "action"), list(EVERY_WAY))
def test_an_action_is_for_the_roles_that_the_domain_names(
    ready: Ready, state: State, action: Action
) -> None:
    case = ready(state, action)
    _, roles = EVERY_WAY[state, action]
    for role in EVERYBODY:
        assert may(case, action, actor(role)) == (role in roles), role
        assert (action in allowed_actions(case, actor(role), NOW)) == (role in roles), role


@pytest.mark.parametrize(("state", "action"), list(EVERY_WAY))
def test_nobody_acts_by_role_outside_their_own_grids(
    ready: Ready, state: State, action: Action
) -> None:
    case = ready(state, action)
    _, roles = EVERY_WAY[state, action]
    elsewhere, here = Scope.of(frozenset({"B"})), Scope.of(frozenset({"A", "A1"}))
    assert not may(case, action, actor(CHIEF, grids=elsewhere))
    assert may(case, action, actor(CHIEF, grids=here)) == (CHIEF in roles)


def test_whose_role_would_do_in_their_own_grids_is_told_that_the_case_lies_outside(
    a_case: MakeCase,
) -> None:
    case = a_case(state=S.PRE_CHECK)
    worker = actor(WORKER, grids=Scope.of(frozenset({"B1"})))
    with pytest.raises(NotPermitted, match="outside your grids") as refusal:
        permit(case, A.VERIFY, worker, note="好", at=NOW)
    assert refusal.value.code == "outside_your_grids"
    assert "everybody" not in refusal.value.message
    with pytest.raises(NotPermitted, match="is for Wangge itself, admin") as refusal:
        permit(a_case(state=S.REPORTED), A.FILE, worker, note=None, at=NOW)
    assert refusal.value.code == "not_yours_to_do"


@pytest.mark.parametrize(("state", "action"), list(EVERY_WAY))
def test_the_owner_does_what_is_theirs_wherever_the_case_lies(
    ready: Ready, state: State, action: Action
) -> None:
    nowhere = Scope.of(frozenset())
    case = ready(state, action)
    owner = actor("enforcement_officer", staff_id=5, grids=nowhere)
    somebody = actor("enforcement_officer", staff_id=6, grids=nowhere)
    assert may(case, action, owner) == among(THE_OWNERS, state, action)
    assert not may(case, action, somebody)


@pytest.mark.parametrize(("state", "action"), list(EVERY_WAY))
def test_whoever_reported_it_urges_adds_and_rates_and_does_nothing_else(
    ready: Ready, state: State, action: Action
) -> None:
    nowhere = Scope.of(frozenset())
    case = ready(state, action)
    by_account = actor(WORKER, account_id=70, grids=nowhere)
    by_code = replace(actor("reporter", grids=nowhere), account_id=None, follows=case.id)
    of_another = replace(by_code, follows=case.id + 1)
    assert may(case, action, by_account) == (action in THE_REPORTERS)
    assert may(case, action, by_code) == (action in THE_REPORTERS)
    assert not may(case, action, of_another)


@pytest.mark.parametrize(("state", "action"), list(EVERY_WAY))
def test_neither_its_handler_nor_its_owner_judges_what_was_done(
    ready: Ready, state: State, action: Action
) -> None:
    case = replace(ready(state, action), handled_by_account_id=9)
    _, roles = EVERY_WAY[state, action]
    is_judging = among(BY_A_SECOND, state, action)
    by_role = DISPATCHER in roles
    assert may(case, action, actor(DISPATCHER, account_id=10, staff_id=6)) == by_role
    handler, owner = actor(DISPATCHER, account_id=9), actor(DISPATCHER, account_id=10, staff_id=5)
    assert may(case, action, handler) == (by_role and not is_judging)
    is_the_owners = among(THE_OWNERS, state, action)
    assert may(case, action, owner) == ((by_role or is_the_owners) and not is_judging)


@pytest.mark.parametrize(("state", "action"), list(EVERY_WAY))
def test_nobody_grants_themselves_what_they_asked_for(
    ready: Ready, state: State, action: Action
) -> None:
    asker = actor(DISPATCHER, account_id=ASKER)
    _, roles = EVERY_WAY[state, action]
    forbidden = action in NOT_BY_THE_ASKER
    assert may(ready(state, action), action, asker) == (DISPATCHER in roles and not forbidden)


@pytest.mark.parametrize(("state", "action"), list(EVERY_WAY))
def test_a_note_is_asked_for_where_something_has_to_be_said(
    ready: Ready, state: State, action: Action
) -> None:
    case = replace(ready(state, action), reported_by_account_id=1)
    _, roles = EVERY_WAY[state, action]
    who = actor(min(roles, default=CHIEF), staff_id=6)
    if among(NEED_A_NOTE, state, action):
        with pytest.raises(InvalidInput, match="needs a note") as refusal:
            permit(case, action, who, note=None, at=NOW)
        assert refusal.value.field == "note"
    else:
        permit(case, action, who, note=None, at=NOW)


HELD, STRETCHED = asked(Wish.HOLD), asked(Wish.EXTENSION)


FORBIDDING: list[tuple[State, Action, str, dict[str, Any]]] = [
    (S.DISPATCHED, A.RETURN, "forced", {"forced": True}),
    (S.DISPATCHED, A.RETURN, "too_late", {"dispatched_at": NOW - timedelta(days=2, seconds=1)}),
    (S.IN_PROGRESS, A.ESCALATE, "at_the_top", {"tier": Tier.COUNTY}),
    (S.DISPATCHED, A.ESCALATE, "at_the_top", {"tier": Tier.COUNTY}),
    (S.IN_PROGRESS, A.DEESCALATE, "at_the_bottom", {"tier": Tier.GRID}),
    (S.IN_PROGRESS, A.ASK_HOLD, "already_asked", {"request": STRETCHED}),
    (S.IN_PROGRESS, A.ASK_EXTENSION, "already_asked", {"request": HELD}),
    (S.IN_PROGRESS, A.ASK_EXTENSION, "extended_before", {"extensions": 2}),
    (S.IN_PROGRESS, A.ASK_EXTENSION, "overdue", {"due_at": NOW - timedelta(seconds=1)}),
    (S.IN_PROGRESS, A.GRANT_HOLD, "nothing_asked", {"request": STRETCHED}),
    (S.IN_PROGRESS, A.GRANT_EXTENSION, "nothing_asked", {"request": HELD}),
    (S.IN_PROGRESS, A.GRANT_EXTENSION, "extended_before", {"extensions": 2}),
    (S.IN_PROGRESS, A.GRANT_EXTENSION, "overdue", {"due_at": NOW - timedelta(seconds=1)}),
    (S.IN_PROGRESS, A.REFUSE, "nothing_asked", {"request": None}),
    (S.CLOSED, A.APPEAL, "not_overdue", {"handled_at": NOW}),
    (S.CLOSED, A.APPEAL, "appealed_before", {"appealed": True}),
    (S.CLOSED, A.GRANT_APPEAL, "nothing_asked", {"request": None}),
    (S.CLOSED, A.REFUSE, "nothing_asked", {"request": None}),
    *((state, A.SUPERVISE, "supervised_before", {"supervised_at": NOW}) for state in UNDER_WAY),
    (S.DISPATCHED, A.RECOMPUTE, "not_provisional", {"provisional": False}),
    (S.IN_PROGRESS, A.RECOMPUTE, "not_provisional", {"provisional": False}),
    *((state, A.RESCHEDULE, "reopened", {"cycle": 2}) for state in OPEN),
    *((state, A.KEEP, "nothing_said", {"restated": None}) for state in OPEN),
    (S.CALLBACK, A.RATE, "rated_before", {"rating": "satisfied"}),
    (S.CLOSED, A.RATE, "rated_before", {"rating": "satisfied"}),
]


@pytest.mark.parametrize(("state", "action", "code", "has"), FORBIDDING)
def test_what_a_case_has_behind_it_may_forbid_an_action(
    ready: Ready, state: State, action: Action, code: str, has: dict[str, Any]
) -> None:
    case = replace(ready(state, action), **has, reported_by_account_id=1)
    _, roles = EVERY_WAY[state, action]
    who = actor(min(roles, default=CHIEF), staff_id=6)
    with pytest.raises(ActionNotAllowed) as refusal:
        permit(case, action, who, note="because", at=NOW)
    assert (refusal.value.code, refusal.value.state) == (code, state)
    assert action not in allowed_actions(case, who, NOW)


def test_every_guard_of_the_table_is_tried() -> None:
    guards = {(t.source, t.action, guard.code) for t in TRANSITIONS.values() for guard in t.guards}
    assert {(state, action, code) for state, action, code, _ in FORBIDDING} == guards


def test_no_time_passes_on_hold(a_case: MakeCase) -> None:
    past = {"due_at": NOW - timedelta(days=1), "handled_at": None}
    assert a_case(state=S.IN_PROGRESS, **past).is_overdue(NOW)
    assert not a_case(state=S.ON_HOLD, **past).is_overdue(NOW)


def test_a_case_can_be_returned_within_two_days_of_its_dispatch(a_case: MakeCase) -> None:
    case = a_case(state=State.DISPATCHED)
    assert case.dispatched_at is not None
    last = case.dispatched_at + timedelta(days=2)
    owner = actor(WORKER, staff_id=5, grids=Scope.of(frozenset()))
    assert allowed_actions(case, owner, last) == (A.ACCEPT, A.RETURN, A.COMMENT)
    late = last + timedelta(seconds=1)
    assert allowed_actions(case, owner, late) == (A.ACCEPT, A.COMMENT)
    with pytest.raises(ActionNotAllowed, match="too long ago") as refusal:
        permit(case, Action.RETURN, owner, note="not mine", at=late)
    assert (refusal.value.code, refusal.value.state) == ("too_late", State.DISPATCHED)


def test_a_refusal_says_what_is_possible_instead(a_case: MakeCase) -> None:
    with pytest.raises(
        ActionNotAllowed, match=r"does not allow close.*: accept, return, comment\."
    ):
        permit(a_case(), Action.CLOSE, actor(WORKER, staff_id=5), note=None, at=NOW)
    with pytest.raises(NotPermitted, match="accept is for its owner, admin, dispatcher or"):
        permit(a_case(), Action.ACCEPT, actor("liaison"), note=None, at=NOW)


def test_every_open_state_has_a_way_on_and_closed_cases_can_be_reopened() -> None:
    moving = {t.source for t in TRANSITIONS.values() if t.target is not t.source}
    open_states = {state for state in State if state.is_open}
    assert moving == open_states | {S.CLOSED, S.MERGED, None}


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
    ready: Ready,
) -> None:
    handler, unasked = (actor("department_handler", staff_id=number) for number in (5, 6))
    for state, action in EVERY_WAY:
        case = ready(state, action)
        assert may(case, action, handler) == among(THE_OWNERS, state, action), action
        assert not may(case, action, unasked)


def test_the_system_does_what_needs_no_judgement() -> None:
    own = {t.action for t in TRANSITIONS.values() if SYSTEM.role in t.roles}
    assert own == {
        *(A.FILE, A.DISPATCH, A.ESCALATE, A.RESUME, A.CLOSE, A.SUPERVISE),
        *(A.RECOMPUTE, A.REPEAT, A.REATTRIBUTE, A.MERGE, A.REOPEN, A.IMPORT, A.RESTATE),
        A.RESCHEDULE,
    }
