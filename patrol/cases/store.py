"""Cases and their events, written and read back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Float, bindparam, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from data.schema import accounts, case_events, case_holds, cases
from data.sql import load_sql
from gis.errors import Conflict
from patrol.cases.actions import Action
from patrol.cases.case import Case, State
from patrol.cases.events import Event
from patrol.cases.rows import CASE_COLUMNS, case_of, event_of, row_of_case, row_of_event

_SQL = load_sql("patrol.cases", "cases.sql")
_TICKET_KEY = "cases_source_external_number_key"

_PLACE = func.ST_MakePoint(bindparam("place_lon", type_=Float), bindparam("place_lat", type_=Float))
_INSERT_CASE = insert(cases).values(geom=func.ST_SetSRID(_PLACE, 4326))


def take_number(conn: Connection, day: date) -> tuple[int, int]:
    """The id of a new case, and how many cases that local day now has. Take it late: it holds up
    every other report until the transaction ends."""
    row = conn.execute(text(_SQL["next_number"]), {"day": day}).one()
    return row.id, row.last


def lock_report(conn: Connection, account_id: int | None, key: str) -> None:
    """Let no other transaction report under the same key until this one ends."""
    lock = func.pg_advisory_xact_lock(func.hashtextextended(f"case report {account_id} {key}", 0))
    conn.execute(select(lock))


@dataclass(frozen=True, kw_only=True, slots=True)
class EarlierReport:
    """The case that a report has made, and the fingerprint of what was said (`patrol.idempotency`)."""

    case_id: int
    number: str
    said: bytes | None


def find_report(conn: Connection, account_id: int | None, key: str) -> EarlierReport | None:
    """What the account has reported under this idempotency key."""
    c = cases.c
    query = select(c.id, c.number, c.said_sha256).where(
        c.reported_by_account_id == account_id, c.idempotency_key == key
    )
    row = conn.execute(query).one_or_none()
    if row is None:
        return None
    return EarlierReport(case_id=row.id, number=row.number, said=row.said_sha256)


def is_near_the_grids(
    conn: Connection, edition_id: int, lon: float, lat: float, within_m: float
) -> bool:
    """Whether a place (WGS-84) is so near to any grid of an edition."""
    place = {"lon": lon, "lat": lat, "edition_id": edition_id, "within_m": within_m}
    return bool(conn.scalar(text(_SQL["is_near_the_grids"]), place))


def lock_case(conn: Connection, case_id: int) -> Case | None:
    """The case, which nobody else can change until the transaction ends."""
    row = conn.execute(select(*CASE_COLUMNS).where(cases.c.id == case_id).with_for_update())
    found = row.mappings().one_or_none()
    return None if found is None else case_of(found)


def lock_open_cases(conn: Connection) -> list[Case]:
    """All open cases, which nobody else can change until the transaction ends."""
    is_open = cases.c.state.in_([state for state in State if state.is_open])
    rows = conn.execute(select(*CASE_COLUMNS).where(is_open).order_by(cases.c.id).with_for_update())
    return [case_of(row) for row in rows.mappings()]


def find_merged_into(conn: Connection, case_id: int) -> int | None:
    """The id of the case that it is a part of now."""
    return conn.scalar(select(cases.c.merged_into).where(cases.c.id == case_id))


def lock_two(conn: Connection, first_id: int, second_id: int) -> tuple[Case | None, Case | None]:
    """Both, the one with the lower id first, so that no two wait for each other."""
    found = {case_id: lock_case(conn, case_id) for case_id in sorted({first_id, second_id})}
    return found[first_id], found[second_id]


def find_held_until(conn: Connection, at: datetime) -> list[int]:
    """The ids of the cases whose hold is over at `at`, the longest over first."""
    c = cases.c
    query = select(c.id).where(c.hold_until <= at).order_by(c.hold_until, c.id)
    return list(conn.scalars(query))


def find_callbacks(conn: Connection) -> list[tuple[int, datetime]]:
    """The ids of the cases that wait for an answer to the callback, and since when."""
    c, e = cases.c, case_events.c
    since = func.max(e.at)
    query = (
        select(c.id, since)
        .join_from(cases, case_events, e.case_id == c.id)
        .where(c.open, c.state == State.CALLBACK, e.to_state == State.CALLBACK)
        .where(e.from_state != State.CALLBACK)
        .group_by(c.id)
        .order_by(since, c.id)
    )
    return [(row.id, row[1]) for row in conn.execute(query)]


def find_waiting(conn: Connection, states: Collection[State]) -> list[tuple[Case, datetime]]:
    """The cases in these open states and since when they are, the longest first; not those that were
    taken over from another system as they were there."""
    c, e = cases.c, case_events.c
    entered = (
        select(e.case_id, func.max(e.at).label("since"))
        .join_from(cases, case_events, e.case_id == c.id)
        .where(c.open, c.state.in_(sorted(states)), e.to_state == c.state)
        .where(e.from_state.is_distinct_from(e.to_state), e.action != Action.IMPORT)
        .group_by(e.case_id)
        .subquery()
    )
    query = select(*CASE_COLUMNS, entered.c.since).join_from(
        cases, entered, entered.c.case_id == c.id
    )
    rows = conn.execute(query.order_by(entered.c.since, c.id)).mappings()
    return [(case_of(row), row["since"]) for row in rows]


def find_handler(conn: Connection, case: Case) -> int | None:
    """Who on the staff did what is to be checked; None for an account of nobody on it."""
    a = accounts.c
    return conn.scalar(select(a.staff_id).where(a.id == case.handled_by_account_id))


def find_due_by(conn: Connection, at: datetime, states: Collection[State]) -> list[Case]:
    """The cases in these open states that are due at `at` or were before."""
    c = cases.c
    query = select(*CASE_COLUMNS).where(c.open, c.due_at <= at, c.state.in_(sorted(states)))
    return [case_of(row) for row in conn.execute(query.order_by(c.due_at, c.id)).mappings()]


def find_provisional(conn: Connection) -> list[Case]:
    """The open cases that are due by a calendar that was not announced when that was worked out."""
    c = cases.c
    query = select(*CASE_COLUMNS).where(c.provisional, c.open).order_by(c.id)
    return [case_of(row) for row in conn.execute(query).mappings()]


def insert_case(conn: Connection, case: Case, *, said: bytes, idempotency_key: str | None) -> None:
    """`said` is the fingerprint of its report. Raises Conflict when its ticket is a case that the
    transaction's viewer does not see."""
    row = {**_new_row(case), "said_sha256": said, "idempotency_key": idempotency_key}
    try:
        conn.execute(_INSERT_CASE, row)
    except IntegrityError as error:
        if case.external_number is not None and _TICKET_KEY in str(error.orig):
            raise Conflict(
                f"Ticket {case.external_number} is a case outside your grids already; ask the dispatch "
                "queue.",
                code="ticket_elsewhere",
            ) from error
        raise


