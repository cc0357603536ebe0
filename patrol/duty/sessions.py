"""Duty sessions: when a unit was on shift, from `began_at` to before `ended_at`.

Those of a unit do not overlap, and at most one is open. Whoever changes them holds the lock of
positions. The recorder reads them under it: from the commit on, what has ended has ended.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from data.schema import duty_sessions, units
from gis.errors import Conflict
from patrol.tracking.positions import lock_positions, touch_position


@dataclass(frozen=True, kw_only=True, slots=True)
class DutySession:
    """One shift. `ended_at` is None while it lasts."""

    unit_id: int
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Presence:
    """A time on duty, with whatever unit. `until` is None while it lasts."""

    since: datetime
    until: datetime | None


def begin_duty(conn: Connection, unit_id: int, at: datetime) -> DutySession:
    """The open session of the unit: the one that is open already, or a new one from `at` on."""
    lock_positions(conn)
    conn.execute(
        insert(duty_sessions).values(unit_id=unit_id, began_at=at).on_conflict_do_nothing()
    )
    session = open_session(conn, unit_id)
    assert session is not None
    touch_position(conn, unit_id)
    return session


def end_duty(conn: Connection, unit_id: int, at: datetime) -> DutySession | None:
    """End the open session at `at` and return it; None when there is none.

    Raises Conflict when it began after `at`.
    """
    lock_positions(conn)
    session = open_session(conn, unit_id)
    if session is None:
        return None
    if at < session.began_at:
        raise Conflict(
            f"The duty session began at {session.began_at.isoformat()}; it cannot end before that."
        )
    conn.execute(
        update(duty_sessions)
        .where(duty_sessions.c.unit_id == unit_id, duty_sessions.c.ended_at.is_(None))
        .values(ended_at=at)
    )
    touch_position(conn, unit_id)
    return DutySession(unit_id=unit_id, began_at=session.began_at, ended_at=at)


def open_session(conn: Connection, unit_id: int) -> DutySession | None:
    """The session that has begun and not ended."""
    row = conn.execute(
        select(duty_sessions.c.unit_id, duty_sessions.c.began_at, duty_sessions.c.ended_at).where(
            duty_sessions.c.unit_id == unit_id, duty_sessions.c.ended_at.is_(None)
        )
    ).one_or_none()
    return None if row is None else DutySession(**row._mapping)


def presence_of(
    conn: Connection, staff_ids: Iterable[int], since: datetime, until: datetime
) -> Mapping[int, Sequence[Presence]]:
    """By staff number, when these people were on duty, as far as it touches a period: the sessions of
    what they carry now, the earlier first."""
    d = duty_sessions.c
    rows = conn.execute(
        select(units.c.staff_id, d.began_at, d.ended_at)
        .join_from(units, duty_sessions, d.unit_id == units.c.id)
        .where(
            units.c.staff_id.in_(staff_ids),
            d.began_at < until,
            or_(d.ended_at.is_(None), d.ended_at > since),
        )
        .order_by(d.began_at)
    )
    found: dict[int, list[Presence]] = defaultdict(list)
    for row in rows:
        found[row.staff_id].append(Presence(since=row.began_at, until=row.ended_at))
    return found
