"""Times as lists of other systems write them."""

import re
from datetime import UTC, datetime, tzinfo

from gis.errors import InvalidInput

_CHINESE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[ T]*(\d{1,2})[:时](\d{1,2})分?(?::?(\d{1,2})(?:\.\d+)?秒?)?)?"
)
_AMERICAN = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M")


def read_time(text: str, zone: tzinfo) -> datetime:
    """In UTC; what says no zone is a local time in `zone`. Of an hour that a clock strikes twice, the
    first. Raises InvalidInput."""
    found = _read(text.strip(), zone)
    if found is None or not 1900 <= found.year < 9999:
        raise InvalidInput(
            f"{text[:40]!r} is no time; write it like 2026-11-27 08:30 or 2026年11月27日 8:30.",
            code="no_time",
        )
    return found.astimezone(UTC)


def _read(text: str, zone: tzinfo) -> datetime | None:
    if match := _CHINESE.fullmatch(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
        try:
            return datetime(year, month, day, hour, minute, second, tzinfo=zone)
        except ValueError:
            return None
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo is not None else found.replace(tzinfo=zone)
    except ValueError:
        pass
    for form in _AMERICAN:
        try:
            return datetime.strptime(text, form).replace(tzinfo=zone)
        except ValueError:
            continue
    return None
