"""Stored fixes, read as the columns that `gis.track` works on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection as DriverConnection
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


def read_fixes(
    conn: Connection, unit_ids: Sequence[int], since: datetime, until: datetime
) -> list[UnitFixes]:
    """The fixes from `since` to before `until` of those units that have any, in the order of ids."""
    parameters = {
        "unit_ids": np.array(sorted(unit_ids), np.int64),
        "since": since,
        "until": until,
    }
    driver = conn.connection.driver_connection
    assert isinstance(driver, DriverConnection)
    with driver.cursor(binary=True) as cursor:
        adapt_columns(cursor)
        return [
            UnitFixes(
                unit_id=unit_id,
                track=Track(
                    t_s=at.astype(np.int64) / 1e6,
                    lon=lon,
                    lat=lat,
                    accuracy_m=accuracy_m.astype(np.float64),
                ),
                grid_id=grid_id,
            )
            for unit_id, at, lon, lat, accuracy_m, grid_id in cursor.execute(
                _SQL["fixes_between"], parameters
            )
        ]


def grid_names(conn: Connection, grid_ids: Sequence[int]) -> dict[int, GridName]:
    """Code and name of grids by `grids.id`, of whichever edition they are."""
    driver = conn.connection.driver_connection
    assert isinstance(driver, DriverConnection)
    rows = driver.execute(_SQL["grids_by_id"], {"ids": list(grid_ids)})
    return {identifier: GridName(code=code, name=name) for identifier, code, name in rows}
