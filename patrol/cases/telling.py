"""Who is told of what happens to a case: whoever has something to do about it, and never who did it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from gis.local_time import local_midnight
from patrol.cases import store
from patrol.cases.actions import Action
from patrol.cases.case import Actor, Case, State
from patrol.cases.concerns import Audience, Change, Concern, concerns
from patrol.cases.dispatch import Dispatcher
from patrol.categories.tree import Categories
from patrol.notices import Notice, NoticeKind, about_case, tell

_WITH_ITS_TERM = frozenset(
    {
        *(Action.DISPATCH, Action.DEESCALATE, Action.CORRECT, Action.URGE, Action.SUPERVISE),
        Action.RESCHEDULE,
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lying:
    """A case on which nobody acts: in its state `since`, where it might have been `until`."""

    case: Case
    since: datetime
    until: datetime


class Telling:
    """Tells in the transaction of what happens."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    def tell(
        self,
        conn: Connection,
        change: Change,
        actor: Actor,
        at: datetime,
        *,
        categories: Categories,
    ) -> None:
        """The last of it that concerns somebody is what they are told of."""
        notices: dict[int, Notice] = {}
        for concern in concerns(change):
            for staff_id in self._whom(conn, change, concern.audience, actor, at):
                notices[staff_id] = self._notice(
                    conn, change.after, concern, staff_id, categories=categories
                )
        tell(conn, notices.values(), at)

    def remind(
        self, conn: Connection, running: Iterable[Case], at: datetime, categories: Categories
    ) -> None:
        """Of these cases, which are due soon or were on a day before: the owner, or the desk where
        there is none, and then the chief too. Nobody is told of the same deadline twice."""
        soon, overdue = [], []
        for case in running:
            if case.due_at is None:
                continue
            if at < case.due_at:
                soon.append(case)
            elif local_midnight(at) > case.due_at:
                overdue.append(case)
        chiefs = self._dispatcher.chiefs_of(conn, overdue, at)
        told = [
            *((case, NoticeKind.CASE_DUE_SOON, self._holders(conn, case, at)) for case in soon),
            *(
                (case, NoticeKind.CASE_OVERDUE, self._holders(conn, case, at) | _known(chief))
                for case, chief in zip(overdue, chiefs, strict=True)
            ),
        ]
        tell(
            conn,
            [
                self._about(
                    *(conn, case, staff_id, kind),
                    categories=categories,
                    fact=_deadline(case),
                    due_at=case.due_at,
                )
                for case, kind, whom in told
                for staff_id in whom
            ],
            at,
        )

    def remind_of_lying(
        self, conn: Connection, lying: Sequence[Lying], at: datetime, categories: Categories
    ) -> None:
        """The desk, and whoever is to act; on the day after the chief too, and all of them once more. Of
        a check those who may do it, and on the day after the desk too."""
        chiefs = self._dispatcher.chiefs_of(conn, [each.case for each in lying], at)
        notices = []
        for each, chief in zip(lying, chiefs, strict=True):
            case, is_next_day = each.case, local_midnight(at) > each.until
            desk = self._desk(conn, case, at)
            if case.state is State.POST_CHECK:
                but_not = {case.owner_id, store.find_handler(conn, case)}
                whom = self._checkers(conn, case, at, but_not)
                whom |= desk - but_not if is_next_day else set()
            else:
                whom = desk | _known(case.owner_id) | (_known(chief) if is_next_day else set())
            fact = f"since {each.since.isoformat()}{', a day later' if is_next_day else ''}"
            for staff_id in whom:
                notices.append(
                    self._about(
                        *(conn, case, staff_id, NoticeKind.CASE_WAITING),
                        categories=categories,
                        fact=fact,
                        due_at=None,
                        detail=case.state.value,
                    )
                )
        tell(conn, notices, at)

    def _whom(
        self, conn: Connection, change: Change, audience: Audience, actor: Actor, at: datetime
    ) -> set[int]:
        """Never who did it: they may not decide or check either."""
        case, but_not = change.after, {actor.staff_id}
        if audience is Audience.FORMER:
            return _known(change.former_id) - but_not
        if audience is Audience.OWNER:
            return _known(case.owner_id) - but_not
        if audience is Audience.DESK:
            return self._desk(conn, case, at) - but_not
        but_not.add(case.owner_id)
        if audience is Audience.CHECKERS:
            return self._checkers(conn, case, at, but_not)
        return self._deciders(conn, case, at, but_not)

    def _checkers(
        self, conn: Connection, case: Case, at: datetime, but_not: set[int | None]
    ) -> set[int]:
        inspectors = self._dispatcher.inspectors_of(conn, case, at) - but_not
        return self._deciders(conn, case, at, but_not) | inspectors

    def _deciders(
        self, conn: Connection, case: Case, at: datetime, but_not: set[int | None]
    ) -> set[int]:
        """The chief; where that is one of `but_not`, and of what nobody owns, the desk."""
        whom = _known(self._dispatcher.chief_of(conn, case, at)) - but_not
        if not whom or case.owner_id is None:
            whom |= self._desk(conn, case, at) - but_not
        return whom

    def _holders(self, conn: Connection, case: Case, at: datetime) -> set[int]:
        return _known(case.owner_id) or self._desk(conn, case, at)

    def _desk(self, conn: Connection, case: Case, at: datetime) -> set[int]:
        """Where nobody dispatches, the chief does."""
        desk = {*self._dispatcher.dispatchers_of(conn, case, at)}
        return desk or _known(self._dispatcher.chief_of(conn, case, at))

    def _notice(
        self,
        conn: Connection,
        case: Case,
        concern: Concern,
        staff_id: int,
        *,
        categories: Categories,
    ) -> Notice:
        event = concern.event
        return self._about(
            *(conn, case, staff_id, concern.kind),
            categories=categories,
            fact=f"event {event.seq}",
            due_at=case.due_at if event.action in _WITH_ITS_TERM else None,
            detail=concern.detail,
        )

    def _about(
        self,
        conn: Connection,
        case: Case,
        staff_id: int,
        kind: NoticeKind,
        *,
        categories: Categories,
        fact: str,
        due_at: datetime | None,
        detail: str | None = None,
    ) -> Notice:
        category = categories.of(case.category)
        return about_case(
            kind,
            staff_id=staff_id,
            case_id=case.id,
            number=case.number,
            what={"zh": category.title_zh, "en": category.title_en},
            fact=fact,
            grid=self._dispatcher.grid_name(conn, case),
            due_at=due_at,
            detail=detail,
            urgent=case.urgent,
        )


def _known(staff_id: int | None) -> set[int]:
    return set() if staff_id is None else {staff_id}


def _deadline(case: Case) -> str:
    """The fact of one reminder: another deadline is another."""
    assert case.due_at is not None
    return f"due {case.due_at.isoformat()}"
