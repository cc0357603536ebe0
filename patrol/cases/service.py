"""What can be done with cases. A method is one transaction; what it changes is announced once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from types import MappingProxyType

from sqlalchemy import Connection

from data.database import Database
from data.editions import GridIndexes
from data.scope import Scope
from gis.errors import InvalidInput, NotFound
from gis.local_time import LOCAL
from patrol.cases import store
from patrol.cases.actions import Action, ActionNotAllowed
from patrol.cases.case import RUNNING, SYSTEM, Actor, Case, State
from patrol.cases.categories import category_of
from patrol.cases.consequences import Step, Steps
from patrol.cases.details import Reported
from patrol.cases.dispatch import Dispatcher
from patrol.cases.duplicates import Duplicate, duplicates
from patrol.cases.events import Event, first_event, next_event
from patrol.cases.folding import fold
from patrol.cases.listing import Bookmark, CaseEntry, CaseFilter, list_entries, read_entry
from patrol.cases.nearest import NearUnit, nearest_units
from patrol.cases.order import Order
from patrol.cases.report import NOTE_LIMIT, Report, case_number, read_text
from patrol.cases.telling import DUE_SOON, Telling
from patrol.cases.terms import Terms
from patrol.cases.workflow import allowed_actions, permit
from patrol.clocks.store import WorkCalendars
from patrol.photos.photo import Photo, PhotoRole
from patrol.photos.service import attach, of_case

Clock = Callable[[], datetime]
KEY_LIMIT = 200

_PHOTOS: Mapping[Action, PhotoRole] = MappingProxyType(
    {
        Action.VERIFY: PhotoRole.CHECK,
        Action.HANDLE: PhotoRole.AFTER,
        Action.SELF_HANDLE: PhotoRole.AFTER,
        Action.CHECK: PhotoRole.CHECK,
        Action.REWORK: PhotoRole.CHECK,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CasePage:
    """`next` is None on the last page."""

    entries: list[CaseEntry]
    next: Bookmark | None


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseFile:
    """A case with everything that happened to it, its photos, the units on duty that are near it, and,
    before it is filed, other reports that may be of the same."""

    entry: CaseEntry
    events: list[Event]
    nearest: list[NearUnit]
    duplicates: list[Duplicate]
    photos: list[Photo]


class CaseService:
    """`clock` gives the time with a zone; a case's number carries the day that it is in `zone`."""

    def __init__(
        self,
        database: Database,
        grid_indexes: GridIndexes,
        clock: Clock,
        *,
        zone: tzinfo = LOCAL,
        calendars: WorkCalendars | None = None,
    ) -> None:
        self._database = database
        terms = Terms(calendars)
        self._dispatcher = Dispatcher(grid_indexes, terms)
        self._steps = Steps(self._dispatcher, terms)
        self._telling = Telling(self._dispatcher)
        self._clock = clock
        self._zone = zone

    def report(
        self, report: Report, actor: Actor, *, idempotency_key: str | None = None
    ) -> CaseEntry:
        """A new case, filed and dispatched to its owner at once unless its source is public.

        The same report again under the same key gives the case it gave before. Raises InvalidInput
        when the key was used for another report.
        """
        key = read_text(idempotency_key, field="Idempotency-Key", limit=KEY_LIMIT)
        with self._database.begin(actor.viewer) as conn:
            if key is not None:
                store.lock_report(conn, actor.account_id, key)
                earlier_id = store.find_report(conn, actor.account_id, key)
                if earlier_id is not None:
                    return _repeated(conn, earlier_id, report)
            return _entry(conn, self.report_within(conn, report, actor, idempotency_key=key))

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
        events = self._begin(conn, report, actor)
        case = fold(events)
        store.insert_case(conn, case, idempotency_key=idempotency_key)
        store.insert_events(conn, events)
        first = PhotoRole.REPORT if report.handled is None else PhotoRole.BEFORE
        for seq, (photos, role) in enumerate(
            ((report.photos, first), (report.photos_after, PhotoRole.AFTER)), start=1
        ):
            attach(conn, photos, case_id=case.id, seq=seq, role=role, account_id=actor.account_id)
        store.notify(conn, case)
        self._telling.tell(conn, case, events, actor, case.reported_at)
        return case.id

    def act(self, case_id: int, order: Order, actor: Actor) -> CaseEntry:
        """Do what is ordered. Of several at once exactly one is first; the others meet the new state.

        Raises NotFound, ActionNotAllowed (which has the state), NotPermitted, InvalidInput.
        """
        with self._database.begin(actor.viewer) as conn:
            return _entry(conn, self.act_within(conn, case_id, order, actor))

    def act_within(self, conn: Connection, case_id: int, order: Order, actor: Actor) -> int:
        """The same inside a transaction of the caller's, which is the actor's. Returns the case's id."""
        note = read_text(order.note, field="note", limit=NOTE_LIMIT)
        order.check()
        case, other = _lock(conn, case_id, order)
        if case is None or not case.is_visible_to(actor):
            raise _no_such_case(case_id)
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
        step = Step(case=case, other=other, order=order, actor=actor, at=at, note=note)
        for changed, events in self._steps.take(conn, step):
            case = fold(events, onto=changed)
            store.update_case(conn, case)
            store.insert_events(conn, events)
            store.notify(conn, case)
            self._telling.tell(conn, case, events, actor, at)
        return case_id

    def remind(self) -> None:
        """Tell whom it concerns of what is due soon or overdue; each of the same only once."""
        at = self._clock()
        with self._database.begin(SYSTEM.viewer) as conn:
            self._telling.remind(conn, store.find_due_by(conn, at + DUE_SOON, RUNNING), at)

    def actions(self, case: Case, actor: Actor) -> tuple[Action, ...]:
        """What the actor may do to the case now."""
        return allowed_actions(case, actor, self._clock())

    def find(
        self, wanted: CaseFilter, actor: Actor, *, after: Bookmark | None = None, count: int = 50
    ) -> CasePage:
        """One page of what is wanted and the actor may see, the newest report first."""
        with self._database.begin(actor.viewer) as conn:
            entries = list_entries(conn, wanted, actor, after=after, count=count + 1)
        page = entries[:count]
        if len(entries) == len(page):
            return CasePage(entries=page, next=None)
        last = page[-1].case
        return CasePage(entries=page, next=Bookmark(reported_at=last.reported_at, id=last.id))

    def read(self, case_id: int, actor: Actor, *, positions_in: Scope | None) -> CaseFile:
        """Everything about a case. The nearest units are shown while it is open, as far as the
        actor may see positions: in `positions_in`, or not at all. Raises NotFound."""
        with self._database.begin(actor.viewer) as conn:
            entry = _entry(conn, case_id, actor)
            case = entry.case
            near = []
            if case.state.is_open and positions_in is not None:
                near = nearest_units(conn, case.lon, case.lat, self._clock(), positions_in)
            same = []
            if case.state is State.REPORTED:
                same = duplicates(
                    conn,
                    case.lon,
                    case.lat,
                    category=case.category,
                    at=case.reported_at,
                    but_not=case.id,
                )
            events = store.read_events(conn, case)
            return CaseFile(
                entry=entry,
                events=events,
                nearest=near,
                duplicates=same,
                photos=of_case(conn, case.id),
            )

    def same(self, lon: float, lat: float, category: str, actor: Actor) -> list[Duplicate]:
        """Open cases that a report from here may be about too, as far as the actor sees them."""
        code = category_of(category).code
        with self._database.begin(actor.viewer) as conn:
            return duplicates(conn, lon, lat, category=code, at=self._clock())

    def _begin(self, conn: Connection, report: Report, actor: Actor) -> list[Event]:
        at = self._clock()
        filed = self._dispatcher.file(
            conn,
            report.lon,
            report.lat,
            report.category.term,
            at,
            about_staff_id=report.about_staff_id,
        )
        case_id, count = store.take_number(conn, day := at.astimezone(self._zone).date())
        reported = Reported(
            number=case_number(day, count),
            source=report.source,
            category=report.category.code,
            description=report.description,
            urgent=report.urgent,
            reporter=report.reporter,
            lon=report.lon,
            lat=report.lat,
            placement=filed.placement,
        )
        events = [first_event(case_id, reported, actor, at)]
        if report.handled is not None:
            case = fold(events)
            transition = permit(case, Action.SELF_HANDLE, actor, note=report.handled, at=at)
            return [*events, next_event(case, transition, actor, at, note=report.handled)]
        if not report.source.is_public:
            case = fold(events)
            transition = permit(case, Action.FILE, SYSTEM, note=None, at=at)
            events.append(next_event(case, transition, SYSTEM, at, details=filed))
        return events + self._dispatcher.dispatch_if_owned(conn, fold(events), at)


