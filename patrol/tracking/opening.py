"""Opening the transaction that stores fixes: what has to be known first, in one way to the database.

The lock holds positions still, and duty too, for whoever begins or ends a session takes it as well: what
is read here is true until the commit.
"""

from dataclasses import dataclass

import numpy as np
from psycopg import AsyncConnection

from data.sql import load_sql
from patrol.tracking.duty import Asked, Duty, Ids, Times
from patrol.tracking.latest import STORED_POSITION, Positions, no_positions

_SQL = load_sql("patrol.tracking", "fixes.sql")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Opening:
    """`positions` has one for each unit asked about."""

    edition_id: int | None
    positions: Positions
    duty: Duty


async def open_transaction(conn: AsyncConnection, asked: Asked) -> Opening:
    """Begin, and read positions and duty of the units. The connection knows NumPy's columns."""
    units = {"unit_id": asked.unit_id}
    async with (
        conn.pipeline(),
        conn.cursor(binary=True) as of_positions,
        conn.cursor(binary=True) as of_duty,
    ):
        await conn.execute("BEGIN")
        await conn.execute(_SQL["lock_positions"])
        await of_positions.execute(_SQL["read_positions"], units)
        await of_duty.execute(
            _SQL["read_duty"], {**units, "since": asked.since, "until": asked.until}
        )
        found, sessions = await of_positions.fetchone(), await of_duty.fetchone()
    assert found is not None
    assert sessions is not None
    edition_id, *columns = found
    positions = no_positions(asked.unit_id)
    if columns[0] is not None:
        known = np.searchsorted(asked.unit_id, columns[0])
        for name, column in zip(STORED_POSITION, columns, strict=True):
            positions[name][known] = column
    return Opening(edition_id=edition_id, positions=positions, duty=_duty(*sessions))


def _duty(unit_id: Ids | None, began_at: Times | None, ended_at: Times | None) -> Duty:
    if unit_id is None or began_at is None or ended_at is None:
        return Duty.of_nobody()
    return Duty(unit_id=unit_id, began_at=began_at, ended_at=ended_at)
