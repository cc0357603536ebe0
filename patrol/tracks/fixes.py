"""Stored fixes, read as the columns that `gis.track` works on."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection as DriverConnection
from psycopg import Cursor
from sqlalchemy import Connection

from data.sql import load_sql
from gis.errors import InvalidInput
from gis.track import Track
from patrol.tracking.columns import adapt_columns

_SQL = load_sql("patrol.tracks", "fixes.sql")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class UnitFixes:
    """One unit's fixes in the order of time; `grid_id` is 0 where a fix lies in no grid."""

    unit_id: int
    track: Track
    grid_id: NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Measurements:
    """What a device said of each fix besides its time and place; NaN where it did not."""

    accuracy_m: NDArray[np.float32]
    speed_mps: NDArray[np.float32]
    heading_deg: NDArray[np.float32]
    altitude_m: NDArray[np.float32]
    battery_pct: NDArray[np.float32]

    def columns(self) -> Mapping[str, NDArray[np.float32]]:
        return {name: getattr(self, name) for name in MEASURED}

    def rows(self) -> Iterator[tuple[float, ...]]:
        """One for each fix, in the order of MEASURED, as decimal as they came."""
        columns = (values.astype(np.float64).round(_DECIMALS) for values in self.columns().values())
        return zip(*(column.tolist() for column in columns), strict=True)


MEASURED = tuple(field.name for field in fields(Measurements))
_DECIMALS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class GridName:
    code: str
    name: str


def check_period(since: datetime, until: datetime, *, longest: timedelta) -> None:
    """Raise InvalidInput that names `from` or `to` unless since < until and they are close enough."""
    if since >= until:
        raise InvalidInput("from must be before to.", field="from", code="empty_period")
    if until - since > longest:
        raise InvalidInput(
            f"The time between from and to must be at most {longest.days} days; ask in parts.",
            field="to",
            code="period_too_long",
        )


LONGEST = timedelta(days=31)
MOST_UNIT_DAYS = 620
"""Units times days of one replay or export: 300 units for two days, 20 units for a month."""


def check_extent(units: int, since: datetime, until: datetime) -> None:
    """Raise InvalidInput for a period that is empty or too long, also for so many units."""
    check_period(since, until, longest=LONGEST)
    if units * ((until - since) / timedelta(days=1)) > MOST_UNIT_DAYS:
        raise InvalidInput(
            f"{units} units for this long are too much at once; ask for at most {MOST_UNIT_DAYS} units "
            "times days.",
            field="to",
            code="period_too_long",
        )


def read_fixes(
    conn: Connection, unit_ids: Sequence[int], since: datetime, until: datetime
) -> list[UnitFixes]:
    """The fixes from `since` to before `until` of those units that have any, in the order of ids."""
    parameters = {
        "unit_ids": np.array(sorted(unit_ids), np.int64),
        "since": since,
        "until": until,
    }
    with _cursor(conn) as cursor:
        return [
            UnitFixes(unit_id=unit_id, track=_track(at, lon, lat, accuracy_m), grid_id=grid_id)
            for unit_id, at, lon, lat, accuracy_m, grid_id in cursor.execute(
                _SQL["fixes_between"], parameters
            )
        ]


def read_measured_fixes(
    conn: Connection, unit_id: int, since: datetime, until: datetime
) -> tuple[UnitFixes, Measurements]:
    """The fixes of one unit from `since` to before `until`, possibly none, and what else is known of
    each."""
    with _cursor(conn) as cursor:
        cursor.execute(
            _SQL["measured_fixes_between"], {"unit_id": unit_id, "since": since, "until": until}
        )
        at, lon, lat, accuracy_m, grid_id, *others = cursor.fetchone() or (
            np.empty(0, "M8[us]"),
            *(np.empty(0) for _ in range(2)),
            np.empty(0, np.float32),
            np.empty(0, np.int64),
            *(np.empty(0, np.float32) for _ in MEASURED[1:]),
        )
    return (
        UnitFixes(unit_id=unit_id, track=_track(at, lon, lat, accuracy_m), grid_id=grid_id),
        Measurements(**dict(zip(MEASURED, (accuracy_m, *others), strict=True))),
    )


def count_fixes(conn: Connection, unit_ids: Sequence[int], since: datetime, until: datetime) -> int:
    """How many there are from `since` to before `until`."""
    with _cursor(conn) as cursor:
        ids = np.array(unit_ids, np.int64)
        found = cursor.execute(
            _SQL["count_between"], {"unit_ids": ids, "since": since, "until": until}
        ).fetchone()
        return 0 if found is None else int(found[0])


@contextmanager
def _cursor(conn: Connection) -> Iterator[Cursor[Any]]:
    """One that takes and gives NumPy columns."""
    driver = conn.connection.driver_connection
    assert isinstance(driver, DriverConnection)
    with driver.cursor(binary=True) as cursor:
        adapt_columns(cursor)
        yield cursor


def _track(
    at: NDArray[np.datetime64],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    accuracy_m: NDArray[np.float32],
) -> Track:
    return Track(
        t_s=at.astype(np.int64) / 1e6, lon=lon, lat=lat, accuracy_m=accuracy_m.astype(np.float64)
    )


def grid_names(conn: Connection, grid_ids: Sequence[int]) -> dict[int, GridName]:
    """Code and name of grids by `grids.id`, of whichever edition they are."""
    driver = conn.connection.driver_connection
    assert isinstance(driver, DriverConnection)
    rows = driver.execute(_SQL["grids_by_id"], {"ids": list(grid_ids)})
    return {identifier: GridName(code=code, name=name) for identifier, code, name in rows}
