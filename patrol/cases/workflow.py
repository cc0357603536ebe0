"""Who may do what in which state: one table, from which `docs/cases.md` is generated.

Pure: the case, the actor and the time come in. Who may act by role may do so in their own grids only;
the owner of a case and whoever reported it may wherever it lies. A department handler has a part in it
as an owner only.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from types import MappingProxyType

from gis.errors import InvalidInput, NotPermitted
from patrol.cases import guards as g
from patrol.cases.actions import Action, ActionNotAllowed
from patrol.cases.case import SYSTEM, Actor, Case, State
from patrol.cases.guards import Guard

WANGGE = frozenset({SYSTEM.role})
DESK = frozenset({"admin", "dispatcher", "grid_chief"})
FIELD = frozenset({"grid_worker", "inspector", "liaison", "patroller", "enforcement_officer"})
ANYBODY = DESK | FIELD
CHECKERS = DESK | {"inspector"}


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table.

    `roles` may act in their own grids, and so may the `owner` and the `reporter` anywhere. With
    `second_person`, neither whoever handled the case nor its owner may; with `not_asker`, not whoever
    asked for what is decided. All `guards` must hold.
    """

    source: State | None
    action: Action
    target: State
    roles: frozenset[str]
    guards: tuple[Guard, ...] = ()
    _: KW_ONLY
    owner: bool = False
    reporter: bool = False
    second_person: bool = False
    not_asker: bool = False
    needs_note: bool = False


