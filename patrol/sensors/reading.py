"""A reading: what a sensor measured at one time."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gis.errors import InvalidInput

MOST_READINGS = 1_000
AHEAD = timedelta(minutes=10)
AGE = timedelta(days=7)
_MOST_QUANTITIES = 32
CODE = re.compile(r"[\w.:-]{1,64}")
"""Of a sensor."""
_QUANTITY = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """`quantities` by name, with their unit in it: `water_level_m`, `co_ppm`. Yes and no are 1 and 0."""

    sensor: str
    at: datetime
    quantities: Mapping[str, float]


def read_reading(item: object, now: datetime, read_instant: Callable[[Any], datetime]) -> Reading:
    """From an item of JSON. Raises InvalidInput, whose code is a word for a program: what cannot be
    used, a clock that is ahead, or what is older than a week."""
    match item:
        case {"sensor": str(sensor), "at": at, "values": dict(values)}:
            pass
        case _:
            raise InvalidInput(
                "A reading is {sensor, at, values: {quantity: number}}.", code="invalid_reading"
            )
    if not CODE.fullmatch(sensor):
        raise InvalidInput("There is no such sensor.", code="no_such_sensor")
    instant = read_instant(at)
    if instant > now + AHEAD:
        raise InvalidInput("The time is in the future; set the clock.", code="in_the_future")
    if instant < now - AGE:
        raise InvalidInput("The reading is older than a week.", code="too_old")
    return Reading(sensor=sensor, at=instant, quantities=_quantities(values))


def _quantities(values: Mapping[Any, Any]) -> dict[str, float]:
    if not 0 < len(values) <= _MOST_QUANTITIES:
        raise InvalidInput(f"A reading has 1 to {_MOST_QUANTITIES} values.", code="invalid_reading")
    quantities: dict[str, float] = {}
    for name, value in values.items():
        if not isinstance(name, str) or not _QUANTITY.fullmatch(name):
            raise InvalidInput(
                f"{str(name)[:40]!r} is no quantity; write small letters, digits and _.",
                code="invalid_reading",
            )
        if not isinstance(value, int | float) or abs(value) > 1e15 or not math.isfinite(value):
            raise InvalidInput(f"{name} must be a number.", code="invalid_reading")
        quantities[name] = float(value)
    return quantities
