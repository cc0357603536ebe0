"""What people without an account can do: report, see how far it has come, and answer.

Reporting is the system's work, for there is no case yet. Whatever comes after is done as a viewer who
sees the one case that their code belongs to, what it became a part of, and nothing else.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from data.database import Database
from data.scope import Viewer
from gis.errors import NotFound, NotPermitted
from patrol.cases.case import CITIZEN, SYSTEM, Actor, Case, State
from patrol.cases.duplicates import Duplicate, no_duplicate
from patrol.cases.listing import read_entry
from patrol.cases.order import Order
from patrol.cases.photo_needs import require_photo_of_what_is_seen
from patrol.cases.reader import CaseReader
from patrol.cases.report import Report
from patrol.cases.service import CaseService
from patrol.cases.store import read_events
from patrol.cases.workflow import allowed_actions
from patrol.categories.field import read_values
from patrol.categories.tree import Categories
from patrol.citizens import store
from patrol.citizens.codes import FollowCodes, hash_code, hash_key, read_code
from patrol.citizens.progress import (
    CITIZENS_ACTIONS,
    Picture,
    Progress,
    answers_of,
    pictures_of,
    steps_of,
)
from patrol.idempotency import fingerprint, read_key, require_the_same
from patrol.photos.service import of_case

SHORTEST_KEY = 16
"""Of a sender's own word for a report. It stands for the code, should the answer be lost."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """`code` is shown here and never again. `joined` is the number of the case that the report became a
    part of."""

    number: str
    code: str
    state: State
    reported_at: datetime
    joined: str | None


class Citizens:
    """`clock` gives the time with a zone."""

    def __init__(
        self,
        database: Database,
        cases: CaseService,
        reader: CaseReader,
        clock: Callable[[], datetime],
        *,
        secret_key: bytes,
    ) -> None:
        self._database = database
        self._cases = cases
        self._reader = reader
        self._clock = clock
        self._codes = FollowCodes(secret_key)

    def report(self, report: Report, *, key: str | None = None) -> Receipt:
        """A new case that waits to be looked at, or becomes a part of the one that it joins.

        The same report again under the same key gives the same receipt. Raises InvalidInput for a place
        that is too far away, for a field or a photo that its category needs, for what is no duplicate,
        and when the key was used for another report.
        """
        key = read_key(key, shortest=SHORTEST_KEY)
        with self._database.begin(Viewer.everything()) as conn:
            key_hash = None if key is None else hash_key(key)
            if key is not None and key_hash is not None:
                store.lock_key(conn, key_hash)
                earlier = store.find_by_key(conn, key_hash)
                if earlier is not None:
                    return self._again(conn, earlier, report, key)
            _require_what_is_asked(self._reader.categories_within(conn), report)
            case_id = self._cases.report_within(conn, report, CITIZEN)
            case = _case(conn, case_id)
            code = self._codes.make(case.number, key)
            store.insert_report(conn, case_id, hash_code(case.number, code), key_hash)
            return _receipt(conn, case_id, code)

    def near(self, lon: float, lat: float, category: str) -> list[Duplicate]:
        """Open cases that a report from here may be about too, but for what is about people."""
        if self._reader.categories().of(category).is_about_people:
            return []
        return self._reader.same(lon, lat, category, SYSTEM)

    def follow(self, number: str, code: str) -> int | None:
        """The id of the case with this number, if this is its code. None for a number that there is not,
        too, after the same work."""
        with self._database.begin(Viewer.everything()) as conn:
            found = store.find_by_number(conn, number.strip().upper())
        given = hash_code("" if found is None else found.number, read_code(code) or "")
        expected = bytes(len(given)) if found is None else found.code_hash
        is_right = hmac.compare_digest(given, expected)
        return found.case_id if found is not None and is_right else None

    def progress(self, case_id: int) -> Progress:
        """Of the case that somebody follows."""
        with self._database.begin(_follower(case_id).viewer) as conn:
            return self._progress(conn, case_id)

    def act(self, case_id: int, order: Order) -> Progress:
        """Urge, comment or rate. What is part of another case is answered there.

        Raises ActionNotAllowed, NotPermitted, InvalidInput.
        """
        if order.action not in CITIZENS_ACTIONS:
            raise NotPermitted(
                f"Whoever reported a case may not {order.action} it; they may "
                f"{', '.join(CITIZENS_ACTIONS)}."
            )
        viewer = replace(_follower(case_id).viewer, holds=frozenset(order.photos))
        with self._database.begin(viewer) as conn:
            dealt_with = _dealt_with(conn, _case(conn, case_id))
            self._cases.act_within(conn, dealt_with.id, order, _follower(dealt_with.id))
            return self._progress(conn, case_id)

    def picture(self, case_id: int, photo_id: UUID) -> Picture:
        """A photo of the case that somebody follows. Raises NotFound."""
        for picture in self.progress(case_id).pictures:
            if picture.photo.id == photo_id:
                return picture
        raise NotFound(f"There is no photo {photo_id} of this report.", field="id")

    def _progress(self, conn: Connection, case_id: int) -> Progress:
        own = _case(conn, case_id)
        dealt_with = _dealt_with(conn, own)
        events = read_events(conn, own)
        steps = steps_of(events, own=True)
        pictures = pictures_of(of_case(conn, own.id), events, own=True)
        if dealt_with.id != own.id:
            theirs = read_events(conn, dealt_with)
            steps += steps_of(theirs, own=False)
            pictures += pictures_of(of_case(conn, dealt_with.id), theirs, own=False)
        at = self._clock()
        allowed = allowed_actions(dealt_with, _follower(dealt_with.id), at)
        return Progress(
            own=own,
            answers=answers_of(events),
            state=dealt_with.state,
            joined=None if dealt_with.id == own.id else dealt_with.number,
            closed_at=dealt_with.closed_at,
            rating=dealt_with.rating if dealt_with.id == own.id else None,
            steps=tuple(sorted(steps, key=lambda step: step.at)),
            pictures=tuple(pictures),
            actions=tuple(action for action in allowed if action in CITIZENS_ACTIONS),
        )

    def _again(
        self, conn: Connection, earlier: store.Followed, report: Report, key: str
    ) -> Receipt:
        what = "another report"
        require_the_same(earlier.said, fingerprint(report), what=what)
        code = self._codes.make(earlier.number, key)
        # With another secret of the installation there is no saying the code again.
        require_the_same(earlier.code_hash, hash_code(earlier.number, code), what=what)
        return _receipt(conn, earlier.case_id, code)


def _require_what_is_asked(categories: Categories, report: Report) -> None:
    """A citizen stands before it, as a patroller does, and joins no matter between people."""
    category = categories.chosen(report.category)
    if report.joins is not None and category.is_about_people:
        raise no_duplicate()
    require_photo_of_what_is_seen(report, category)
    read_values(category.fields, report.fields, required=True)


def _follower(case_id: int) -> Actor:
    return replace(CITIZEN, follows=case_id)


def _case(conn: Connection, case_id: int) -> Case:
    entry = read_entry(conn, case_id)
    if entry is None:
        raise NotFound("There is no such report.")
    return entry.case


def _dealt_with(conn: Connection, case: Case) -> Case:
    """The case itself, or the one that it became a part of."""
    while case.state is State.MERGED and case.merged_into is not None:
        case = _case(conn, case.merged_into)
    return case


def _receipt(conn: Connection, case_id: int, code: str) -> Receipt:
    case = _case(conn, case_id)
    dealt_with = _dealt_with(conn, case)
    return Receipt(
        number=case.number,
        code=code,
        state=dealt_with.state,
        reported_at=case.reported_at,
        joined=None if dealt_with.id == case.id else dealt_with.number,
    )
