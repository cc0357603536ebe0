"""Values as devices write them: numbers that may be texts, times in three forms, -1 for unknown."""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from gis.errors import InvalidInput

MPS_PER_KNOT = 1852 / 3600
MPS_PER_KMH = 1000 / 3600

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_IN_MS = 1e11  # as seconds the year 5138, as milliseconds 1973
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?")
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
# A + that nobody wrote as %2B arrives as a space.
_ZONE_WITHOUT_PLUS = re.compile(r"(T\S+) (\d{2}:?\d{2})$")

_ALARMS_FOR_HELP = frozenset({"sos", "general", "panic", "true", "1"})


def read_number(value: Any, field: str) -> float | None:
    """None for what is left out or empty. Raises InvalidInput for what is no number."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError
        return float(value)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(
            f"{field} must be a number, not {_shown(value)}.", code="wrong_type", field=field
        ) from error


def read_known(value: Any, field: str, *, times: float = 1.0) -> float | None:
    """A measurement, in other units by `times`. None also for -1, which is unknown."""
    number = read_number(value, field)
    return None if number is None or number == -1 else number * times


def read_time(value: Any, field: str) -> datetime:
    """Seconds or milliseconds since 1970, ISO 8601, or `yyyy-MM-dd HH:mm:ss`; UTC where the text names
    no zone. Raises InvalidInput."""
    if value is None or value == "":
        raise InvalidInput(
            f"{field} is missing; a fix needs its time.", code="missing_field", field=field
        )
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError
        if not isinstance(value, str):
            return _from_number(float(value))
        text = value.strip()
        return _from_number(float(text)) if _NUMBER.fullmatch(text) else _from_text(text)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(
            f"{field} must be a time, such as 1763798400 or 2026-11-22T08:00:00Z, not {_shown(value)}.",
            code="wrong_type",
            field=field,
        ) from error


def calls_for_help(alarm: Any) -> bool:
    """Whether an alarm is somebody's call, and not a machine's (a low battery, a speed)."""
    words = re.split(r"[,;\s]+", alarm.lower()) if isinstance(alarm, str) else [str(alarm).lower()]
    return not _ALARMS_FOR_HELP.isdisjoint(words)


def _from_number(number: float) -> datetime:
    if not math.isfinite(number):
        raise ValueError
    return _EPOCH + timedelta(seconds=number / 1000 if abs(number) >= _FIRST_IN_MS else number)


def _from_text(text: str) -> datetime:
    if not _CLOCK.search(text):
        raise ValueError  # a day is no time
    at = datetime.fromisoformat(_ZONE_WITHOUT_PLUS.sub(r"\1+\2", text))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _shown(value: Any) -> str:
    return ascii(value)[:40] if isinstance(value, str | int | float) else "that"
