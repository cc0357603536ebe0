"""Duty as fixes are judged by it: one from outside a duty session is counted, and not kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ARRAY, BigInteger, Connection, any_, literal, select

from data.schema import off_duty_fixes
from patrol.tracking.rows import Rows

Ids = NDArray[np.int64]
Times = NDArray[np.datetime64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Asked:
    """From when to when the duty of each unit matters, one for a unit, in the order of `unit_id`."""

    unit_id: Ids
    since: Times
    until: Times

    @classmethod
    def about(cls, rows: Rows) -> Self:
        """The times of rows that are in the order of (unit_id, at)."""
        unit_id, first = np.unique(rows["unit_id"], return_index=True)
        end = np.append(first, len(rows))[1:]
        return cls(unit_id=unit_id, since=rows["at"][first], until=rows["at"][end - 1])


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Duty:
    """Duty sessions as columns, in the order of (unit_id, began_at). Those of a unit do not overlap.

    A session covers the times from `began_at` to before `ended_at`.
    """

    unit_id: Ids
    began_at: Times
    ended_at: Times

    @classmethod
    def of_nobody(cls) -> Self:
        no_times = np.empty(0, "M8[us]")
        return cls(unit_id=np.empty(0, np.int64), began_at=no_times, ended_at=no_times)

    def covers(self, unit_id: Ids, at: Times) -> NDArray[np.bool_]:
        """Whether each unit was on duty at each time."""
        if not len(self.unit_id):
            return np.zeros(len(unit_id), bool)
        keys = _keys(self.unit_id, self.began_at)
        # -1, before the first of all, is the last of all, which began later.
        last_begun = np.searchsorted(keys, _keys(unit_id, at), side="right") - 1
        on_duty: NDArray[np.bool_] = (
            (self.unit_id[last_begun] == unit_id)
            & (self.began_at[last_begun] <= at)
            & (at < self.ended_at[last_begun])
        )
        return on_duty


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class OffDuty:
    """How many fixes of each unit were refused on a `day` (UTC, the server's) for being off duty."""

    day: date
    unit_id: Ids
    fixes: NDArray[np.int64]

    @classmethod
    def among(cls, unit_id: Ids, *, day: date) -> Self | None:
        """Count refused fixes, given the unit of each. None when there are none."""
        if not len(unit_id):
            return None
        units, fixes = np.unique(unit_id, return_counts=True)
        return cls(day=day, unit_id=units, fixes=fixes)


def off_duty_fixes_on(conn: Connection, day: date, unit_ids: Iterable[int]) -> Mapping[int, int]:
    """How many fixes of these units were refused on a day (UTC), by the unit's id; none are left out."""
    table = off_duty_fixes.c
    counts = select(table.unit_id, table.fixes).where(
        table.day == day, table.unit_id == any_(literal(sorted(unit_ids), ARRAY(BigInteger)))
    )
    return {row.unit_id: row.fixes for row in conn.execute(counts)}


def _keys(unit_id: Ids, at: Times) -> NDArray[np.complex128]:
    """Complex numbers sort by their real part and then by the imaginary one, which makes a key of two
    columns. Microseconds are exact in it until the year 2255."""
    keys = np.empty(len(unit_id), np.complex128)
    keys.real = unit_id
    keys.imag = at.view(np.int64)
    return keys
