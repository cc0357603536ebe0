"""Who is told of what happens to a case: whoever has something to do about it, and never who did it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from sqlalchemy import Connection

from gis.local_time import local_midnight
from patrol.cases.actions import Action
from patrol.cases.case import Actor, Case
from patrol.cases.categories import category_of
from patrol.cases.dispatch import Dispatcher
from patrol.cases.events import Event
from patrol.notices import Notice, NoticeKind, about_case, tell

_OWNERS: Mapping[Action, NoticeKind] = MappingProxyType(
    {
        Action.PRE_CHECK: NoticeKind.CASE_DISPATCHED,
        Action.DISPATCH: NoticeKind.CASE_DISPATCHED,
        Action.DEESCALATE: NoticeKind.CASE_DISPATCHED,
        Action.RETURN: NoticeKind.CASE_RETURNED,
        Action.ESCALATE: NoticeKind.CASE_ESCALATED,
        Action.REWORK: NoticeKind.CASE_REOPENED,
        Action.URGE: NoticeKind.CASE_URGED,
        Action.SUPERVISE: NoticeKind.CASE_SUPERVISED,
        Action.CLOSE: NoticeKind.CASE_CLOSED,
        Action.GRANT_HOLD: NoticeKind.APPROVAL_DECIDED,
        Action.GRANT_EXTENSION: NoticeKind.APPROVAL_DECIDED,
        Action.GRANT_APPEAL: NoticeKind.APPROVAL_DECIDED,
        Action.REFUSE: NoticeKind.APPROVAL_DECIDED,
    }
)
"""What whoever has the case afterwards is told."""

_CHIEFS: Mapping[Action, NoticeKind] = MappingProxyType(
    {
        Action.HANDLE: NoticeKind.CASE_TO_CHECK,
        Action.ASK_HOLD: NoticeKind.APPROVAL_ASKED,
        Action.ASK_EXTENSION: NoticeKind.APPROVAL_ASKED,
        Action.APPEAL: NoticeKind.APPROVAL_ASKED,
    }
)
"""What the chief of its grid is told."""

DUE_SOON = timedelta(hours=4)
"""How long before it is due somebody is reminded."""

_WITH_ITS_TERM = (Action.DISPATCH, Action.DEESCALATE, Action.URGE, Action.SUPERVISE)


class Telling:
    """Tells in the transaction of what happens."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._dispatcher = dispatcher

    def tell(
        self, conn: Connection, case: Case, events: Iterable[Event], actor: Actor, at: datetime
    ) -> None:
        """Of these events, which add up to the case: the latest that concerns somebody is what they are
        told of."""
        notices: dict[int, Notice] = {}
        for event in events:
            for staff_id, kind in self._whom(conn, case, event, at):
                if staff_id != actor.staff_id:
                    notices[staff_id] = self._notice(conn, case, event, staff_id, kind)
        tell(conn, notices.values(), at)

    def remind(self, conn: Connection, running: Iterable[Case], at: datetime) -> None:
        """Of the cases that are due within DUE_SOON, or were on a day before: the owner, and then the
        chief too. Nobody is told of the same deadline twice."""
        tell(conn, [each for case in running for each in self._reminders(conn, case, at)], at)

    def _reminders(self, conn: Connection, case: Case, at: datetime) -> Iterator[Notice]:
        assert case.due_at is not None
        owner = case.assignment.staff_id if case.assignment else None
        if at < case.due_at:
            whom, kind = {owner}, NoticeKind.CASE_DUE_SOON
        elif local_midnight(at) > case.due_at:
            chief = self._dispatcher.chief_of(conn, case, at)
            whom, kind = {owner, chief}, NoticeKind.CASE_OVERDUE
        else:
            return
        fact = f"due {case.due_at.isoformat()}"
        for staff_id in whom:
            if staff_id is not None:
                yield self._about(conn, case, staff_id, kind, fact=fact, due_at=case.due_at)

    def _whom(
        self, conn: Connection, case: Case, event: Event, at: datetime
    ) -> Iterator[tuple[int, NoticeKind]]:
        owner = case.assignment.staff_id if case.assignment else None
        if event.action in _OWNERS and owner is not None:
            yield owner, _OWNERS[event.action]
        if event.action in _CHIEFS:
            chief = self._dispatcher.chief_of(conn, case, at)
            if chief is not None and chief != owner:
                yield chief, _CHIEFS[event.action]

    def _notice(
        self, conn: Connection, case: Case, event: Event, staff_id: int, kind: NoticeKind
    ) -> Notice:
        asked = case.request if kind is NoticeKind.APPROVAL_ASKED else None
        return self._about(
            conn,
            case,
            staff_id,
            kind,
            fact=f"event {event.seq}",
            due_at=case.due_at if event.action in _WITH_ITS_TERM else None,
            detail=None if asked is None else asked.wish.value,
        )

    def _about(
        self,
        conn: Connection,
        case: Case,
        staff_id: int,
        kind: NoticeKind,
        *,
        fact: str,
        due_at: datetime | None,
        detail: str | None = None,
    ) -> Notice:
        category = category_of(case.category)
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