def _lock(conn: Connection, case_id: int, order: Order) -> tuple[Case | None, Case | None]:
    """The case, and the other that the order is about: what it goes into, or what it comes out of."""
    other_id = order.into
    if order.action is Action.SPLIT:
        other_id = store.find_merged_into(conn, case_id)
    if other_id is None or other_id == case_id:
        return store.lock_case(conn, case_id), None
    return store.lock_two(conn, case_id, other_id)


def _entry(conn: Connection, case_id: int, actor: Actor = SYSTEM) -> CaseEntry:
    """Raises NotFound when the actor may not see it either: its number is nobody's business."""
    entry = read_entry(conn, case_id)
    if entry is None or not entry.case.is_visible_to(actor):
        raise _no_such_case(case_id)
    return entry


def _no_such_case(case_id: int) -> NotFound:
    return NotFound(f"There is no case {case_id} in your grids.", field="id")


def _repeated(conn: Connection, case_id: int, report: Report) -> CaseEntry:
    entry = _entry(conn, case_id)
    case = entry.case
    if (case.lon, case.lat, case.description) != (report.lon, report.lat, report.description):
        raise InvalidInput(
            f"This Idempotency-Key was used for case {case.number} already; take a new key for "
            "another report.",
            field="Idempotency-Key",
            code="idempotency_key_reused",
        )
    return entry
