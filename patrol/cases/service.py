"""What can be done with cases. A method is one transaction; what it changes is announced once.

What is only looked at: `reader`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from types import MappingProxyType

from sqlalchemy import Connection

from data.database import Database
from data.editions import GridIndexes
from gis.local_time import LOCAL
from patrol.cases import store, tickets
from patrol.cases.actions import Action, ActionNotAllowed
from patrol.cases.case import RUNNING, SYSTEM, WAITING, Actor, Case, Source
from patrol.cases.concerns import Change
from patrol.cases.consequences import Step, Steps
from patrol.cases.details import Reported
from patrol.cases.dispatch import Dispatcher
from patrol.cases.duplicates import duplicates, no_duplicate
from patrol.cases.events import Event, first_event, next_event
from patrol.cases.folding import fold
from patrol.cases.listing import CaseEntry, no_such_case, require_entry
from patrol.cases.order import Order
from patrol.cases.photo_needs import require_photos_of_report
from patrol.cases.report import NOTE_LIMIT, Report, case_number, read_text
from patrol.cases.rulebook import Rulebook, Rules
from patrol.cases.settings import USUAL, CaseSettings
from patrol.cases.telling import Lying, Telling
from patrol.cases.terms import Terms, remind_at
from patrol.cases.workflow import permit
from patrol.categories.answers import asked_in
from patrol.categories.built_in import OTHER
from patrol.categories.category import Category
from patrol.categories.field import read_values
from patrol.categories.tree import Categories
from patrol.clocks.deadline import due, latest_within
from patrol.idempotency import fingerprint, read_key, require_the_same
from patrol.photos.photo import PhotoRole
from patrol.photos.service import attach

Clock = Callable[[], datetime]

_WITH_THEIR_PLACE = (Source.ALERT, Source.SENSOR)
"""Nobody wrote it down: a call for help counts wherever somebody is."""

_PHOTOS: Mapping[Action, PhotoRole] = MappingProxyType(
    {
        Action.VERIFY: PhotoRole.CHECK,
        Action.HANDLE: PhotoRole.AFTER,
        Action.SELF_HANDLE: PhotoRole.AFTER,
        Action.CHECK: PhotoRole.CHECK,
        Action.REWORK: PhotoRole.CHECK,
    }
)


class CaseService:
    """`clock` gives the time with a zone; a case's number carries the day that it is in `zone`."""

    def __init__(
        self,
        database: Database,
        grid_indexes: GridIndexes,
        clock: Clock,
        *,
        zone: tzinfo = LOCAL,
        rulebook: Rulebook | None = None,
        settings: CaseSettings = USUAL,
    ) -> None:
        self._database = database
        self._settings = settings
        self._rulebook = rulebook or Rulebook()
        terms = Terms(self._rulebook.calendars)
        self._dispatcher = Dispatcher(grid_indexes, terms, settings)
        self._steps = Steps(self._dispatcher, terms)
        self._telling = Telling(self._dispatcher)
        self._clock = clock
        self._zone = zone

    def report(
        self, report: Report, actor: Actor, *, idempotency_key: str | None = None
    ) -> CaseEntry:
        """A new case, filed and dispatched to its owner at once unless its source is public. What joins
        another case is a part of that instead, and counts there.

        The same report again under the same key gives the case it gave before. Raises InvalidInput
        when anything else was said under the key, and when it joins what is no duplicate. The same
        ticket of another system gives the case it gave before too: another deadline is that of the case,
        and what else it says otherwise waits there for somebody. Raises ActionNotAllowed when that case
        is over, and Conflict when the ticket joins another case than it is.
        """
        key = read_key(idempotency_key)
        with self._database.begin(actor.viewer) as conn:
            if key is not None:
                store.lock_report(conn, actor.account_id, key)
                earlier = store.find_report(conn, actor.account_id, key)
                if earlier is not None:
                    what = f"case {earlier.number}"
                    require_the_same(earlier.said, fingerprint(report), what=what)
                    return require_entry(conn, earlier.case_id)
            if report.origin is not None:
                known = tickets.find(conn, report.source, report.origin.number)
                if known is not None:
                    return require_entry(conn, self._tell_again(conn, known, report, actor))
            return require_entry(conn, self.report_within(conn, report, actor, idempotency_key=key))

    def report_within(
        self,
        conn: Connection,
        report: Report,
        actor: Actor,
        *,
        idempotency_key: str | None = None,
    ) -> int:
        """The same inside a transaction of the caller's, who sees to it that there is no such report
        yet. Returns the new case's id."""
        rules, said = self._rulebook.current(conn), fingerprint(report)
        report = _as_called(report, rules.categories)
        into = None if report.joins is None else self._joined(conn, report, rules)
        events = self._begin(conn, report, actor, rules)
        case = fold(events)
        store.insert_case(conn, case, said=said, idempotency_key=idempotency_key)
        store.insert_events(conn, events)
        first = PhotoRole.REPORT if report.handled is None else PhotoRole.BEFORE
        for seq, (photos, role) in enumerate(
            ((report.photos, first), (report.photos_after, PhotoRole.AFTER)), start=1
        ):
            attach(conn, photos, case_id=case.id, seq=seq, role=role, account_id=actor.account_id)
        if into is not None:
            return self.act_within(conn, case.id, Order(action=Action.MERGE, into=into), SYSTEM)
        change = Change(before=None, after=case, events=events)
        self._telling.tell(conn, change, actor, events[-1].at, categories=rules.categories)
        return case.id

    def require_near(self, conn: Connection, lon: float, lat: float) -> None:
        """Raises InvalidInput for a place so far outside all grids that a report of it is refused."""
        self._dispatcher.require_near(conn, lon, lat)

    def act(self, case_id: int, order: Order, actor: Actor) -> CaseEntry:
        """Do what is ordered. Of several at once exactly one is first; the others meet the new state.

        Raises NotFound, ActionNotAllowed (which has the state), NotPermitted, InvalidInput.
        """
        with self._database.begin(actor.viewer) as conn:
            return require_entry(conn, self.act_within(conn, case_id, order, actor))

    def act_within(self, conn: Connection, case_id: int, order: Order, actor: Actor) -> int:
        """The same inside a transaction of the caller's, which is the actor's. Returns the case's id."""
        note = read_text(order.note, field="note", limit=NOTE_LIMIT)
        order.check()
        case, other = _lock(conn, case_id, order)
        if case is None or not case.is_visible_to(actor):
            raise no_such_case(case_id)
        if order.version not in (None, case.version):
            raise ActionNotAllowed(
                f"Case {case.number} has changed since version {order.version}; look at it "
                f"again, it is in state {case.state} now.",
                state=case.state,
                code="case_changed",
            )
        at = self._clock()
        role = _PHOTOS.get(order.action, PhotoRole.OTHER)
        attach(
            conn,
            order.photos,
            case_id=case_id,
            seq=case.version + 1,
            role=role,
            account_id=actor.account_id,
        )
        rules = self._rulebook.current(conn)
        step = Step(case=case, other=other, order=order, actor=actor, at=at, note=note, rules=rules)
        for changed, events in self._steps.take(conn, step):
            case = fold(events, onto=changed)
            is_moved = (case.lon, case.lat) != (changed.lon, changed.lat)
            store.update_case(conn, case, moved=is_moved)
            store.insert_events(conn, events)
            change = Change(before=changed, after=case, events=events)
            self._telling.tell(conn, change, actor, at, categories=rules.categories)
        return case_id

    def remind(self) -> None:
        """Tell whom it concerns of what is due soon or overdue, and of what waits for too long before;
        each of the same only once."""
        at, ahead = self._clock(), self._settings.remind_before
        with self._database.begin(SYSTEM.viewer) as conn:
            rules = self._rulebook.current(conn)
            running = store.find_due_by(conn, latest_within(ahead, at, rules.calendar), RUNNING)
            soon = [case for case in running if remind_at(case, rules.calendar, ahead) <= at]
            self._telling.remind(conn, soon, at, rules.categories)
            lying = [
                Lying(case=case, since=since, until=until)
                for case, since in store.find_waiting(conn, WAITING)
                if (until := self._may_wait_until(case, since, rules)) <= at
            ]
            self._telling.remind_of_lying(conn, lying, at, rules.categories)

    def _may_wait_until(self, case: Case, since: datetime, rules: Rules) -> datetime:
        if case.urgent:
            return since + self._settings.longest_urgent_wait
        return due(self._settings.longest_wait, since, rules.calendar).at

    def _tell_again(self, conn: Connection, known: Case, report: Report, actor: Actor) -> int:
        report = _as_called(report, self._rulebook.current(conn).categories)
        for order in tickets.what_is_new(known, store.read_events(conn, known), report):
            who = actor if order.action is Action.COMMENT else SYSTEM
            self.act_within(conn, known.id, order, who)
        return known.id

    def _joined(self, conn: Connection, report: Report, rules: Rules) -> int:
        """The id of the case that the report joins. Raises InvalidInput."""
        same = duplicates(
            conn,
            *(report.lon, report.lat),
            category=_category(rules.categories, report).code,
            at=self._clock(),
        )
        into = next((each.id for each in same if each.number == report.joins), None)
        if into is None:
            raise no_duplicate()
        return into

    def _begin(self, conn: Connection, report: Report, actor: Actor, rules: Rules) -> list[Event]:
        at = self._clock()
        category = _category(rules.categories, report)
        require_photos_of_report(report, category)
        # Whoever stands before it can say; a citizen, a telephone and a machine need not.
        is_there = report.source is Source.PATROL
        fields = read_values(category.fields, report.fields, required=is_there)
        filed = self._dispatcher.file(
            conn,
            report.lon,
            report.lat,
            category,
            at,
            about_staff_id=report.about_staff_id,
        )
        if filed.placement.grid_code is None and report.source not in _WITH_THEIR_PLACE:
            self._dispatcher.require_near(conn, report.lon, report.lat)
        origin = report.origin
        case_id, count = store.take_number(conn, day := at.astimezone(self._zone).date())
        reported = Reported(
            number=case_number(day, count),
            source=report.source,
            category=category.code,
            description=report.description,
            urgent=category.urgent if report.urgent is None else report.urgent,
            reporter=report.reporter,
            lon=report.lon,
            lat=report.lat,
            placement=filed.placement,
            external_number=None if origin is None else origin.number,
            external_category=None if origin is None else origin.category,
            external_due_at=None if origin is None else origin.due_at,
            fields=fields,
            asked=asked_in(category.fields, fields),
        )
        told_at = at if origin is None or origin.at is None else min(origin.at, at)
        events = [first_event(case_id, reported, actor, told_at)]
        if report.handled is not None:
            case = fold(events)
            transition = permit(case, Action.SELF_HANDLE, actor, note=report.handled, at=at)
            return [*events, next_event(case, transition, actor, at, note=report.handled)]
        if not report.source.is_public and report.joins is None:
            case = fold(events)
            transition = permit(case, Action.FILE, SYSTEM, note=None, at=at)
            events.append(next_event(case, transition, SYSTEM, at, details=filed))
        return events + self._dispatcher.dispatch_if_owned(conn, fold(events), at, rules.calendar)


def _as_called(report: Report, categories: Categories) -> Report:
    """Of the category that what it is called there is here, where the report says none itself."""
    called = None if report.origin is None else report.origin.category
    if report.category != OTHER or called is None:
        return report
    category = categories.called(called)
    return report if category is None else replace(report, category=category.code)


def _category(categories: Categories, report: Report) -> Category:
    """Nobody is there to choose another one for what a machine reports: it keeps what it was set to."""
    chosen_by_people = report.source in (Source.CITIZEN, Source.HOTLINE, Source.PATROL)
    return (categories.chosen if chosen_by_people else categories.of)(report.category)


def _lock(conn: Connection, case_id: int, order: Order) -> tuple[Case | None, Case | None]:
    """The case, and the other that the order is about: what it goes into, or what it comes out of."""
    other_id = order.into
    if order.action is Action.SPLIT:
        other_id = store.find_merged_into(conn, case_id)
    if other_id is None or other_id == case_id:
        return store.lock_case(conn, case_id), None
    return store.lock_two(conn, case_id, other_id)
