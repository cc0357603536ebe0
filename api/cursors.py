"""Cursors: where a page of a list ended, as an opaque word for the client."""

import base64
import binascii
from datetime import UTC, datetime

import orjson

from gis.errors import InvalidInput

_BY_DUE = "due."
_NEVER = datetime.max.replace(tzinfo=UTC)


def write_cursor(at: datetime, *numbers: int) -> str:
    plain = " ".join([at.isoformat(), *map(str, numbers)])
    return base64.urlsafe_b64encode(plain.encode()).decode()


def read_cursor(cursor: str) -> tuple[datetime, int]:
    """Raises InvalidInput for what is no cursor of ours."""
    at, [number] = _read(cursor, 1)
    return at, number


def read_pair_cursor(cursor: str) -> tuple[datetime, int, int]:
    """Of a list in which two numbers say what comes next. Raises InvalidInput."""
    at, [first, second] = _read(cursor, 2)
    return at, first, second


def write_due_cursor(at: datetime | None, number: int) -> str:
    """Of a list by deadline; None is never."""
    return _BY_DUE + write_cursor(at or _NEVER, number)


def read_due_cursor(cursor: str) -> tuple[datetime | None, int]:
    """Raises InvalidInput for what is no cursor of a list by deadline."""
    if not cursor.startswith(_BY_DUE):
        raise InvalidInput("This cursor is of a list in another order.", field="cursor")
    at, number = read_cursor(cursor.removeprefix(_BY_DUE))
    return (None if at == _NEVER else at), number


def _read(cursor: str, count: int) -> tuple[datetime, list[int]]:
    try:
        instant, *digits = base64.urlsafe_b64decode(cursor.encode()).decode().split(" ")
        at, numbers = datetime.fromisoformat(instant), [int(each) for each in digits]
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise InvalidInput(
            "This cursor is not one of ours; pass `next` of the page before as it is.",
            field="cursor",
        ) from error
    is_ours = len(numbers) == count and all(0 < each < 2**63 for each in numbers)
    if at.tzinfo is None or not is_ours:
        raise InvalidInput("This cursor is not one of ours.", field="cursor")
    return at, numbers


def write_key_cursor(key: object) -> str:
    """The key of the last item of a page: a number or a text."""
    return base64.urlsafe_b64encode(orjson.dumps(key, default=str)).decode()


def read_key_cursor(cursor: str) -> int | str:
    """Raises InvalidInput for what is no cursor of ours."""
    try:
        key = orjson.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise InvalidInput(
            "This cursor is not one of ours; pass `next` of the page before as it is.",
            field="cursor",
        ) from error
    match key:
        case bool():
            pass
        case str() if "\0" not in key:
            return key
        case int() if -(2**63) <= key < 2**63:
            return key
    raise InvalidInput("This cursor is not one of ours.", field="cursor")
