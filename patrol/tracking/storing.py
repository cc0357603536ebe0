"""Storing fixes: one transaction for a batch of them and the positions they change.

A fix that is newer than its unit's position cannot be stored yet, so it is copied straight into the
table; only the others, which are re-sent or late, go the slower way that asks for conflicts.

A hot path: statements whose results nobody waits for travel together (pipelines), for with few fixes
the way to the database and back is what a transaction costs.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg import AsyncConnection, Error
from psycopg.errors import DeadlockDetected, UniqueViolation

from data.sql import load_sql
from gis.work_day import touched_days
from patrol.alerts.calls import calls_in, calls_without_place
from patrol.alerts.writing import write_calls
from patrol.tracking.batch import Content
from patrol.tracking.columns import Column, adapt_columns, columns_to_copy
from patrol.tracking.duty import Asked, Duty
from patrol.tracking.grids import ActiveGrids
from patrol.tracking.latest import (
    STORED_POSITION,
    Positions,
    advance,
    recount,
    recount_since,
)
from patrol.tracking.opening import open_transaction
from patrol.tracking.presence import Thresholds
from patrol.tracking.rows import ROW, SOURCE, STORED, Rows

_SQL = load_sql("patrol.tracking", "fixes.sql")
_MOVEMENT = ("unit_id", "at", "lon", "lat", "speed_mps")

_FEW = 40
"""Up to so many rows an INSERT that travels with other statements is cheaper than a COPY."""

Mask = NDArray[np.bool_]


class FixStore:
    """Fixes and positions over a connection of its own, in autocommit mode."""

    def __init__(self, conn: AsyncConnection, grids: ActiveGrids, thresholds: Thresholds) -> None:
        adapt_columns(conn)
        self._conn = conn
        self._grids = grids
        self._thresholds = thresholds
        self._days: set[date] = set()

    async def store(self, asked: Asked, judge: Callable[[Duty], Content]) -> Mask:
        """Store what `judge` makes of the duty that is `asked` about. Returns which of its rows were
        not there yet.

        Their `grid_id` is set here. All or nothing is stored, and positions follow. `judge` may be
        called several times; its last word counts. Raises psycopg's errors.
        """
        try:
            try:
                return await self._store(asked, judge, know_positions=True)
            except (UniqueViolation, DeadlockDetected):
                # Somebody wrote fixes newer than the unit's position past this store: an import.
                return await self._store(asked, judge, know_positions=False)
        except Error:
            self._days.clear()  # a partition may have been dropped
            raise

    async def _store(
        self, asked: Asked, judge: Callable[[Duty], Content], *, know_positions: bool
    ) -> Mask:
        try:
            opening = await open_transaction(self._conn, asked)
            content = judge(opening.duty)
            if days := self._missing_days(content.rows):
                await self._conn.rollback()
                await self._make_partitions(days)
                opening = await open_transaction(self._conn, asked)
                content = judge(opening.duty)
            rows, positions = content.rows, opening.positions
            rows["grid_id"] = await self._grids.grid_ids(
                opening.edition_id, rows["lon"], rows["lat"]
            )
            if know_positions:
                of_unit = np.searchsorted(positions["unit_id"], rows["unit_id"])
                late = rows["at"] <= positions["at"][of_unit]
            else:
                late = np.ones(len(rows), bool)
            new = rows[~late]
            if late.any() or len(new) > _FEW or new["source_crs"].any():
                await self._store_new(new)
                new = new[:0]
            stored = ~late
            stored[late] = await self._insert_missing(rows[late])
            kept, belated = rows[stored], rows[stored & late]
            advanced = await self._advance(positions, kept, belated)
            calls = calls_in(rows[stored & rows["sos"]])
            if content.calls is not None:
                calls += calls_without_place(content.calls, positions)
            if calls:
                await write_calls(
                    self._conn, calls, now=content.now, within_s=self._thresholds.sos_s
                )
            await self._finish(new, advanced, kept, belated, content)
        except BaseException:
            if not self._conn.closed:
                await self._conn.rollback()
            raise
        return stored

    async def _store_new(self, rows: Rows) -> None:
        """Those in WGS-84 by COPY. Those that keep a source are few, and take the wider way."""
        has_source = rows["source_crs"] != 0
        if has_source.any():
            await self._conn.execute(
                _SQL["insert_fixes_with_source"], _fields(rows[has_source], (*STORED, *SOURCE))
            )
            rows = rows[~has_source]
        if len(rows):
            async with self._conn.cursor().copy(_SQL["copy_fixes"]) as copy:
                await copy.write(columns_to_copy([rows[name] for name in STORED]))

    async def _insert_missing(self, rows: Rows) -> Mask:
        """Insert rows that may be there already. Returns which were not."""
        if not len(rows):
            return np.zeros(0, bool)
        columns = await self._read(_SQL["insert_missing_fixes"], _fields(rows, (*STORED, *SOURCE)))
        if columns is None:
            return np.zeros(len(rows), bool)
        inserted = set(zip(*(column.tolist() for column in columns), strict=True))
        keys = zip(rows["unit_id"].tolist(), rows["at"].tolist(), strict=True)
        return np.array([key in inserted for key in keys])

    async def _advance(self, positions: Positions, stored: Rows, belated: Rows) -> Positions:
        """The positions that change, as they are to be."""
        positions = positions[np.isin(positions["unit_id"], stored["unit_id"])]
        if not len(positions):
            return positions
        advanced = advance(positions, stored, self._thresholds)
        again = np.isin(advanced["unit_id"], belated["unit_id"])
        if again.any():
            window = await self._read_movement(
                advanced["unit_id"][again], recount_since(advanced[again], self._thresholds)
            )
            advanced["moved_at"][again] = recount(advanced[again], window, self._thresholds)
        return advanced

    async def _finish(
        self, new: Rows, advanced: Positions, kept: Rows, belated: Rows, content: Content
    ) -> None:
        unit_id, day = touched_days(kept["unit_id"], kept["at"])
        async with self._conn.pipeline():
            if len(new):
                await self._conn.execute(_SQL["insert_fixes"], _fields(new, STORED))
            if len(advanced):
                columns = _fields(advanced, STORED_POSITION)
                columns["recent_at"] = columns["recent_at"].ravel()
                await self._conn.execute(_SQL["upsert_positions"], columns)
            if (calls := content.calls) is not None:
                await self._conn.execute(
                    _SQL["raise_calls"], {"unit_id": calls.unit_id, "at": calls.at}
                )
            if len(day):
                columns = {"unit_id": unit_id, "day": day.astype("M8[us]")}
                await self._conn.execute(_SQL["mark_changed_days"], columns)
            if len(belated):
                late = Asked.about(belated)
                columns = {"unit_id": late.unit_id, "since": late.since, "until": late.until}
                await self._conn.execute(_SQL["note_late_fixes"], columns)
            if (off_duty := content.off_duty) is not None:
                columns = {"unit_id": off_duty.unit_id, "fixes": off_duty.fixes}
                await self._conn.execute(_SQL["count_off_duty"], {"day": off_duty.day, **columns})
            if content.quarantined:
                names = ("unit", "reason", "message", "payload")
                await self._conn.execute(
                    _SQL["quarantine"],
                    {name: [getattr(item, name) for item in content.quarantined] for name in names},
                )
            await self._conn.execute("COMMIT")

    def _missing_days(self, rows: Rows) -> set[date]:
        """Those of the rows' days that may have no partition, with the day after the last: at midnight
        nobody waits."""
        days: set[date] = set(np.unique(rows["at"].astype("M8[D]")).tolist())
        days |= {max(days) + timedelta(days=1)} if days else set()
        return days - self._days

    async def _make_partitions(self, days: set[date]) -> None:
        for day in sorted(days):
            await self._conn.execute("SELECT make_fixes_partition(%s)", [day])
            self._days.add(day)

    async def _read_movement(
        self, unit_ids: NDArray[np.int64], since: NDArray[np.datetime64]
    ) -> Rows:
        """What tells when units were seen moving, in the order of (unit_id, at)."""
        columns = await self._read(_SQL["read_movement"], {"unit_id": unit_ids, "since": since})
        if columns is None:
            return np.empty(0, ROW)
        rows = np.zeros(len(columns[0]), ROW)
        for name, column in zip(_MOVEMENT, columns, strict=True):
            rows[name] = column
        return rows

    async def _read(self, statement: str, parameters: dict[str, Any]) -> Sequence[Column] | None:
        """The one row of columns that the statement gives; None when they are empty."""
        async with self._conn.cursor(binary=True) as cursor:
            await cursor.execute(statement, parameters)
            columns = await cursor.fetchone()
        return None if columns is None or columns[0] is None else columns


def _fields(rows: Rows, names: Sequence[str]) -> dict[str, Column]:
    return {name: rows[name] for name in names}
