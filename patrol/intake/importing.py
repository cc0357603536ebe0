"""Making cases of tickets. What was done is committed as it goes, so that it may end at any time and be
run again: a ticket that is a case already makes no other.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from itertools import islice

from sqlalchemy import Connection

from data.database import Database
from data.editions import GridIndex, GridIndexes
from data.scope import Viewer
from gis.errors import InvalidInput, WanggeError
from gis.local_time import LOCAL
from patrol.cases.case import Actor, Placement, Source, State
from patrol.cases.dispatch import NOWHERE, placement_in
from patrol.cases.report import case_number
from patrol.cases.service import CaseService
from patrol.cases.tickets import lock
from patrol.categories.built_in import OTHER
from patrol.categories.store import read_categories
from patrol.intake.history import events_of
from patrol.intake.sheet import Refused
from patrol.intake.store import Known, find_known, insert_cases, take_numbers
from patrol.intake.ticket import Ticket, said_to_be_over

_AT_ONCE = 500


class DueOutcome(StrEnum):
    """What became of the deadline of a ticket that was a case already."""

    MOVED = "moved"  # it is that of the case now
    UNCHANGED = "unchanged"
    CLOSED = "closed"  # another one, and the case is over
    REOPENED = "reopened"  # another one, and the case is due by the term of its category


@dataclass(slots=True)
class Outcome:
    """How many tickets became cases (`kept` of them old ones, as they were), said something new, or
    nothing new; `outside` of the new ones lie in no grid. `unknown` counts the words for categories that
    are not known here. `made` and `said_more` are the numbers of those that an import found new and
    changed, `due` what became of the deadlines of known ones, by number."""

    new: int = 0
    kept: int = 0
    changed: int = 0
    unchanged: int = 0
    outside: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    made: set[str] = field(default_factory=set)
    said_more: set[str] = field(default_factory=set)
    due: dict[str, DueOutcome] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)

    def note_due(
        self, ticket: Ticket, before: Known, *, state: State, due_at: datetime | None
    ) -> None:
        """`state` and `due_at`, the deadline of its ticket, are those of the case now."""
        if ticket.due_at is None:
            return
        if ticket.due_at == before.external_due_at:
            self.due[ticket.number] = DueOutcome.UNCHANGED
        elif ticket.due_at == due_at:
            self.due[ticket.number] = DueOutcome.MOVED
        else:
            kept = DueOutcome.REOPENED if state.is_open else DueOutcome.CLOSED
            self.due[ticket.number] = kept


class Intake:
    """Takes tickets in for an actor who sees everything."""

    def __init__(
        self,
        database: Database,
        grid_indexes: GridIndexes,
        cases: CaseService,
        clock: Callable[[], datetime],
        *,
        zone: tzinfo = LOCAL,
    ) -> None:
        self._database = database
        self._grid_indexes = grid_indexes
        self._cases = cases
        self._clock = clock
        self._zone = zone

    def preview(self, tickets: Sequence[Ticket], actor: Actor, *, history: bool) -> Outcome:
        """What would become of them; those that are known are `unchanged`, whatever they say."""
        outcome = Outcome()
        for batch in _batches(tickets):
            with self._database.begin(actor.viewer) as conn:
                known = _known(conn, batch)
                index = self._grid_indexes.active(conn)
                new = [
                    ticket
                    for ticket in batch
                    if ticket.number not in known
                    and (_is_kept(ticket, history) or self._is_near(conn, ticket, outcome))
                ]
            outcome.new += len(new)
            outcome.unchanged += len(known)
            outcome.kept += sum(_is_kept(ticket, history) for ticket in new)
            _note(outcome, [(ticket, _placement(index, ticket)) for ticket in new])
        return outcome

    def _is_near(self, conn: Connection, ticket: Ticket, outcome: Outcome) -> bool:
        try:
            self._cases.require_near(conn, ticket.report.lon, ticket.report.lat)
        except InvalidInput as error:
            outcome.refused.append(_refused(ticket, error))
            return False
        return True

    def take(
        self,
        tickets: Sequence[Ticket],
        actor: Actor,
        *,
        history: bool,
        progress: Callable[[int], None] = lambda _done: None,
    ) -> Outcome:
        """Open ones are reported, filed and dispatched as any other report; those that are over, and
        with `history` all that are new, are kept as they were. `progress` is told how many more are
        done."""
        outcome = Outcome()
        for batch in _batches(tickets):
            with self._database.begin(actor.viewer) as conn:
                known = _known(conn, batch)
            kept = [
                ticket
                for ticket in batch
                if ticket.number not in known and _is_kept(ticket, history)
            ]
            if kept:
                self._keep(kept, actor.viewer, outcome)
            kept_numbers = {ticket.number for ticket in kept}
            for ticket in batch:
                if ticket.number in kept_numbers:
                    continue
                if history:
                    outcome.unchanged += 1
                else:
                    self._tell(ticket, known.get(ticket.number), actor, outcome)
            progress(len(batch))
        return outcome

    def _keep(self, tickets: Sequence[Ticket], viewer: Viewer, outcome: Outcome) -> None:
        """All of them, or none; but for those that somebody else has made cases of meanwhile."""
        with self._database.begin(viewer) as conn:
            lock(conn, _source(tickets), [ticket.number for ticket in tickets])
            known = _known(conn, tickets)
            index = self._grid_indexes.active(conn)
            placed = [
                (ticket, _placement(index, ticket))
                for ticket in tickets
                if ticket.number not in known
            ]
            outcome.unchanged += len(known)
            if not placed:
                return
            day = self._clock().astimezone(self._zone).date()
            categories = read_categories(conn)
            numbers = take_numbers(conn, day, len(placed))
            histories = [
                events_of(
                    ticket,
                    categories.of(ticket.report.category),
                    case_id=case_id,
                    number=case_number(day, count),
                    placement=placement,
                    told_at=_told_at(ticket),
                )
                for (ticket, placement), (case_id, count) in zip(placed, numbers, strict=True)
            ]
            insert_cases(conn, histories)
        outcome.new += len(placed)
        outcome.kept += len(placed)
        outcome.made |= {ticket.number for ticket, _ in placed}
        _note(outcome, placed)

    def _tell(self, ticket: Ticket, known: Known | None, actor: Actor, outcome: Outcome) -> None:
        report = ticket.report
        if known is not None and ticket.closed_at is not None:
            if not known.state.is_open:
                outcome.unchanged += 1
                outcome.note_due(ticket, known, state=known.state, due_at=known.external_due_at)
                return
            report = said_to_be_over(ticket)
        try:
            case = self._cases.report(report, actor).case
        except WanggeError as error:
            outcome.refused.append(_refused(ticket, error))
            return
        if known is None:
            outcome.new += 1
            outcome.made.add(ticket.number)
            _note(outcome, [(ticket, case.placement)])
            return
        outcome.note_due(ticket, known, state=case.state, due_at=case.external_due_at)
        if case.version != known.version:
            outcome.changed += 1
            outcome.said_more.add(ticket.number)
        else:
            outcome.unchanged += 1


def _refused(ticket: Ticket, error: WanggeError) -> Refused:
    return Refused(row=ticket.row, number=ticket.number, reason=error.message, code=error.code)


def _note(outcome: Outcome, placed: Iterable[tuple[Ticket, Placement]]) -> None:
    for ticket, placement in placed:
        outcome.outside += placement.grid_code is None
        is_unknown = ticket.category_said and ticket.report.category == OTHER
        if is_unknown:
            outcome.unknown[ticket.category_said or ""] += 1


def _is_kept(ticket: Ticket, history: bool) -> bool:
    return history or ticket.closed_at is not None


def _known(conn: Connection, tickets: Sequence[Ticket]) -> dict[str, Known]:
    return find_known(conn, _source(tickets), [ticket.number for ticket in tickets])


def _source(tickets: Sequence[Ticket]) -> Source:
    return tickets[0].report.source


def _placement(index: GridIndex | None, ticket: Ticket) -> Placement:
    if index is None:
        return NOWHERE
    return placement_in(index.edition_id, index.tree, ticket.report.lon, ticket.report.lat)


def _told_at(ticket: Ticket) -> datetime:
    assert ticket.told_at is not None  # `check_ticket`
    return ticket.told_at


def _batches(tickets: Sequence[Ticket]) -> Iterator[Sequence[Ticket]]:
    rest = iter(tickets)
    while batch := [*islice(rest, _AT_ONCE)]:
        yield batch
