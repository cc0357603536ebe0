"""Fixes as rows: a NumPy structured array, so that a thousand cost little more than one."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from gis.crs import Crs, to_wgs84
from gis.measurements import MEASUREMENT_LIMITS
from patrol.tracking.fix import Fix, Refused

Rows = NDArray[np.void]
"""Fixes in the layout of ROW. Unknown measurements are NaN; `unit_id` and `grid_id` 0 is none.

`source_crs` counts from 1 in SOURCE_CRS, and 0 is WGS-84: then nobody looks at `source_lon` and
`source_lat`."""

MEASUREMENTS = tuple(MEASUREMENT_LIMITS)

ROW = np.dtype(
    [
        ("unit_id", np.int64),
        ("at", "M8[us]"),
        ("lon", np.float64),
        ("lat", np.float64),
        *((name, np.float32) for name in MEASUREMENTS),
        ("grid_id", np.int64),
        ("sos", np.bool_),
        ("source_crs", np.int64),
        ("source_lon", np.float64),
        ("source_lat", np.float64),
    ],
    align=True,
)
SOURCE = ("source_crs", "source_lon", "source_lat")
"""What a fix keeps of how it was sent, if that was not in WGS-84."""

STORED = tuple(name for name in ROW.names or () if name not in ("sos", *SOURCE))
"""The columns of the table `fixes` that any fix has."""

SOURCE_CRS = (Crs.GCJ02, Crs.BD09)
"""Systems that differ from WGS-84 by more than a receiver's error; `fixes.sql` has them too."""

_UNKNOWN_ALTITUDE_M = -777.0  # what Android's fused provider and some terminals send for "none"
_UNKNOWN = -1.0  # of iOS, for what can only be 0 or more


def fixes_to_rows(fixes: Sequence[Fix]) -> Rows:
    """One row for each fix, in the same order, still in the fix's own coordinate system.

    What is certain is set right: a heading of 360 is 0, the altitude -777 is unknown; so is -1 for
    anything else, and the accuracy 0, which is Android's for "none". `unit_id` and `grid_id` are left
    at 0.
    """
    rows = np.zeros(len(fixes), ROW)
    rows["at"] = _times([fix.at for fix in fixes])
    rows["lon"] = [fix.lon for fix in fixes]
    rows["lat"] = [fix.lat for fix in fixes]
    rows["sos"] = [fix.sos for fix in fixes]
    for name, values in zip(MEASUREMENTS, _measurements(fixes), strict=True):
        rows[name] = values
    return rows


def refused_to_rows(refused: Sequence[Refused], now: datetime) -> Rows:
    """One row for each, with nothing in it but its time, or `now`, and whether it calls for help."""
    rows = np.zeros(len(refused), ROW)
    rows["at"] = _times([item.at or now for item in refused])
    rows["sos"] = [item.sos for item in refused]
    return rows


def shift_to_wgs84(rows: Rows, crs: Sequence[Crs | None]) -> None:
    """Move the rows to WGS-84, in place; where they were before is their source. `crs` is what each of
    them is in."""
    for other in set(SOURCE_CRS).intersection(crs):
        here = np.array([each is other for each in crs])
        lon, lat = rows["lon"][here], rows["lat"][here]
        rows["source_crs"][here] = SOURCE_CRS.index(other) + 1
        rows["source_lon"][here], rows["source_lat"][here] = lon, lat
        rows["lon"][here], rows["lat"][here] = to_wgs84(lon, lat, other)


def _times(times: Sequence[datetime]) -> NDArray[np.datetime64]:
    seconds = np.array([at.timestamp() for at in times])
    return np.rint(seconds * 1e6).astype(np.int64).view("M8[us]")


def _measurements(fixes: Sequence[Fix]) -> NDArray[np.float32]:
    """In the order of MEASUREMENTS; all at once, for a call costs more than a single fix."""
    with np.errstate(over="ignore"):  # becomes infinite, and is refused as such
        values = np.array(
            [
                [fix.accuracy_m for fix in fixes],
                [fix.speed_mps for fix in fixes],
                [fix.heading_deg for fix in fixes],
                [fix.altitude_m for fix in fixes],
                [fix.battery_pct for fix in fixes],
            ],
            np.float32,
        )
    accuracy_m, _, heading_deg, altitude_m, _ = values
    unknown = values == _UNKNOWN
    unknown[0] |= accuracy_m == 0.0
    unknown[3] = altitude_m == _UNKNOWN_ALTITUDE_M
    values[unknown] = np.nan
    heading_deg[heading_deg == 360.0] = 0.0
    return values