S, A = State, Action  # so that a row is a line
NOBODY: frozenset[str] = frozenset()
_UNDER_WAY = (S.FILED, S.DISPATCHED, S.RETURNED, S.IN_PROGRESS, S.ON_HOLD, S.POST_CHECK)
_TO_BE_DEALT_WITH = (S.REPORTED, S.PRE_CHECK, *_UNDER_WAY[:-1])
_TABLE = (
    Transition(None, A.REPORT, S.REPORTED, ANYBODY),
    Transition(S.REPORTED, A.PRE_CHECK, S.PRE_CHECK, DESK),
    Transition(S.PRE_CHECK, A.VERIFY, S.REPORTED, ANYBODY, owner=True, needs_note=True),
    Transition(S.REPORTED, A.FILE, S.FILED, DESK | WANGGE),
    Transition(S.REPORTED, A.SELF_HANDLE, S.CLOSED, DESK | FIELD, needs_note=True),
    Transition(S.REPORTED, A.VOID, S.VOID, DESK, needs_note=True),
    Transition(S.REPORTED, A.MERGE, S.MERGED, DESK | WANGGE),
    Transition(S.MERGED, A.SPLIT, S.REPORTED, DESK, needs_note=True),
    Transition(S.FILED, A.DISPATCH, S.DISPATCHED, DESK | WANGGE),
    Transition(S.DISPATCHED, A.ACCEPT, S.IN_PROGRESS, DESK, owner=True),
    Transition(
        *(S.DISPATCHED, A.RETURN, S.RETURNED, DESK, (g.NOT_FORCED, g.JUST_DISPATCHED)),
        owner=True,
        needs_note=True,
    ),
    Transition(S.RETURNED, A.DISPATCH, S.DISPATCHED, DESK),
    Transition(S.DISPATCHED, A.ESCALATE, S.DISPATCHED, WANGGE, (g.NOT_AT_THE_TOP,)),
    Transition(
        *(S.IN_PROGRESS, A.ESCALATE, S.IN_PROGRESS, DESK | WANGGE, (g.NOT_AT_THE_TOP,)),
        owner=True,
        needs_note=True,
    ),
    Transition(
        *(S.IN_PROGRESS, A.DEESCALATE, S.IN_PROGRESS, DESK, (g.WAS_ESCALATED,)), needs_note=True
    ),
    Transition(
        *(S.IN_PROGRESS, A.ASK_HOLD, S.IN_PROGRESS, DESK, (g.NOTHING_ASKED,)),
        owner=True,
        needs_note=True,
    ),
    Transition(*(S.IN_PROGRESS, A.GRANT_HOLD, S.ON_HOLD, DESK, (g.HOLD_ASKED,)), not_asker=True),
    Transition(S.ON_HOLD, A.RESUME, S.IN_PROGRESS, DESK | WANGGE, owner=True),
    Transition(
        *(S.IN_PROGRESS, A.ASK_EXTENSION, S.IN_PROGRESS, DESK),
        (g.NOTHING_ASKED, g.CAN_BE_EXTENDED, g.NOT_OVERDUE),
        owner=True,
        needs_note=True,
    ),
    Transition(
        *(S.IN_PROGRESS, A.GRANT_EXTENSION, S.IN_PROGRESS, DESK),
        (g.EXTENSION_ASKED, g.CAN_BE_EXTENDED, g.NOT_OVERDUE),
        not_asker=True,
    ),
    Transition(
        *(S.IN_PROGRESS, A.REFUSE, S.IN_PROGRESS, DESK, (g.SOMETHING_ASKED,)),
        not_asker=True,
        needs_note=True,
    ),
    Transition(S.IN_PROGRESS, A.HANDLE, S.POST_CHECK, DESK, owner=True, needs_note=True),
    Transition(S.POST_CHECK, A.CHECK, S.CALLBACK, CHECKERS, second_person=True),
    Transition(
        S.POST_CHECK, A.REWORK, S.IN_PROGRESS, CHECKERS, second_person=True, needs_note=True
    ),
    Transition(S.CALLBACK, A.RATE, S.CALLBACK, NOBODY, (g.NOT_RATED,), reporter=True),
    Transition(S.CALLBACK, A.CLOSE, S.CLOSED, DESK | WANGGE),
    Transition(S.CALLBACK, A.REOPEN, S.FILED, DESK | WANGGE, needs_note=True),
    Transition(S.CLOSED, A.RATE, S.CLOSED, NOBODY, (g.NOT_RATED,), reporter=True),
    Transition(S.CLOSED, A.REOPEN, S.FILED, DESK, needs_note=True),
    Transition(
        *(S.CLOSED, A.APPEAL, S.CLOSED, DESK, (g.OVERDUE, g.NOT_APPEALED)),
        owner=True,
        needs_note=True,
    ),
    Transition(
        *(S.CLOSED, A.GRANT_APPEAL, S.CLOSED, DESK, (g.APPEAL_ASKED,)),
        second_person=True,
        not_asker=True,
    ),
    Transition(
        *(S.CLOSED, A.REFUSE, S.CLOSED, DESK, (g.APPEAL_ASKED,)),
        second_person=True,
        not_asker=True,
        needs_note=True,
    ),
    *(Transition(state, A.URGE, state, DESK, reporter=True) for state in _UNDER_WAY),
    *(
        Transition(state, A.SUPERVISE, state, DESK | WANGGE, (g.NOT_SUPERVISED,), needs_note=True)
        for state in _UNDER_WAY
    ),
    *(
        Transition(state, A.COMMENT, state, ANYBODY, owner=True, reporter=True, needs_note=True)
        for state in S
        if state.is_open
    ),
    # What it is about or where it lies was wrong; what is dealt with stays as it was dealt with.
    *(Transition(state, A.CORRECT, state, DESK) for state in _TO_BE_DEALT_WITH),
    # Only when it was filed did it show that there is nothing to it, or that it is part of another. Of
    # what is dispatched its owner says so first, and returns it.
    *(Transition(state, A.VOID, S.VOID, DESK, needs_note=True) for state in (S.FILED, S.RETURNED)),
    *(Transition(state, A.MERGE, S.MERGED, DESK) for state in (S.FILED, S.DISPATCHED, S.RETURNED)),
    # Its ticket says something else in its own system, and somebody may leave the case as it is; when it
    # is due there it is due here.
    *(Transition(state, A.RESTATE, state, WANGGE) for state in S if state.is_open),
    *(
        Transition(state, A.RESCHEDULE, state, WANGGE, (g.NOT_REOPENED,))
        for state in S
        if state.is_open
    ),
    *(Transition(state, A.KEEP, state, DESK, (g.SAID_OTHERWISE,)) for state in S if state.is_open),
    # The legal calendar of a year was announced.
    *(
        Transition(state, A.RECOMPUTE, state, WANGGE, (g.PROVISIONAL,))
        for state in (S.DISPATCHED, S.IN_PROGRESS)
    ),
    # Another report was merged into this one, or taken out of it again.
    *(Transition(state, A.REPEAT, state, WANGGE) for state in S if state is not S.MERGED),
    # Another edition of the grids: an open case gets its grid, a closed one keeps what it had.
    *(Transition(state, A.REATTRIBUTE, state, WANGGE) for state in S if state.is_open),
    # Another system had it before: taken over, and what was closed there is closed as it was.
    Transition(S.REPORTED, A.IMPORT, S.FILED, WANGGE),
    Transition(S.FILED, A.IMPORT, S.CLOSED, WANGGE),
)
TRANSITIONS: Mapping[tuple[State | None, Action], Transition] = MappingProxyType(
    {(row.source, row.action): row for row in _TABLE}
)
MERGEABLE = frozenset(row.source for row in _TABLE if row.action is Action.MERGE)
"""The states in which a case may become a part of another."""


