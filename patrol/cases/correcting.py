"""What is put right about a case: what it is about, where it lies, and whose it is then.

Another grid or another department has it from then on as if it had been reported there; what the town or
the county deals with stays with them. A term that runs is another one only where the new category has
another, and then from the same dispatch.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from gis.errors import InvalidInput
from patrol.cases.case import Actor, Assignment, Case, State, Tier
from patrol.cases.details import Classified, Corrected, Filed, NewDue, Place
from patrol.cases.dispatch import Dispatcher
from patrol.cases.events import Event
from patrol.cases.order import Order
from patrol.cases.terms import Terms
from patrol.categories.tree import Categories

_RUNNING = (State.DISPATCHED, State.IN_PROGRESS, State.ON_HOLD)
_ABOVE = (Tier.TOWN, Tier.COUNTY)


class Corrections:
    def __init__(self, dispatcher: Dispatcher, terms: Terms) -> None:
        self._dispatcher = dispatcher
        self._terms = terms

    def corrected(
        self,
        conn: Connection,
        case: Case,
        order: Order,
        *,
        actor: Actor,
        at: datetime,
        categories: Categories,
        events: Callable[[], Sequence[Event]],
    ) -> Corrected:
        """What the order comes to. Raises InvalidInput for a category that cannot be chosen, a place
        outside the actor's grids, and for taking over what nobody says."""
        wanted, description = _wanted(case, order)
        before = categories.of(case.category)
        category = before if wanted.category is None else categories.chosen(wanted.category)
        lon, lat = wanted.place or (case.lon, case.lat)
        filed = self._dispatcher.file(conn, lon, lat, category, at)
        is_filed = case.term is not None
        moved = replace(case, lon=lon, lat=lat)
        classified = place = None
        if wanted.place is not None:
            grid_code = filed.placement.grid_code
            if grid_code is None:
                self._dispatcher.require_near(conn, lon, lat)
            if not actor.scope.covers(grid_code):
                raise InvalidInput(
                    "This place is outside your grids; return the case, or ask the dispatch desk.",
                    field="lon",
                    code="outside_your_grids",
                )
            place = Place(lon=lon, lat=lat, placement=filed.placement)
            moved = replace(moved, placement=filed.placement)
        if wanted.category is not None:
            classified = Classified(
                category=category.code,
                urgent=case.urgent or category.urgent,
                term=category.term if is_filed else None,
                department=category.department if is_filed else None,
            )
            if is_filed:
                moved = replace(moved, term=category.term)
        is_others = (before.dispatch, before.department) != (category.dispatch, category.department)
        return Corrected(
            classified=classified,
            place=place,
            description=description,
            assignment=self._assignment(
                conn, case, moved, filed, is_others=is_others, actor=actor, at=at
            ),
            due=self._due(conn, case, moved, events),
        )

    def _assignment(
        self,
        conn: Connection,
        case: Case,
        moved: Case,
        filed: Filed,
        *,
        is_others: bool,
        actor: Actor,
        at: datetime,
    ) -> Assignment | None:
        """Whose it is now; None where that stays."""
        is_elsewhere = moved.placement.grid_code != case.placement.grid_code
        match case.state:
            case State.FILED if is_elsewhere or is_others:
                return filed.assignment
            case State.PRE_CHECK if is_elsewhere:
                return self._dispatcher.look(conn, moved, at, actor=actor, staff_id=None).assignment
            case State.RETURNED if is_elsewhere:
                nobody = replace(moved, assignment=None)
                return self._dispatcher.give_back(conn, nobody, at).assignment
        if case.state not in _RUNNING or not (is_elsewhere or is_others):
            return None
        is_theirs_above = case.tier in _ABOVE and _has_nobody(case)
        return None if is_theirs_above or filed.assignment == case.assignment else filed.assignment

    def _due(
        self,
        conn: Connection,
        case: Case,
        moved: Case,
        events: Callable[[], Sequence[Event]],
    ) -> NewDue | None:
        """None where it stays."""
        if case.state not in _RUNNING or case.due_at is None or case.is_due_by_its_ticket:
            return None
        if moved.term == case.term:
            return None
        due = self._terms.anew(conn, moved, events())
        return NewDue(due_at=due.at, provisional=due.is_provisional)


def _wanted(case: Case, order: Order) -> tuple[Order, str | None]:
    """The order with what the ticket says, where that is to be taken over, and its description. What the
    order says itself comes first. Raises InvalidInput."""
    if not order.as_told:
        return order, None
    told = case.restated
    if told is None:
        raise InvalidInput(
            "Its ticket says nothing else than the case; leave `as_told` out.", field="as_told"
        )
    category = order.category or told.category
    if category is None and told.called is not None:
        raise InvalidInput(
            f"It is called {told.called} there now, which is no category here: choose one in "
            "`category`.",
            field="category",
            code="unknown_category",
        )
    return replace(order, category=category, place=order.place or told.place), told.description


def _has_nobody(case: Case) -> bool:
    return case.assignment is None or case.assignment.staff_id is None
