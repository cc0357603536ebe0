"""What an order comes to: the events of the case, and those of the other case that it is about."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from gis.errors import InvalidInput, NotPermitted
from patrol.cases import store
from patrol.cases.actions import Action, ActionNotAllowed
from patrol.cases.case import SYSTEM, Actor, Case, Rating, Restated, State
from patrol.cases.correcting import Corrections
from patrol.cases.details import (
    Corrected,
    Details,
    Dispatched,
    Filed,
    HoldAsked,
    Looked,
    Merged,
    Moved,
    NewDue,
    Rated,
    Repeated,
    Rescheduled,
    Returned,
)
from patrol.cases.dispatch import Dispatcher
from patrol.cases.events import Event, next_event
from patrol.cases.folding import fold
from patrol.cases.guards import LONGEST_HOLD
from patrol.cases.order import Order
from patrol.cases.photo_needs import require_photos_of_action
from patrol.cases.rulebook import Rules
from patrol.cases.terms import Terms
from patrol.cases.workflow import TRANSITIONS, permit
from patrol.clocks.deadline import Due
from patrol.photos.service import of_case

_REOPENED = "反映人不满意，自动重办"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """An order, with everything that decides about it. `other` is the case that this one goes into, or
    comes out of."""

    case: Case
    other: Case | None
    order: Order
    actor: Actor
    at: datetime
    note: str | None
    rules: Rules


class Steps:
    """One for each process."""

    def __init__(self, dispatcher: Dispatcher, terms: Terms) -> None:
        self._dispatcher = dispatcher
        self._terms = terms
        self._corrections = Corrections(dispatcher, terms)
        self._makers: Mapping[Action, Callable[[Connection, Step], Details | None]] = {
            Action.PRE_CHECK: self._looked,
            Action.CORRECT: self._corrected,
            Action.RESTATE: _restated,
            Action.RESCHEDULE: self._rescheduled,
            Action.MERGE: _merged,
            Action.FILE: self._filed,
            Action.REOPEN: self._filed,
            Action.DISPATCH: self._dispatched,
            Action.RETURN: self._returned,
            Action.ESCALATE: self._moved_up,
            Action.DEESCALATE: self._moved_down,
            Action.ASK_HOLD: _hold_asked,
            Action.GRANT_HOLD: _hold_granted,
            Action.RESUME: self._resumed,
            Action.GRANT_EXTENSION: self._extended,
            Action.RECOMPUTE: self._recomputed,
            Action.RATE: _rated,
            Action.CLOSE: _rated,
        }

    def take(self, conn: Connection, step: Step) -> Iterator[tuple[Case, list[Event]]]:
        """Each case that changes, as it was, with its events.

        Raises ActionNotAllowed, NotPermitted, InvalidInput.
        """
        case, at = step.case, step.at
        _require_whole(step)
        transition = permit(case, step.order.action, step.actor, note=step.note, at=at)
        if step.order.action is Action.CLOSE and step.order.rating is Rating.DISSATISFIED:
            # What the desk was told on the telephone decides as what the reporter says.
            transition = TRANSITIONS[case.state, Action.RATE]
        if transition.action in (Action.HANDLE, Action.SELF_HANDLE):
            _require_photos(conn, step)
        make = self._makers.get(transition.action)
        details = None if make is None else make(conn, step)
        events = [next_event(case, transition, step.actor, at, note=step.note, details=details)]
        if transition.action is Action.RATE:
            events += self._after_rating(conn, fold(events, onto=case), step)
        now = fold(events, onto=case)
        events += self._dispatcher.dispatch_if_owned(conn, now, at, step.rules.calendar)
        if transition.action is Action.DISPATCH and _is_by_rule(step.order):
            events += self._dispatcher.raise_if_repeated(conn, fold(events, onto=case), at)
        yield case, events
        if step.other is not None:
            yield step.other, self._of_the_other(conn, step, step.other)

    def _after_rating(self, conn: Connection, rated: Case, step: Step) -> list[Event]:
        """What Wangge does by itself when whoever reported a case has answered the callback: it is
        closed, or, if they are not satisfied, begun again."""
        if rated.state is not State.CALLBACK:
            return []
        if rated.rating is not Rating.DISSATISFIED:
            transition = permit(rated, Action.CLOSE, SYSTEM, note=None, at=step.at)
            return [next_event(rated, transition, SYSTEM, step.at)]
        transition = permit(rated, Action.REOPEN, SYSTEM, note=_REOPENED, at=step.at)
        filed = self._filed(conn, step)
        return [next_event(rated, transition, SYSTEM, step.at, note=_REOPENED, details=filed)]

    def _looked(self, conn: Connection, step: Step) -> Looked:
        staff_id = step.order.staff_id
        return self._dispatcher.look(conn, step.case, step.at, actor=step.actor, staff_id=staff_id)

    def _filed(self, conn: Connection, step: Step) -> Filed:
        case = step.case
        category = step.rules.categories.of(case.category)
        return self._dispatcher.file(conn, case.lon, case.lat, category, step.at)

    def _corrected(self, conn: Connection, step: Step) -> Corrected:
        case = step.case
        return self._corrections.corrected(
            *(conn, case, step.order),
            actor=step.actor,
            at=step.at,
            categories=step.rules.categories,
            events=lambda: store.read_events(conn, case),
        )

    def _dispatched(self, conn: Connection, step: Step) -> Dispatched:
        case, at = step.case, step.at
        if not step.order.force:
            staff_id = step.order.staff_id
            return self._dispatcher.dispatch(
                *(conn, case, at),
                actor=step.actor,
                staff_id=staff_id,
                category=step.rules.categories.of(case.category),
            )
        if case.state is not State.RETURNED:
            raise InvalidInput(
                f"Nobody has returned case {case.number}; leave `force` out.", field="force"
            )
        sent = [event.details for event in store.read_events(conn, case)]
        last = next(each for each in reversed(sent) if isinstance(each, Dispatched))
        return self._dispatcher.send_back(conn, case, at, last.assignment)

    def _returned(self, conn: Connection, step: Step) -> Returned:
        return self._dispatcher.give_back(conn, step.case, step.at)

    def _moved_up(self, conn: Connection, step: Step) -> Moved:
        return self._dispatcher.move_up(conn, step.case, step.at)

    def _moved_down(self, conn: Connection, step: Step) -> Moved:
        case, at, staff_id = step.case, step.at, step.order.staff_id
        return self._dispatcher.move_down(
            *(conn, case, at),
            actor=step.actor,
            staff_id=staff_id,
            category=step.rules.categories.of(case.category),
        )

    def _resumed(self, conn: Connection, step: Step) -> NewDue:
        return _new_due(self._terms.after_hold(conn, step.case, step.at))

    def _extended(self, conn: Connection, step: Step) -> NewDue:
        return _new_due(self._terms.extended(conn, step.case))

    def _recomputed(self, conn: Connection, step: Step) -> NewDue:
        events = store.read_events(conn, step.case)
        return _new_due(self._terms.anew(conn, step.case, events))

    def _rescheduled(self, conn: Connection, step: Step) -> Rescheduled:
        case, due_at = step.case, step.order.external_due_at
        assert due_at is not None  # `Order.check`
        due = None
        if case.due_at is not None:
            moved = replace(case, external_due_at=due_at)
            due = _new_due(self._terms.anew(conn, moved, store.read_events(conn, case)))
        return Rescheduled(external_due_at=due_at, due=due)

    def _of_the_other(self, conn: Connection, step: Step, other: Case) -> list[Event]:
        taken_out = step.order.action is Action.SPLIT
        repeated = Repeated(
            case_id=step.case.id,
            number=step.case.number,
            taken_out=taken_out,
            reports=step.case.reports,
        )
        transition = permit(other, Action.REPEAT, SYSTEM, note=None, at=step.at)
        events = [next_event(other, transition, SYSTEM, step.at, details=repeated)]
        if taken_out:
            return events
        now = fold(events, onto=other)
        return events + self._dispatcher.raise_if_repeated(conn, now, step.at)


def _is_by_rule(order: Order) -> bool:
    """Nobody chose who is to have the case."""
    return order.staff_id is None and not order.force


def _require_whole(step: Step) -> None:
    """What a case is taken out of is there, and is not itself a part of another."""
    case, other = step.case, step.other
    if step.order.action is not Action.SPLIT or case.merged_into is None:
        return
    if other is None:
        raise NotPermitted(
            f"Case {case.number} is part of one outside your grids; ask a dispatcher to take it out."
        )
    if other.state is State.MERGED:
        raise ActionNotAllowed(
            f"Case {case.number} is part of {other.number}, which is part of another case itself; take "
            f"{other.number} out first.",
            state=case.state,
        )


def _require_photos(conn: Connection, step: Step) -> None:
    case, sent = step.case, len(step.order.photos)
    # The photos of the action are the case's already, under the number of its next event.
    earlier = [
        photo
        for photo in (of_case(conn, case.id) if step.order.action is Action.SELF_HANDLE else ())
        if photo.attachment is not None and photo.attachment.seq <= case.version
    ]
    category = step.rules.categories.of(case.category)
    require_photos_of_action(step.order.action, category, sent, earlier)


def _restated(_conn: Connection, step: Step) -> Restated:
    assert step.order.restated is not None  # `Order.check`
    return step.order.restated


def _merged(_conn: Connection, step: Step) -> Merged:
    other = step.other
    if other is None or not other.is_visible_to(step.actor):
        raise InvalidInput(
            f"There is no other case {step.order.into} in your grids; name in `into` the one that was "
            "reported before.",
            field="into",
        )
    if not other.state.is_open:
        raise InvalidInput(
            f"Case {other.number} is in state {other.state}; only an open case takes in another.",
            field="into",
        )
    return Merged(case_id=other.id, number=other.number)


def _hold_asked(_conn: Connection, step: Step) -> HoldAsked:
    until = step.order.until
    assert until is not None  # `Order.check`
    if not step.at < until <= step.at + LONGEST_HOLD:
        raise InvalidInput(
            f"A hold ends after now and within {LONGEST_HOLD.days} days.", field="until"
        )
    return HoldAsked(until=until)


def _hold_granted(_conn: Connection, step: Step) -> None:
    until = None if step.case.request is None else step.case.request.until
    if until is not None and until <= step.at:
        raise InvalidInput(
            "The hold that was asked for would have ended by now; refuse it, and ask for another.",
            field="action",
        )


def _new_due(due: Due) -> NewDue:
    return NewDue(due_at=due.at, provisional=due.is_provisional)


def _rated(_conn: Connection, step: Step) -> Rated | None:
    return None if step.order.rating is None else Rated(rating=step.order.rating)
