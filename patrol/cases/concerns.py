"""What a change of a case is to whom: what they hear, and by which of its events. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType

from patrol.cases.actions import Action
from patrol.cases.case import Case, Rating, State
from patrol.cases.details import Corrected, Rated
from patrol.cases.events import Event
from patrol.notices import NoticeKind


class Audience(Enum):
    """`FORMER` had the case before, `DECIDERS` grant or refuse, `CHECKERS` look at what was done. The
    `DESK` has what nobody owns."""

    FORMER = auto()
    DESK = auto()
    OWNER = auto()
    DECIDERS = auto()
    CHECKERS = auto()


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """The events lead from the case as it was `before` (None: there was none) to what it is `after`."""

    before: Case | None
    after: Case
    events: Sequence[Event]

    @property
    def former_id(self) -> int | None:
        """Who had the case while it was open, and has it no more."""
        before, after = self.before, self.after
        if before is None or not before.state.is_open:
            return None
        is_gone = after.state in (State.VOID, State.MERGED)
        return before.owner_id if is_gone or after.owner_id != before.owner_id else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Concern:
    audience: Audience
    kind: NoticeKind
    event: Event
    detail: str | None = None


_OWNERS: Mapping[Action, NoticeKind] = MappingProxyType(
    {
        Action.PRE_CHECK: NoticeKind.CASE_TO_VERIFY,
        Action.DISPATCH: NoticeKind.CASE_DISPATCHED,
        Action.DEESCALATE: NoticeKind.CASE_DISPATCHED,
        Action.RETURN: NoticeKind.CASE_RETURNED,
        Action.ESCALATE: NoticeKind.CASE_ESCALATED,
        Action.REWORK: NoticeKind.CASE_REWORK,
        Action.URGE: NoticeKind.CASE_URGED,
        Action.SUPERVISE: NoticeKind.CASE_SUPERVISED,
        Action.CLOSE: NoticeKind.CASE_CLOSED,
        Action.RESCHEDULE: NoticeKind.CASE_RESCHEDULED,
        Action.GRANT_HOLD: NoticeKind.APPROVAL_DECIDED,
        Action.GRANT_EXTENSION: NoticeKind.APPROVAL_DECIDED,
        Action.GRANT_APPEAL: NoticeKind.APPROVAL_DECIDED,
        Action.REFUSE: NoticeKind.APPROVAL_DECIDED,
    }
)
"""What whoever has the case afterwards is told."""

_DESKS = (Action.ESCALATE, Action.REWORK, Action.URGE, Action.SUPERVISE)
"""Of these the desk is told, where nobody has it."""

_DECIDERS = (Action.ASK_HOLD, Action.ASK_EXTENSION, Action.APPEAL)
_DISSATISFIED = Rated(rating=Rating.DISSATISFIED)


def concerns(change: Change) -> Iterator[Concern]:
    """Of what concerns the same person, the last matters most."""
    last = change.events[-1]
    if change.former_id is not None:
        yield Concern(audience=Audience.FORMER, kind=NoticeKind.CASE_TAKEN, event=last)
    kind = _for_the_desk(change.before, change.after)
    if kind is not None:
        yield Concern(audience=Audience.DESK, kind=kind, event=last)
    for event in change.events:
        yield from _concerns_of(event, change.after)


def _for_the_desk(before: Case | None, after: Case) -> NoticeKind | None:
    """What waits now, and did not before, for somebody at the desk to take it up."""
    if before is not None and before.state is after.state:
        return None
    if after.state is State.REPORTED:
        return NoticeKind.CASE_TO_FILE
    if after.state is State.CALLBACK:
        return NoticeKind.CASE_TO_CALL_BACK
    if after.state in (State.FILED, State.RETURNED) and after.owner_id is None:
        return NoticeKind.CASE_TO_DISPATCH
    return None


def _concerns_of(event: Event, case: Case) -> Iterator[Concern]:
    action = event.action
    if isinstance(event.details, Corrected):
        yield from _concerns_of_a_correction(event, event.details, case)
    elif action in _OWNERS and (case.owner_id is not None or action in _DESKS):
        has_owner = case.owner_id is not None
        yield Concern(
            audience=Audience.OWNER if has_owner else Audience.DESK,
            kind=_kind_for_owner(action, case),
            event=event,
            detail=_detail(action, case),
        )
    elif action is Action.RESTATE and case.restated is not None:
        for audience in (Audience.OWNER, Audience.DESK):
            yield Concern(audience=audience, kind=NoticeKind.CASE_RESTATED, event=event)
    elif action is Action.HANDLE:
        yield Concern(audience=Audience.CHECKERS, kind=NoticeKind.CASE_TO_CHECK, event=event)
    elif action in _DECIDERS:
        yield Concern(
            audience=Audience.DECIDERS,
            kind=NoticeKind.APPROVAL_ASKED,
            event=event,
            detail=None if case.request is None else case.request.wish.value,
        )
    elif event.from_state is State.CLOSED and event.details == _DISSATISFIED:
        yield Concern(audience=Audience.DESK, kind=NoticeKind.CASE_DISSATISFIED, event=event)


def _concerns_of_a_correction(event: Event, corrected: Corrected, case: Case) -> Iterator[Concern]:
    """Only whose it is from then on, if that is another."""
    if corrected.assignment is None:
        return
    if case.owner_id is None:
        yield Concern(audience=Audience.DESK, kind=NoticeKind.CASE_TO_DISPATCH, event=event)
    else:
        yield Concern(audience=Audience.OWNER, kind=NoticeKind.CASE_DISPATCHED, event=event)


def _kind_for_owner(action: Action, case: Case) -> NoticeKind:
    if action is Action.DISPATCH and case.cycle > 1:
        return NoticeKind.CASE_REOPENED
    return _OWNERS[action]


def _detail(action: Action, case: Case) -> str | None:
    if action is Action.ESCALATE:
        return None if case.tier is None else case.tier.value
    if _OWNERS[action] is NoticeKind.APPROVAL_DECIDED:
        return "refused" if action is Action.REFUSE else "granted"
    return None
