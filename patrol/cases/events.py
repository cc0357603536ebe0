"""What happened to a case. An event is never changed; the case is what its events add up to."""

from dataclasses import dataclass
from datetime import datetime

from patrol.cases.actions import Action
from patrol.cases.case import Actor, Case, State
from patrol.cases.details import Details, Reported
from patrol.cases.workflow import Transition


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One thing that somebody did. `actor` is their name as it was then."""

    case_id: int
    seq: int
    action: Action
    from_state: State | None
    to_state: State
    at: datetime
    actor: str
    actor_account_id: int | None
    note: str | None
    details: Details | None


def first_event(case_id: int, reported: Reported, actor: Actor, at: datetime) -> Event:
    return Event(
        case_id=case_id,
        seq=1,
        action=Action.REPORT,
        from_state=None,
        to_state=State.REPORTED,
        at=at,
        actor=actor.name,
        actor_account_id=actor.account_id,
        note=None,
        details=reported,
    )


def next_event(
    case: Case,
    transition: Transition,
    actor: Actor,
    at: datetime,
    *,
    note: str | None = None,
    details: Details | None = None,
) -> Event:
    return Event(
        case_id=case.id,
        seq=case.version + 1,
        action=transition.action,
        from_state=case.state,
        to_state=transition.target,
        at=at,
        actor=actor.name,
        actor_account_id=actor.account_id,
        note=note,
        details=details,
    )
