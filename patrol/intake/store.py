"""Tickets that are cases already, and many new cases at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select, text

from data.schema import cases
from data.sql import load_sql
from patrol.cases import store
from patrol.cases.case import Case, Source, State
from patrol.cases.events import Event
from patrol.cases.folding import fold

_SQL = load_sql("patrol.intake", "intake.sql")


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """The case that a ticket is here."""

    id: int
    number: str
    state: State
    version: int
    external_due_at: datetime | None


def find_known(conn: Connection, source: Source, numbers: Collection[str]) -> dict[str, Known]:
    """By the numbers of their tickets."""
    c = cases.c
    rows = conn.execute(
        select(*(c.id, c.number, c.external_number, c.state, c.version, c.external_due_at)).where(
            c.source == source, c.external_number.in_(numbers)
        )
    )
    return {
        row.external_number: Known(
            id=row.id,
            number=row.number,
            state=State(row.state),
            version=row.version,
            external_due_at=row.external_due_at,
        )
        for row in rows
    }


def take_numbers(conn: Connection, day: date, count: int) -> list[tuple[int, int]]:
    """Ids of new cases, each with its number of the day. Take them late, as `take_number` says."""
    rows = conn.execute(text(_SQL["next_numbers"]), {"day": day, "count": count})
    return [(row.id, row.number) for row in rows]


def insert_cases(conn: Connection, histories: Sequence[Sequence[Event]]) -> list[Case]:
    """What these events add up to."""
    found = [fold(events) for events in histories]
    store.insert_cases(conn, found)
    store.insert_events(conn, [event for events in histories for event in events])
    return found
