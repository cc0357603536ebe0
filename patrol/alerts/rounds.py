"""A round of the watch: one transaction over some units. Afterwards what is stored is a function of the
fixes that there are, in whatever order they came."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from data.editions import GridIndexes
from data.sql import load_sql
from patrol.alerts.alert import FROM_FIXES, Stored
from patrol.alerts.conditions import Seen
from patrol.alerts.grounds import Grounds, WatchedArea
from patrol.alerts.progress import Outcome, Progress, Span, advance
from patrol.alerts.reconciling import Changes
from patrol.alerts.rules import Rules
from patrol.alerts.shifts import Shifts
from patrol.alerts.silence import Heard, silence_changes
from patrol.alerts.watching import Ground, Memory
from patrol.alerts.writing import read_stored, write
from patrol.tracking.columns import adapt_columns
from patrol.tracking.presence import Thresholds

_SQL = load_sql("patrol.alerts", "alerts.sql")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

Row = Mapping[str, Any]


class Rounds:
    """Works on a connection of its own, in autocommit mode, for one caller at a time."""

    def __init__(
        self,
        conn: AsyncConnection,
        grid_indexes: GridIndexes,
        *,
        rules: Rules,
        thresholds: Thresholds,
    ) -> None:
        adapt_columns(conn)
        self._conn = conn
        self._grounds = Grounds(grid_indexes)
        self._rules = rules
        self._thresholds = thresholds

    async def changed_units(self, after: int) -> Sequence[tuple[int, int]]:
        """The units whose positions have a number above `after`, with that number, in its order."""
        found = await self._conn.execute(_SQL["changed_units"], {"after": after})
        return await found.fetchall()

    async def look_at_fixes(self, unit_ids: Sequence[int], now: datetime) -> None:
        """Raise and end what the fixes of these units say."""
        async with self._conn.transaction():
            await self._conn.execute(_SQL["lock_watch"])
            units = await self._rows("watched_units", {"unit_id": [*unit_ids]})
            progress = [_progress(unit) for unit in units]
            shifts = await self._shifts(units, progress, now)
            seen = await self._seen(
                [window for one in progress for window in one.windows(shifts[one.unit_id])]
            )
            grounds = await self._grounds_of(units)
            outcomes = await asyncio.to_thread(self._advance, progress, shifts, seen, grounds)
            await self._write(outcomes, now)
            await self._save(outcomes)
            late_ids = [late_id for unit in units for late_id in unit["late_ids"] or ()]
            if late_ids:
                await self._conn.execute(_SQL["forget_late"], {"id": late_ids})

    async def look_at_the_clock(self, now: datetime) -> None:
        """Raise and end what only time says: silence, and the end of calls for help."""
        within = {"now": now, "within_s": self._thresholds.sos_s}
        async with self._conn.transaction():
            await self._conn.execute(_SQL["lock_watch"])
            heard = [Heard(**row) for row in await self._rows("heard", {"now": now})]
            changes = silence_changes(heard, now, self._thresholds)
            [over] = await self._rows("calls_over", within)
            if changes or over["any"]:
                await self._conn.execute(_SQL["lock_positions"])
                await self._conn.execute(_SQL["end_calls"], within)
                await write(self._conn, changes, now)
                await self._conn.execute(_SQL["notify"])

    async def close(self) -> None:
        await self._conn.close()

    async def _shifts(
        self, units: Sequence[Row], progress: Sequence[Progress], now: datetime
    ) -> Mapping[int, Shifts]:
        sessions: dict[int, list[tuple[datetime, datetime | None]]] = {
            unit["unit_id"]: [] for unit in units if not unit["always_on_duty"]
        }
        wanted = {
            "unit_id": [one.unit_id for one in progress],
            "since": [one.since for one in progress],
        }
        for row in await self._rows("sessions_since", wanted):
            if row["unit_id"] in sessions:
                sessions[row["unit_id"]].append((row["began_at"], row["ended_at"]))
        return {
            unit["unit_id"]: Shifts(sessions=sessions.get(unit["unit_id"]), now=now)
            for unit in units
        }

    async def _seen(self, windows: Sequence[Span]) -> Mapping[int, Seen]:
        wanted = {
            "unit_id": np.array([unit_id for unit_id, _, _ in windows], np.int64),
            "since": _times(since for _, since, _ in windows),
            "until": _times(until for _, _, until in windows),
        }
        async with self._conn.cursor(binary=True) as cursor:
            await cursor.execute(_SQL["fixes_within"], wanted)
            columns = await cursor.fetchone()
        if columns is None or columns[0] is None:
            return {}
        unit_id, at, lon, lat, accuracy_m, battery_pct = columns
        every = Seen(
            at_us=at.view(np.int64),
            lon=lon,
            lat=lat,
            accuracy_m=np.nan_to_num(accuracy_m.astype(np.float64)),
            battery_pct=battery_pct.astype(np.float64),
        )
        units, begin = np.unique(unit_id, return_index=True)
        ends = [*begin[1:].tolist(), len(unit_id)]
        return {
            unit: every.part(slice(start, end))
            for unit, start, end in zip(units.tolist(), begin.tolist(), ends, strict=True)
        }

    async def _grounds_of(self, units: Sequence[Row]) -> Mapping[int, Ground]:
        areas = [WatchedArea(**row) for row in await self._rows("areas_for_watching", {})]
        edition = await self._rows("active_edition", {})
        homes = {unit["unit_id"]: (unit["grid_code"], unit["role"]) for unit in units}
        edition_id = edition[0]["id"] if edition else None
        return await asyncio.to_thread(self._grounds.of, homes, edition_id, areas)

    def _advance(
        self,
        progress: Sequence[Progress],
        shifts: Mapping[int, Shifts],
        seen: Mapping[int, Seen],
        grounds: Mapping[int, Ground],
    ) -> list[Outcome]:
        nothing = Seen.nothing()
        return [
            advance(
                one,
                shifts[one.unit_id],
                seen.get(one.unit_id, nothing),
                grounds[one.unit_id],
                self._rules,
            )
            for one in progress
        ]

    async def _write(self, outcomes: Sequence[Outcome], now: datetime) -> None:
        spans = [span for outcome in outcomes for span in outcome.spans()]
        if not spans:
            return
        await self._conn.execute(_SQL["lock_positions"])
        stored: dict[int, list[Stored]] = {}
        for alert in await read_stored(self._conn, spans, FROM_FIXES):
            stored.setdefault(alert.episode.unit_id, []).append(alert)
        changes = [outcome.changes(stored.get(outcome.before.unit_id, ())) for outcome in outcomes]
        await write(self._conn, Changes.together(changes), now)

    async def _save(self, outcomes: Sequence[Outcome]) -> None:
        moved = [outcome.after for outcome in outcomes if outcome.after != outcome.before]
        if moved:
            await self._conn.execute(
                _SQL["save_watches"],
                {
                    "unit_id": [after.unit_id for after in moved],
                    "watched_at": [after.watched_at for after in moved],
                    "shift_began_at": [after.shift_began_at for after in moved],
                    "memory": [msgspec.json.encode(after.memory).decode() for after in moved],
                },
            )

    async def _rows(self, name: str, parameters: Row) -> list[dict[str, Any]]:
        async with self._conn.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(_SQL[name], parameters)
            return await cursor.fetchall()


def _progress(unit: Row) -> Progress:
    return Progress(
        unit_id=unit["unit_id"],
        watched_at=unit["watched_at"] or _LONG_AGO,
        shift_began_at=unit["shift_began_at"],
        memory=msgspec.json.decode(unit["memory"] or "{}", type=Memory),
        late_since=unit["late_since"],
        late_until=unit["late_until"],
    )


def _times(times: Iterable[datetime]) -> NDArray[np.datetime64]:
    return np.array([at.astimezone(UTC).replace(tzinfo=None) for at in times], "M8[us]")
