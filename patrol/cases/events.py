"""What happened to a case. An event is never changed; the case is what its events add up to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec

from patrol.cases.case import Actor, Assignment, Case, Placement, Source, State
from patrol.cases.workflow import Action, Transition


@dataclass(frozen=True, kw_only=True, slots=True)
class Reported:
    """The facts of a report; `lon` and `lat` are WGS-84 degrees. The placement is provisional."""

    number: str
    source: Source
    category: str
    description: str
    urgent: bool
    reporter: str | None
    lon: float
    lat: float
    placement: Placement


@dataclass(frozen=True, kw_only=True, slots=True)
class Filed:
    """What is frozen when a case is filed or reopened: where it lies, whose it is, and its term."""

    placement: Placement
    assignment: Assignment
    deadline_h: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispatched:
    assignment: Assignment
    due_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Returned:
    """To whom the case goes back."""

    assignment: Assignment


@dataclass(frozen=True, kw_only=True, slots=True)
class Reattributed:
    """Where the case lies by another edition of the grids, and whose it is then."""

    placement: Placement
    assignment: Assignment | None


Details = Reported | Filed | Dispatched | Returned | Reattributed

_DETAILS: Mapping[Action, type[Details]] = MappingProxyType(
    {
        Action.REPORT: Reported,
        Action.FILE: Filed,
        Action.DISPATCH: Dispatched,
        Action.RETURN: Returned,
        Action.REOPEN: Filed,
        Action.REATTRIBUTE: Reattributed,
    }
)


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


def apply(case: Case | None, event: Event) -> Case:
    """The case after the event; None is the case before its first. ValueError: out of order."""
    before = (None, 0) if case is None else (case.state, case.version)
    if before != (event.from_state, event.seq - 1):
        raise ValueError(f"event {event.seq} of case {event.case_id} does not follow {before}")
    if case is None:
        return _begin(event)
    moved = replace(case, state=event.to_state, version=event.seq)
    return _progress(moved, event) if event.details is None else _assign(moved, event)


def fold(events: Iterable[Event], onto: Case | None = None) -> Case:
    """The case that the events, in their order, add up to, beginning with the case `onto`."""
    case = onto
    for event in events:
        case = apply(case, event)
    if case is None:
        raise ValueError("a case begins with an event")
    return case


def encode_details(details: Details | None) -> dict[str, Any]:
    """As JSON keeps them."""
    return {} if details is None else msgspec.to_builtins(details)


def decode_details(action: Action, encoded: Mapping[str, Any]) -> Details | None:
    kind = _DETAILS.get(action)
    return None if kind is None else msgspec.convert(encoded, kind)


def _begin(event: Event) -> Case:
    reported = event.details
    if not isinstance(reported, Reported):
        raise ValueError(f"case {event.case_id} does not begin with a report")
    return Case(
        id=event.case_id,
        number=reported.number,
        state=event.to_state,
        source=reported.source,
        category=reported.category,
        description=reported.description,
        urgent=reported.urgent,
        reporter=reported.reporter,
        reported_by_account_id=event.actor_account_id,
        lon=reported.lon,
        lat=reported.lat,
        placement=reported.placement,
        assignment=None,
        deadline_h=None,
        rework=0,
        reported_at=event.at,
        dispatched_at=None,
        due_at=None,
        handled_at=None,
        handled_by_account_id=None,
        closed_at=None,
        version=event.seq,
    )


def _assign(case: Case, event: Event) -> Case:
    match event.details:
        case Filed() as filed:
            # A new cycle: what the one before it left stays in the events only.
            return replace(
                case,
                placement=filed.placement,
                assignment=filed.assignment,
                deadline_h=filed.deadline_h,
                dispatched_at=None,
                due_at=None,
                handled_at=None,
                handled_by_account_id=None,
                closed_at=None,
            )
        case Dispatched() as dispatched:
            return replace(
                case,
                assignment=dispatched.assignment,
                dispatched_at=event.at,
                due_at=dispatched.due_at,
            )
        case Returned() as returned:
            return replace(case, assignment=returned.assignment)
        case Reattributed() as reattributed:
            return replace(
                case, placement=reattributed.placement, assignment=reattributed.assignment
            )
    raise ValueError(f"{event.action} cannot happen to case {case.id} again")


def _progress(case: Case, event: Event) -> Case:
    match event.action:
        case Action.HANDLE:
            return replace(case, handled_at=event.at, handled_by_account_id=event.actor_account_id)
        case Action.REWORK:
            return replace(
                case, rework=case.rework + 1, handled_at=None, handled_by_account_id=None
            )
        case Action.CLOSE:
            return replace(case, closed_at=event.at)
    return case
