"""Who may do what in which state: one table, from which `docs/cases.md` is generated.

Pure: the case, the actor and the time come in. Who may act by role may do so in their own grids only;
the owner of a case may wherever it lies. A department handler has a part in it as an owner only.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from gis.errors import Conflict, InvalidInput, NotPermitted
from patrol.cases.case import SYSTEM, Actor, Case, State


class Action(StrEnum):
    REPORT = "report"
    PRE_CHECK = "pre_check"
    VERIFY = "verify"
    FILE = "file"
    VOID = "void"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    RETURN = "return"
    HANDLE = "handle"
    CHECK = "check"
    REWORK = "rework"
    CLOSE = "close"
    REOPEN = "reopen"
    REATTRIBUTE = "reattribute"


class ActionNotAllowed(Conflict):
    """The case is not, or no longer, in a state that allows the action. `state` is the one it is in."""

    code = "action_not_allowed"

    def __init__(self, message: str, *, state: State, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.state = state

    @property
    def members(self) -> Mapping[str, str]:
        """What the problem document has beside its usual members."""
        return {"state": self.state}


WANGGE = frozenset({SYSTEM.role})
DESK = frozenset({"admin", "dispatcher", "grid_chief"})
FIELD = frozenset({"grid_worker", "inspector", "liaison", "patroller", "enforcement_officer"})
ANYBODY = DESK | FIELD
CHECKERS = DESK | {"inspector"}
TWO_DAYS = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table.

    `roles` may act in their own grids, and so may the `owner` anywhere. With `second_person`, neither
    whoever handled the case nor its owner may. `within` counts from the dispatch.
    """

    source: State | None
    action: Action
    target: State
    roles: frozenset[str]
    _: KW_ONLY
    owner: bool = False
    second_person: bool = False
    needs_note: bool = False
    within: timedelta | None = None


S, A = State, Action  # so that a row is a line
_TABLE = (
    Transition(None, A.REPORT, S.REPORTED, ANYBODY),
    Transition(S.REPORTED, A.PRE_CHECK, S.PRE_CHECK, DESK),
    Transition(S.PRE_CHECK, A.VERIFY, S.REPORTED, ANYBODY, needs_note=True),
    Transition(S.REPORTED, A.FILE, S.FILED, DESK | WANGGE),
    Transition(S.REPORTED, A.VOID, S.VOID, DESK, needs_note=True),
    Transition(S.FILED, A.DISPATCH, S.DISPATCHED, DESK | WANGGE),
    Transition(S.DISPATCHED, A.ACCEPT, S.IN_PROGRESS, DESK, owner=True),
    Transition(
        S.DISPATCHED, A.RETURN, S.RETURNED, DESK, owner=True, needs_note=True, within=TWO_DAYS
    ),
    Transition(S.RETURNED, A.DISPATCH, S.DISPATCHED, DESK),
    Transition(S.IN_PROGRESS, A.HANDLE, S.POST_CHECK, DESK, owner=True, needs_note=True),
    Transition(S.POST_CHECK, A.CHECK, S.CALLBACK, CHECKERS, second_person=True),
    Transition(
        S.POST_CHECK, A.REWORK, S.IN_PROGRESS, CHECKERS, second_person=True, needs_note=True
    ),
    Transition(S.CALLBACK, A.CLOSE, S.CLOSED, DESK),
    Transition(S.CALLBACK, A.REOPEN, S.FILED, DESK, needs_note=True),
    Transition(S.CLOSED, A.REOPEN, S.FILED, DESK, needs_note=True),
    # Another edition of the grids: an open case gets its grid, a closed one keeps what it had.
    *(Transition(state, A.REATTRIBUTE, state, WANGGE) for state in S if state.is_open),
)
TRANSITIONS: Mapping[tuple[State | None, Action], Transition] = MappingProxyType(
    {(row.source, row.action): row for row in _TABLE}
)


def allowed_actions(case: Case, actor: Actor, at: datetime) -> tuple[Action, ...]:
    """What the actor may do to the case now, in the table's order."""
    return tuple(
        transition.action
        for transition in TRANSITIONS.values()
        if transition.source is case.state
        and _may(transition, case, actor)
        and not _is_too_late(transition, case, at)
    )


def permit(
    case: Case, action: Action, actor: Actor, *, note: str | None, at: datetime
) -> Transition:
    """The transition that the action is.

    Raises ActionNotAllowed when the state forbids it, NotPermitted when it is somebody else's to do,
    InvalidInput when the note is missing.
    """
    transition = TRANSITIONS.get((case.state, action))
    if transition is None:
        possible = ", ".join(allowed_actions(case, actor, at)) or "nothing"
        raise ActionNotAllowed(
            f"Case {case.number} is in state {case.state}, which does not allow {action}. "
            f"What you can do now: {possible}.",
            state=case.state,
        )
    if not _may(transition, case, actor):
        raise NotPermitted(
            f"In state {case.state}, {action} is for {who_may(transition)}.",
            code="not_yours_to_do",
        )
    if _is_too_late(transition, case, at):
        raise ActionNotAllowed(
            f"Case {case.number} was dispatched too long ago for {action}. "
            "Ask the chief of its grid to help with the handling.",
            state=case.state,
            code="too_late",
        )
    if transition.needs_note and not note:
        raise InvalidInput(f"{action} needs a note: write in `note` why or what.", field="note")
    return transition


def who_may(transition: Transition) -> str:
    """In words, for an error message and the documentation."""
    roles = sorted(transition.roles - WANGGE)
    if transition.roles == ANYBODY:
        return "everybody who may report"
    who = [*(["its owner"] if transition.owner else []), *roles]
    if transition.roles & WANGGE:
        who.insert(0, "Wangge itself")
    words = " or ".join([", ".join(who[:-1]), who[-1]]) if len(who) > 1 else who[0]
    return f"{words}, but not its handler or owner" if transition.second_person else words


def _may(transition: Transition, case: Case, actor: Actor) -> bool:
    if transition.second_person and (case.was_handled_by(actor) or case.is_owned_by(actor)):
        return False
    if transition.owner and case.is_owned_by(actor):
        return True
    return actor.role in transition.roles and actor.scope.covers(case.placement.grid_code)


def _is_too_late(transition: Transition, case: Case, at: datetime) -> bool:
    return (
        transition.within is not None
        and case.dispatched_at is not None
        and at - case.dispatched_at > transition.within
    )
