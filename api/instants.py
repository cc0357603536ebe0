"""Instants in queries and bodies: ISO 8601 with a zone, UTC inside."""

import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from gis.errors import InvalidInput

_EXAMPLE = "2026-11-22T08:00:00+08:00"
# A year less than the calendar has: there is room for days before and after.
_EARLIEST, _LATEST = MINYEAR, MAXYEAR
# A "+" that was not written %2B in a query arrives as a space.
_LOST_PLUS = re.compile(r"(?<=\d) (?=\d{2}:?\d{2}$)")


def read_instant(value: Any) -> datetime:
    """In UTC. Raises InvalidInput for anything but ISO 8601 with a zone."""
    if isinstance(value, datetime):
        instant = value
    else:
        try:
            instant = datetime.fromisoformat(_LOST_PLUS.sub("+", value.strip()))
        except (AttributeError, ValueError) as error:
            raise InvalidInput(f"this is not a time; write it like {_EXAMPLE}") from error
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
