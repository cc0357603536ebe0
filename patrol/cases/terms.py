"""When a case is due: by its term from the dispatch, without the time on hold, with its extensions."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from patrol.cases.actions import Action
from patrol.cases.case import Case
from patrol.cases.events import Event
from patrol.clocks import deadline
from patrol.clocks.calendar import WorkCalendar
from patrol.clocks.deadline import Due, FixedTerm, Hold, Term, due, due_after, extend, resume
from patrol.clocks.rule import DeadlineRule, read_rule
from patrol.clocks.store import WorkCalendars


class Terms:
    """By the calendar of the transaction."""

    def __init__(self, calendars: WorkCalendars) -> None:
        self._calendars = calendars

    def due(
        self, conn: Connection, case: Case, at: datetime, calendar: WorkCalendar | None = None
    ) -> Due:
        """Of a case that is dispatched at `at`; `calendar` is the transaction's, for whoever has it."""
        return due(term_of(case), at, calendar or self._calendars.current(conn))

    def after_hold(self, conn: Connection, case: Case, at: datetime) -> Due:
        """Of a case whose hold ends at `at`: what was left when it began is left then."""
        assert case.held_at is not None
        calendar = self._calendars.current(conn)
        return resume(term_of(case), _due_of(case), case.held_at, at, calendar)

    def extended(self, conn: Connection, case: Case) -> Due:
        """By the original term once more."""
        return extend(term_of(case), _due_of(case), self._calendars.current(conn))

    def after(self, conn: Connection, at: datetime, rule: DeadlineRule) -> datetime:
        """When a wait that began at `at` is over."""
        return due(rule, at, self._calendars.current(conn)).at

    def anew(self, conn: Connection, case: Case, events: Iterable[Event]) -> Due:
        """As the calendar is now, after all that happened since the dispatch; of an old case of another
        system, which nobody here was sent, since it was taken over."""
        since = case.dispatched_at or case.filed_at
        assert since is not None
        return due_after(
            term_of(case),
            since,
            self._calendars.current(conn),
            extensions=case.extensions,
            holds=_holds(events, since),
        )


def term_of(case: Case) -> Term:
    """The case was filed. The deadline of its ticket is that of its first cycle."""
    assert case.term is not None
    if case.is_due_by_its_ticket:
        assert case.filed_at is not None
        assert case.external_due_at is not None
        return FixedTerm(since=case.filed_at, ends_at=case.external_due_at)
    return read_rule(case.term)


def remind_at(case: Case, calendar: WorkCalendar, at_most: timedelta) -> datetime:
    """When somebody is reminded of a case that was dispatched: when a quarter of its term is left, or
    `at_most` of it."""
    return deadline.remind_at(term_of(case), _due_of(case).at, calendar, at_most=at_most)


def _due_of(case: Case) -> Due:
    assert case.due_at is not None
    return Due(at=case.due_at, is_provisional=case.provisional)


def _holds(events: Iterable[Event], since: datetime) -> list[Hold]:
    holds = []
    began: datetime | None = None
    for event in events:
        if event.at < since:
            continue
        if event.action is Action.GRANT_HOLD:
            began = event.at
        elif event.action is Action.RESUME and began is not None:
            holds.append(Hold(held_from=began, held_until=event.at))
    return holds
