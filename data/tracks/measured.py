"""What a file says of a fix besides its time and place."""

import math
from typing import NamedTuple, Self

from gis.measurements import MEASUREMENT_LIMITS

_NONE = {("accuracy_m", 0.0), ("altitude_m", -777.0)}
"""What receivers write for "unknown", besides the -1 of what can only be 0 or more."""


class Measured(NamedTuple):
    """NaN where it does not say it."""

    accuracy_m: float = math.nan
    speed_mps: float = math.nan
    heading_deg: float = math.nan
    altitude_m: float = math.nan
    battery_pct: float = math.nan

    @classmethod
    def of(cls, **values: object) -> Self:
        """Of what stands in a file. What is no number, or cannot be, is unknown: in a file that was
        written long ago nobody can correct it, and it says nothing against the place."""
        return cls(**{name: _number(name, value) for name, value in values.items()})


def _number(name: str, value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return math.nan
    low, high = MEASUREMENT_LIMITS[name]
    if not low <= number <= high or (name, number) in _NONE:
        return math.nan
    return 0.0 if (name, number) == ("heading_deg", 360.0) else number
