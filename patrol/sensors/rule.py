"""Rules: which thresholds hold for which sensors."""

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from gis.errors import InvalidInput
from patrol.cases.report import read_text
from patrol.sensors.exceedance import Direction, Threshold

_NAME_LIMIT = 100
LONGEST_WAIT = timedelta(days=7)
"""The most that a threshold waits before it counts as exceeded."""
_LONGEST_S = int(LONGEST_WAIT.total_seconds())


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRule:
    """For one sensor, by its code, or for all of a kind. `urgent` None is as the category says."""

    name: str
    sensor: str | None
    kind: str | None
    quantity: str
    threshold: Threshold
    category: str
    urgent: bool | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """A rule in force since `valid_from`: readings of earlier times are none of its business."""

    id: int
    name: str
    sensor: str | None
    kind: str | None
    quantity: str
    threshold: Threshold
    category: str
    urgent: bool | None
    valid_from: datetime


def read_rule(
    *,
    name: str,
    sensor: str | None,
    kind: str | None,
    quantity: str,
    direction: Direction,
    threshold: float,
    clears_at: float | None,
    for_s: int,
    category: str,
    urgent: bool | None,
) -> NewRule:
    """Without `clears_at` it clears at the threshold itself. Raises InvalidInput."""
    title = read_text(name, field="name", limit=_NAME_LIMIT)
    if title is None:
        raise InvalidInput("Give the rule a name; it is what the case is called.", field="name")
    if (sensor is None) == (kind is None):
        raise InvalidInput("A rule is for one sensor or for one kind; name one.", field="sensor")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", quantity):
        raise InvalidInput("A quantity is small letters, digits and _.", field="quantity")
    clear = threshold if clears_at is None else clears_at
    if not (math.isfinite(threshold) and math.isfinite(clear)):
        raise InvalidInput("A threshold must be a finite number.", field="threshold")
    if clear > threshold if direction is Direction.ABOVE else clear < threshold:
        raise InvalidInput(
            f"What is exceeded {direction} {threshold:g} cannot clear at {clear:g}, which is beyond it.",
            field="clears_at",
        )
    if not 0 <= for_s <= _LONGEST_S:
        raise InvalidInput(f"for_s is 0 to {_LONGEST_S:,} seconds.", field="for_s")
    return NewRule(
        name=title,
        sensor=sensor,
        kind=kind,
        quantity=quantity,
        threshold=Threshold(direction=direction, value=threshold, clears_at=clear, for_s=for_s),
        category=category,
        urgent=urgent,
    )