def allowed_actions(case: Case, actor: Actor, at: datetime) -> tuple[Action, ...]:
    """What the actor may do to the case now, in the table's order."""
    return tuple(
        transition.action
        for transition in TRANSITIONS.values()
        if transition.source is case.state
        and _may(transition, case, actor)
        and all(guard.holds(case, at) for guard in transition.guards)
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
        raise _not_yours(transition, case, actor)
    for guard in transition.guards:
        if not guard.holds(case, at):
            raise ActionNotAllowed(
                f"Case {case.number} {guard.refusal}", state=case.state, code=guard.code
            )
    if transition.needs_note and not note:
        raise InvalidInput(f"{action} needs a note: write in `note` why or what.", field="note")
    return transition


def is_for_merging(actor: Actor) -> bool:
    """Whether it is for the actor's role to say which cases are the same, in whatever state they are."""
    return actor.role in TRANSITIONS[State.REPORTED, Action.MERGE].roles


def who_may(transition: Transition) -> str:
    """In words, for an error message and the documentation."""
    roles = sorted(transition.roles - WANGGE)
    who = [
        *(["Wangge itself"] if transition.roles & WANGGE else []),
        *(["its owner"] if transition.owner else []),
        *(["whoever reported it"] if transition.reporter else []),
        *(["everybody who may report"] if transition.roles == ANYBODY else roles),
    ]
    words = " or ".join([", ".join(who[:-1]), who[-1]]) if len(who) > 1 else who[0]
    excepted = [
        *(["its handler or owner"] if transition.second_person else []),
        *(["whoever asked"] if transition.not_asker else []),
    ]
    return f"{words}, but not {' or '.join(excepted)}" if excepted else words


def _not_yours(transition: Transition, case: Case, actor: Actor) -> NotPermitted:
    """Whose role would do in their own grids is told of those: they are among who may."""
    action = transition.action
    if actor.role in transition.roles and not actor.scope.covers(case.placement.grid_code):
        return NotPermitted(
            f"Case {case.number} lies outside your grids, so {action} is not yours to do; ask its owner "
            "or the dispatch desk.",
            code="outside_your_grids",
        )
    return NotPermitted(
        f"In state {case.state}, {action} is for {who_may(transition)}.", code="not_yours_to_do"
    )


def _may(transition: Transition, case: Case, actor: Actor) -> bool:
    if transition.second_person and (case.was_handled_by(actor) or case.is_owned_by(actor)):
        return False
    if transition.not_asker and case.was_asked_for_by(actor):
        return False
    if transition.owner and case.is_owned_by(actor):
        return True
    if transition.reporter and case.was_reported_by(actor):
        return True
    return actor.role in transition.roles and actor.scope.covers(case.placement.grid_code)
