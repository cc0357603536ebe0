"""What the events of a case add up to. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from patrol.cases.actions import Action
from patrol.cases.case import Case, Request, Restated, Tier, Wish
from patrol.cases.details import (
    Classified,
    Corrected,
    Details,
    Dispatched,
    Filed,
    HoldAsked,
    Imported,
    Looked,
    Merged,
    Moved,
    NewDue,
    Rated,
    Reattributed,
    Repeated,
    Reported,
    Rescheduled,
    Returned,
)
from patrol.cases.events import Event
from patrol.cases.restating import still_said

D = TypeVar("D", bound=Details)


def apply(case: Case | None, event: Event) -> Case:
    """The case after the event; None is the case before its first. ValueError: out of order."""
    before = (None, 0) if case is None else (case.state, case.version)
    if before != (event.from_state, event.seq - 1):
        raise ValueError(f"event {event.seq} of case {event.case_id} does not follow {before}")
    if case is None:
        return _begin(event)
    moved = replace(case, state=event.to_state, version=event.seq)
    change = _CHANGES.get(event.action)
    return moved if change is None else change(moved, event)


def fold(events: Iterable[Event], onto: Case | None = None) -> Case:
    """The case that the events, in their order, add up to, beginning with the case `onto`."""
    case = onto
    for event in events:
        case = apply(case, event)
    if case is None:
        raise ValueError("a case begins with an event")
    return case


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
        term=None,
        rework=0,
        reported_at=event.at,
        dispatched_at=None,
        due_at=None,
        handled_at=None,
        handled_by_account_id=None,
        closed_at=None,
        version=event.seq,
        external_number=reported.external_number,
        external_category=reported.external_category,
        external_due_at=reported.external_due_at,
        fields=reported.fields,
        asked=reported.asked,
    )


def _details(event: Event, kind: type[D]) -> D:
    if not isinstance(event.details, kind):
        raise ValueError(f"{event.action} of case {event.case_id} does not say what it fixes")
    return event.details


def _look(case: Case, event: Event) -> Case:
    if event.details is None:  # nobody in particular
        return case
    return replace(case, assignment=_details(event, Looked).assignment)


def _verify(case: Case, _event: Event) -> Case:
    return replace(case, assignment=None)


def _classify(case: Case, event: Event) -> Case:
    return _classified(case, _details(event, Classified))


def _classified(case: Case, said: Classified) -> Case:
    changed = replace(case, category=said.category, urgent=said.urgent)
    if said.term is None:
        return changed
    return replace(changed, term=said.term, department=said.department)


def _correct(case: Case, event: Event) -> Case:
    new = _details(event, Corrected)
    if new.classified is not None:
        case = _classified(case, new.classified)
    if new.place is not None:
        place = new.place
        case = replace(case, lon=place.lon, lat=place.lat, placement=place.placement)
    if new.assignment is not None:
        tier = case.tier if case.filed_at is None else new.assignment.tier
        case = replace(case, assignment=new.assignment, tier=tier, forced=False)
    if new.due is not None:
        case = _due(case, new.due)
    told = case.restated
    if told is not None:
        told = replace(
            told,
            category=None if new.classified else told.category,
            called=None if new.classified else told.called,
            place=None if new.place else told.place,
            description=None if new.description else told.description,
        )
    description = new.description or case.description
    return replace(case, description=description, restated=None if told == Restated() else told)


def _restate(case: Case, event: Event) -> Case:
    said = _details(event, Restated)
    called = said.called or case.external_category
    return replace(case, external_category=called, restated=still_said(case, said))


def _reschedule(case: Case, event: Event) -> Case:
    said = _details(event, Rescheduled)
    case = replace(case, external_due_at=said.external_due_at)
    return case if said.due is None else _due(case, said.due)


def _keep(case: Case, _event: Event) -> Case:
    return replace(case, restated=None)


def _void(case: Case, _event: Event) -> Case:
    return _unfiled(case)


def _merge(case: Case, event: Event) -> Case:
    return replace(_unfiled(case), merged_into=_details(event, Merged).case_id)


def _split(case: Case, _event: Event) -> Case:
    return replace(case, merged_into=None)


def _repeat(case: Case, event: Event) -> Case:
    other = _details(event, Repeated)
    more = -other.reports if other.taken_out else other.reports
    return replace(case, reports=case.reports + more)


def _self_handle(case: Case, event: Event) -> Case:
    return replace(_handle(case, event), tier=Tier.GRID, closed_at=event.at)


def _file(case: Case, event: Event) -> Case:
    return _filed(case, event, _details(event, Filed))


def _filed(case: Case, event: Event, filed: Filed) -> Case:
    return replace(
        _unfiled(case),
        placement=filed.placement,
        assignment=filed.assignment,
        tier=filed.assignment.tier,
        term=filed.term,
        department=filed.department,
        cycle=case.cycle if case.filed_at is None else case.cycle + 1,
        filed_at=event.at,
    )


def _unfiled(case: Case) -> Case:
    """Without what its cycle gave it, which stays in the events only."""
    return replace(
        case,
        assignment=None,
        tier=None,
        term=None,
        department=None,
        filed_at=None,
        dispatched_at=None,
        due_at=None,
        provisional=False,
        accepted_at=None,
        forced=False,
        request=None,
        extensions=0,
        supervised_at=None,
        handled_at=None,
        handled_by_account_id=None,
        closed_at=None,
        rating=None,
        appealed=False,
        exempt=False,
    )


def _dispatch(case: Case, event: Event) -> Case:
    dispatched = _details(event, Dispatched)
    return replace(
        case,
        assignment=dispatched.assignment,
        tier=dispatched.assignment.tier,
        dispatched_at=event.at,
        due_at=dispatched.due_at,
        provisional=dispatched.provisional,
        forced=dispatched.forced,
        wrong_returns=case.wrong_returns + dispatched.forced,
    )


def _accept(case: Case, event: Event) -> Case:
    return replace(case, accepted_at=event.at)


def _give_back(case: Case, event: Event) -> Case:
    assignment = _details(event, Returned).assignment
    returns = case.returns + 1
    return replace(case, assignment=assignment, tier=assignment.tier, returns=returns)


def _move(case: Case, event: Event) -> Case:
    moved = _details(event, Moved)
    return replace(case, assignment=moved.assignment, tier=moved.tier)


def _ask_hold(case: Case, event: Event) -> Case:
    request = replace(_request(Wish.HOLD, event), until=_details(event, HoldAsked).until)
    return replace(case, request=request)


def _grant_hold(case: Case, event: Event) -> Case:
    until = None if case.request is None else case.request.until
    return replace(case, request=None, held_at=event.at, hold_until=until)


def _resume(case: Case, event: Event) -> Case:
    return replace(_redue(case, event), held_at=None, hold_until=None)


def _ask_extension(case: Case, event: Event) -> Case:
    return replace(case, request=_request(Wish.EXTENSION, event))


def _extend(case: Case, event: Event) -> Case:
    return replace(_redue(case, event), request=None, extensions=case.extensions + 1)


def _redue(case: Case, event: Event) -> Case:
    return _due(case, _details(event, NewDue))


def _due(case: Case, new: NewDue) -> Case:
    return replace(case, due_at=new.due_at, provisional=new.provisional)


def _refuse(case: Case, _event: Event) -> Case:
    return replace(case, request=None)


def _handle(case: Case, event: Event) -> Case:
    by = event.actor_account_id
    return replace(case, request=None, handled_at=event.at, handled_by_account_id=by)


def _rework(case: Case, _event: Event) -> Case:
    return replace(case, rework=case.rework + 1, handled_at=None, handled_by_account_id=None)


def _rate(case: Case, event: Event) -> Case:
    return replace(case, rating=_details(event, Rated).rating)


def _close(case: Case, event: Event) -> Case:
    case = replace(case, closed_at=event.at)
    return case if event.details is None else _rate(case, event)


def _appeal(case: Case, event: Event) -> Case:
    return replace(case, request=_request(Wish.APPEAL, event), appealed=True)


def _excuse(case: Case, _event: Event) -> Case:
    return replace(case, request=None, exempt=True)


def _urge(case: Case, _event: Event) -> Case:
    return replace(case, urged=case.urged + 1)


def _supervise(case: Case, event: Event) -> Case:
    return replace(case, supervised_at=event.at)


def _reattribute(case: Case, event: Event) -> Case:
    new = _details(event, Reattributed)
    is_same = new.assignment is None or new.assignment == case.assignment
    return replace(
        case,
        placement=new.placement,
        assignment=new.assignment,
        tier=case.tier if is_same or new.assignment is None else new.assignment.tier,
    )


def _import(case: Case, event: Event) -> Case:
    imported = _details(event, Imported)
    if imported.filed is None:
        return replace(case, handled_at=event.at, closed_at=event.at)
    return replace(_filed(case, event, imported.filed), due_at=imported.due_at)


def _request(wish: Wish, event: Event) -> Request:
    return Request(wish=wish, account_id=event.actor_account_id, at=event.at)


_CHANGES: Mapping[Action, Callable[[Case, Event], Case]] = MappingProxyType(
    {
        Action.PRE_CHECK: _look,
        Action.VERIFY: _verify,
        Action.CLASSIFY: _classify,
        Action.CORRECT: _correct,
        Action.RESTATE: _restate,
        Action.RESCHEDULE: _reschedule,
        Action.KEEP: _keep,
        Action.VOID: _void,
        Action.MERGE: _merge,
        Action.SPLIT: _split,
        Action.REPEAT: _repeat,
        Action.SELF_HANDLE: _self_handle,
        Action.FILE: _file,
        Action.REOPEN: _file,
        Action.DISPATCH: _dispatch,
        Action.ACCEPT: _accept,
        Action.RETURN: _give_back,
        Action.ESCALATE: _move,
        Action.DEESCALATE: _move,
        Action.ASK_HOLD: _ask_hold,
        Action.GRANT_HOLD: _grant_hold,
        Action.RESUME: _resume,
        Action.ASK_EXTENSION: _ask_extension,
        Action.GRANT_EXTENSION: _extend,
        Action.RECOMPUTE: _redue,
        Action.REFUSE: _refuse,
        Action.HANDLE: _handle,
        Action.REWORK: _rework,
        Action.RATE: _rate,
        Action.CLOSE: _close,
        Action.APPEAL: _appeal,
        Action.GRANT_APPEAL: _excuse,
        Action.URGE: _urge,
        Action.SUPERVISE: _supervise,
        Action.REATTRIBUTE: _reattribute,
        Action.IMPORT: _import,
    }
)
"""What an action changes of a case, beside its state. What is not here changes nothing: a check, a
comment."""
