"""What an order comes to: the events of the case, and those of the other case that it is about."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection

from gis.errors import InvalidInput, NotPermitted
from patrol.cases import store
from patrol.cases.actions import Action
from patrol.cases.case import SYSTEM, Actor, Case, State, Tier
from patrol.cases.categories import category_of
from patrol.cases.details import (
    Classified,
    Details,
    Dispatched,
    Due,
    Filed,
    HoldAsked,
    Looked,
    Merged,
    Moved,
    Rated,
    Repeated,
    Returned,
)
from patrol.cases.dispatch import Dispatcher, dispatch_if_owned
from patrol.cases.events import Event, next_event
from patrol.cases.folding import fold
from patrol.cases.guards import LONGEST_HOLD
from patrol.cases.order import Order
from patrol.cases.terms import due_after_hold, due_at, due_extended
from patrol.cases.workflow import permit

REPEATS: Mapping[int, Tier] = MappingProxyType({2: Tier.CHIEF, 3: Tier.TOWN, 4: Tier.COUNTY})
"""How high up a case goes by how many have reported it."""


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


class Steps:
    """`repeats` says how high up a case goes by how many have reported it."""

    def __init__(self, dispatcher: Dispatcher, repeats: Mapping[int, Tier] = REPEATS) -> None:
        self._dispatcher = dispatcher
        self._repeats = repeats
        self._makers: Mapping[Action, Callable[[Connection, Step], Details | None]] = {
            Action.PRE_CHECK: self._looked,
            Action.CLASSIFY: _classified,
            Action.MERGE: _merged,
            Action.FILE: self._filed,
            Action.REOPEN: self._filed,
            Action.DISPATCH: self._dispatched,
            Action.RETURN: self._returned,
            Action.ESCALATE: self._moved_up,
            Action.DEESCALATE: self._moved_down,
            Action.ASK_HOLD: _hold_asked,
            Action.GRANT_HOLD: _hold_granted,
            Action.RESUME: _resumed,
            Action.GRANT_EXTENSION: _extended,
            Action.RATE: _rated,
            Action.CLOSE: _rated,
        }

    def take(self, conn: Connection, step: Step) -> Iterator[tuple[Case, list[Event]]]:
        """Each case that changes, as it was, with its events.

        Raises ActionNotAllowed, NotPermitted, InvalidInput.
        """
        case, at = step.case, step.at
        if step.order.action is Action.SPLIT and case.merged_into and step.other is None:
            raise NotPermitted(
                f"Case {case.number} is part of one outside your grids; ask a dispatcher to take it "
                "out."
            )
        transition = permit(case, step.order.action, step.actor, note=step.note, at=at)
        make = self._makers.get(transition.action)
        details = None if make is None else make(conn, step)
        events = [next_event(case, transition, step.actor, at, note=step.note, details=details)]
        events += dispatch_if_owned(fold(events, onto=case), at)
        yield case, events
        if step.other is not None:
            yield step.other, self._of_the_other(conn, step, step.other)

    def _looked(self, conn: Connection, step: Step) -> Looked:
        staff_id = step.order.staff_id
        return self._dispatcher.look(conn, step.case, step.at, actor=step.actor, staff_id=staff_id)

    def _filed(self, conn: Connection, step: Step) -> Filed:
        case = step.case
        deadline_h = category_of(case.category).deadline_h
        return self._dispatcher.file(conn, case.lon, case.lat, deadline_h, step.at)

    def _dispatched(self, conn: Connection, step: Step) -> Dispatched:
        case, at = step.case, step.at
        if not step.order.force:
            staff_id = step.order.staff_id
            return self._dispatcher.dispatch(conn, case, at, actor=step.actor, staff_id=staff_id)
        if case.state is not State.RETURNED:
            raise InvalidInput(
                f"Nobody has returned case {case.number}; leave `force` out.", field="force"
            )
        sent = [event.details for event in store.read_events(conn, case)]
        last = next(each for each in reversed(sent) if isinstance(each, Dispatched))
        assert case.deadline_h is not None  # frozen when it was filed
        return replace(last, due_at=due_at(case.deadline_h, at), forced=True)

    def _returned(self, conn: Connection, step: Step) -> Returned:
        return self._dispatcher.give_back(conn, step.case, step.at)

    def _moved_up(self, conn: Connection, step: Step) -> Moved:
        return self._dispatcher.move_up(conn, step.case, step.at)

    def _moved_down(self, conn: Connection, step: Step) -> Moved:
        case, at, staff_id = step.case, step.at, step.order.staff_id
        return self._dispatcher.move_down(conn, case, at, actor=step.actor, staff_id=staff_id)

    def _of_the_other(self, conn: Connection, step: Step, other: Case) -> list[Event]:
        taken_out = step.order.action is Action.SPLIT
        repeated = Repeated(case_id=step.case.id, number=step.case.number, taken_out=taken_out)
        transition = permit(other, Action.REPEAT, SYSTEM, note=None, at=step.at)
        events = [next_event(other, transition, SYSTEM, step.at, details=repeated)]
        now = fold(events, onto=other)
        tier = self._repeats.get(now.reports)
        is_to_rise = (
            not taken_out
            and tier is not None
            and now.state in (State.DISPATCHED, State.IN_PROGRESS)
            and tier.height > (now.tier or Tier.GRID).height
        )
        if is_to_rise:
            note = f"同一问题第 {now.reports} 次反映"
            transition = permit(now, Action.ESCALATE, SYSTEM, note=note, at=step.at)
            moved = self._dispatcher.move_up(conn, now, step.at, tier)
            events.append(next_event(now, transition, SYSTEM, step.at, note=note, details=moved))
        return events


def _classified(_conn: Connection, step: Step) -> Classified:
    assert step.order.category is not None  # `Order.check`
    case, category = step.case, category_of(step.order.category)
    return Classified(
        category=category.code,
        urgent=case.urgent or category.urgent,
        deadline_h=None if case.deadline_h is None else category.deadline_h,
    )


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


def _resumed(_conn: Connection, step: Step) -> Due:
    return Due(due_at=due_after_hold(step.case, step.at))


def _extended(_conn: Connection, step: Step) -> Due:
    return Due(due_at=due_extended(step.case))


def _rated(_conn: Connection, step: Step) -> Rated | None:
    return None if step.order.rating is None else Rated(rating=step.order.rating)
