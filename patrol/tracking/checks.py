"""Which fixes are refused, and what their sender is told.

Only what cannot be true is refused. What is merely unlikely (a jump, a poor accuracy) is stored: the
analysis of tracks flags it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from gis.measurements import MEASUREMENT_LIMITS
from patrol.tracking.fix import Refusal
from patrol.tracking.rows import Rows

Mask = NDArray[np.bool_]

_GPS_ROLLOVER = np.timedelta64(1024, "W")
"""A receiver counts weeks in ten bits; one that does not know better is so far behind (19.6 years)."""

_CLOCKS_BEGIN = ("1970-01-01", "1980-01-06", "2000-01-01")
"""Where clocks of computers, of GPS receivers and of many small chips start from."""


WITHOUT_TIME = frozenset({"clock_reset", "gps_week_rollover"})
"""Codes of fixes that were taken some time, nobody knows when: their device's clock had none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How far a fix's time may lie from the server's. `age` None takes history of any age."""

    ahead: timedelta = timedelta(minutes=5)
    age: timedelta | None = timedelta(days=90)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rule:
    """`message` may name fields of the row in braces."""

    code: str
    message: str
    breaks: Callable[[Rows], Mask]


def _outside(field: str, low: float, high: float) -> _Rule:
    def breaks(rows: Rows) -> Mask:
        values = rows[field]
        outside: Mask = (values < low) | (values > high)  # false for NaN, which is unknown
        return outside

    return _Rule(
        code=f"{field.partition('_')[0]}_out_of_range",
        message=f"{field} must be between {low:g} and {high:g}, not {{{field}:g}}.",
        breaks=breaks,
    )


def _swapped(rows: Rows) -> Mask:
    lon, lat = np.abs(rows["lon"]), np.abs(rows["lat"])
    beyond_the_pole = (lat > 90) & (lat <= 180) & (lon <= 90)
    mirrored_china = (
        (rows["lon"] >= 3) & (rows["lon"] <= 54) & (rows["lat"] >= 73) & (rows["lat"] <= 136)
    )
    swapped: Mask = beyond_the_pole | mirrored_china
    return swapped


_RULES = (
    _Rule(
        code="not_a_number",
        message="lon and lat must be finite numbers of degrees.",
        breaks=lambda rows: ~(np.isfinite(rows["lon"]) & np.isfinite(rows["lat"])),
    ),
    _Rule(
        code="no_position",
        message="0, 0 is what a device sends that does not know its place; send the fix when it does.",
        breaks=lambda rows: (rows["lon"] == 0) & (rows["lat"] == 0),
    ),
    _Rule(
        code="swapped_coordinates",
        message="lon {lon:g} and lat {lat:g} look swapped; send the longitude as lon and the latitude "
        "as lat.",
        breaks=_swapped,
    ),
    _outside("lon", -180, 180),
    _outside("lat", -90, 90),
    *(_outside(name, *limits) for name, limits in MEASUREMENT_LIMITS.items()),
)


def check(rows: Rows, now: datetime, limits: Limits) -> dict[int, Refusal]:
    """The rows to refuse, by their index; the first rule that a row breaks gives the reason.

    `rows` are as sent, before any change of coordinate system. `now` is the server's time.
    """
    refusals: dict[int, Refusal] = {}
    for rule in (*_RULES, *_time_rules(rows, now, limits)):
        for index in np.flatnonzero(rule.breaks(rows)).tolist():
            if index not in refusals:
                row = dict(zip(rows.dtype.names or (), rows[index].tolist(), strict=True))
                refusals[index] = Refusal(code=rule.code, message=rule.message.format(**row))
    return refusals


def _time_rules(rows: Rows, now: datetime, limits: Limits) -> list[_Rule]:
    """Of what is too old the reason is looked for only where there is any: this is a hot path."""
    clock = np.datetime64(now.astimezone(UTC).replace(tzinfo=None), "us")
    latest = clock + np.timedelta64(limits.ahead)
    rules = [
        _Rule(
            code="in_the_future",
            message="at is {at:%Y-%m-%dT%H:%M:%SZ}, and the server's clock says "
            f"{now:%Y-%m-%dT%H:%M:%SZ}; set the device's clock or its time zone.",
            breaks=lambda rows: rows["at"] > latest,
        )
    ]
    if limits.age is None:
        return rules
    earliest = clock - np.timedelta64(limits.age)
    if not (rows["at"] < earliest).any():
        return rules
    return [
        *rules,
        *(_begun_again(start, earliest) for start in _CLOCKS_BEGIN),
        _Rule(
            code="gps_week_rollover",
            message="at is {at:%Y-%m-%dT%H:%M:%SZ}, 1024 weeks behind: the receiver's count of GPS "
            "weeks has begun again at 0; update its firmware, or replace it.",
            breaks=lambda rows: _between(
                rows["at"], earliest - _GPS_ROLLOVER, latest - _GPS_ROLLOVER
            ),
        ),
        _Rule(
            code="too_old",
            message="at is {at:%Y-%m-%dT%H:%M:%SZ}, but only the last "
            f"{limits.age.days} days are taken; import older tracks as a file.",
            breaks=lambda rows: rows["at"] < earliest,
        ),
    ]


def _begun_again(start: str, earliest: np.datetime64) -> _Rule:
    """Within a year of where clocks start from."""
    first = np.datetime64(start, "us")
    last = min(first + np.timedelta64(365, "D"), earliest)
    return _Rule(
        code="clock_reset",
        message="at is {at:%Y-%m-%dT%H:%M:%SZ}: the device's clock has begun again from "
        f"{start} and is not set yet; it sets itself outdoors, or set it by hand.",
        breaks=lambda rows: _between(rows["at"], first, last),
    )


def _between(at: NDArray[np.datetime64], first: np.datetime64, last: np.datetime64) -> Mask:
    between: Mask = (at >= first) & (at < last)
    return between
