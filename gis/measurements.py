"""What is measured with a fix besides its time and place."""

from collections.abc import Mapping
from types import MappingProxyType

MEASUREMENT_LIMITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "accuracy_m": (0.0, 1e6),
        "speed_mps": (0.0, 1e3),
        "heading_deg": (0.0, 360.0),
        "altitude_m": (-1e4, 1e5),
        "battery_pct": (0.0, 100.0),
    }
)
"""The least and the most that each can be; beyond, it cannot be true.

Receivers that give a place at more than 600 m/s are not sold freely (MTCR annex, item 11.A.3; Regulation
(EU) 2021/821, annex I, 7A105). The highest place is where space begins (100 km, FAI), the lowest is
below every mine. What is only known to 1,000 km is not known.
"""
