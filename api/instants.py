"""Instants in queries and bodies: ISO 8601 with a zone, UTC inside."""

import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from gis.errors import InvalidInput
from gis.local_time import LOCAL

_EXAMPLE = "2026-11-22T08:00:00+08:00"
# A year less than the calendar has: there is room for days before and after.
_EARLIEST, _LATEST = MINYEAR, MAXYEAR
# A "+" that was not written %2B in a query arrives as a space.
_LOST_PLUS = re.compile(r"(?<=\d) (?=\d{2}:?\d{2}$)")


def read_instant(value: Any) -> datetime:
    """In UTC. Raises InvalidInput for anything but ISO 8601 with a zone."""
    return _in_utc(_parsed(value))


def read_local_instant(value: Any) -> datetime:
    """In UTC; without a zone it is the town's time. Raises InvalidInput for anything but ISO 8601."""
    time = _parsed(value)
    return _in_utc(time if time.tzinfo is not None else time.replace(tzinfo=LOCAL))


def _parsed(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(_LOST_PLUS.sub("+", value.strip()))
    except (AttributeError, ValueError) as error:
        raise InvalidInput(f"this is not a time; write it like {_EXAMPLE}") from error


def _in_utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise InvalidInput(f"this time has no zone; add one, e.g. {_EXAMPLE}", code="no_zone")
    if not _EARLIEST < instant.year < _LATEST:
        raise InvalidInput("this time is outside the calendar")
    return instant.astimezone(UTC)


Instant = Annotated[
    datetime,
    BeforeValidator(read_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": [_EXAMPLE]}),
]
"""For pydantic models and parameters: `since: Annotated[Instant, Query(alias="from")]`."""

LocalInstant = Annotated[datetime, BeforeValidator(read_local_instant)]
"""As Instant, of those who may leave out the zone: then it is the town's."""