def insert_cases(conn: Connection, new: Sequence[Case]) -> None:
    """Many at once."""
    conn.execute(_INSERT_CASE, [_new_row(case) for case in new])


def _new_row(case: Case) -> dict[str, Any]:
    return {**row_of_case(case), "place_lon": case.lon, "place_lat": case.lat}


def update_cases(conn: Connection, changed: Sequence[Case]) -> None:
    """Many at once: where they lie, whose they are, and their last event."""
    c = cases.c
    columns = (
        *("edition_id", "grid_code", "on_boundary", "snapped_m", "owner_staff_id", "owner_role"),
        *("owner_reason", "tier", "version"),
    )
    statement = (
        update(cases)
        .where(c.id == bindparam("case_id"))
        .values({name: bindparam(f"new_{name}") for name in columns})
    )
    rows = [(case.id, row_of_case(case)) for case in changed]
    conn.execute(
        statement,
        [
            {"case_id": case_id, **{f"new_{name}": row[name] for name in columns}}
            for case_id, row in rows
        ],
    )


def update_case(conn: Connection, case: Case, *, moved: bool = False) -> None:
    """`moved`: its position is another one too."""
    values: dict[str, Any] = row_of_case(case)
    if moved:
        values["geom"] = func.ST_SetSRID(func.ST_MakePoint(case.lon, case.lat), 4326)
    conn.execute(update(cases).where(cases.c.id == case.id).values(**values))


def insert_events(conn: Connection, events: Sequence[Event]) -> None:
    """And when holds began and ended by them. Whoever listens to `cases` is woken up once the
    transaction has committed."""
    rows = orjson.dumps([row_of_event(event) for event in events]).decode()
    conn.execute(text(_SQL["insert_events"]), {"events": rows})
    h = case_holds.c
    for event in events:
        if event.action is Action.GRANT_HOLD:
            began = {"case_id": event.case_id, "seq": event.seq, "began_at": event.at}
            conn.execute(insert(case_holds).values(began))
        elif event.action is Action.RESUME:
            lasting = (h.case_id == event.case_id, h.ended_at.is_(None))
            conn.execute(update(case_holds).where(*lasting).values(ended_at=event.at))


def read_events(conn: Connection, case: Case) -> list[Event]:
    """Those that the case adds up, in their order: not one that was committed after it was read."""
    e = case_events.c
    rows = conn.execute(
        select(case_events).where(e.case_id == case.id, e.seq <= case.version).order_by(e.seq)
    )
    return [event_of(row) for row in rows.mappings()]
