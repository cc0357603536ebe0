"""Positions: where each unit was last, and what state that says it is in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from data.scope import Viewer
from data.sql import load_sql
from patrol.duty.ownership import units_on_duty
from patrol.tracking.presence import State, Thresholds, state_of

_SQL = load_sql("patrol.tracking", "positions.sql")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Position:
    """A unit and its latest fix, in WGS-84. `state` is that of the moment it was read; a unit on duty is
    stale and offline once its fix is older than so many seconds.

    `home_code` is the grid the unit belongs to, `grid_code` the one it was in. Each reading is an
    object of its own, equal to itself only, so that what is made of it can be remembered cheaply.
    """

    unit_id: int
    unit: str
    name: str
    role: str
    kind: str
    staff_id: int | None
    home_code: str | None
    at: datetime
    lon: float
    lat: float
    accuracy_m: float | None
    speed_mps: float | None
    heading_deg: float | None
    altitude_m: float | None
    battery_pct: float | None
    grid_code: str | None
    grid_name: str | None
    state: State
    stale_after_s: float
    offline_after_s: float
    seq: int


def read_positions(
    conn: Connection, now: datetime, thresholds: Thresholds, *, after: int = 0
) -> list[Position]:
    """The positions whose number is above `after`, by the unit's code."""
    rows = conn.execute(text(_SQL["positions_after"]), {"after": after}).mappings().all()
    on_duty = units_on_duty(conn, now, [row["unit_id"] for row in rows])
    positions = []
    for row in rows:
        values = dict(row)
        interval_s = values.pop("interval_s")
        state = state_of(
            at=values["at"],
            moved_at=values.pop("moved_at"),
            sos_at=values.pop("sos_at"),
            on_duty=values["unit_id"] in on_duty,
            now=now,
            thresholds=thresholds,
            interval_s=interval_s,
        )
        position = Position(
            **values,
            state=state,
            stale_after_s=thresholds.stale_after_s(interval_s),
            offline_after_s=thresholds.offline_after_s(interval_s),
        )
        positions.append(position)
    return positions


def seen_by(viewer: Viewer, positions: Iterable[Position]) -> list[Position]:
    """Those of units that `viewer` sees."""
    if viewer.sees_everybody:
        return list(positions)  # a thousand positions for each of a hundred viewers
    return [
        position
        for position in positions
        if viewer.sees(staff_id=position.staff_id, grid_code=position.home_code)
    ]


def lock_positions(conn: Connection) -> None:
    """Let nobody else change positions or duty until the transaction ends; see `fixes.sql`."""
    conn.execute(text(_SQL["lock_positions"]))


def announce(conn: Connection) -> int:
    """Wake up whoever watches, once the transaction has committed. Returns the number for what changes;
    the lock of positions is held."""
    return int(conn.execute(text(_SQL["announce"])).scalar_one())


def touch_position(conn: Connection, unit_id: int) -> None:
    """Send the unit's position to viewers again: something else about it has changed."""
    lock_positions(conn)
    conn.execute(text(_SQL["touch_position"]), {"unit_id": unit_id})
