"""Cursors: where a page of a list ended, as an opaque word for the client."""

import base64
import binascii
from datetime import datetime

import orjson

from gis.errors import InvalidInput


def write_cursor(at: datetime, number: int) -> str:
    plain = f"{at.isoformat()} {number}"
    return base64.urlsafe_b64encode(plain.encode()).decode()


def read_cursor(cursor: str) -> tuple[datetime, int]:
    """Raises InvalidInput for what is no cursor of ours."""
    try:
        instant, _, digits = base64.urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        at, number = datetime.fromisoformat(instant), int(digits)
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise InvalidInput(
            "This cursor is not one of ours; pass `next` of the page before as it is.",
            field="cursor",
        ) from error
    if at.tzinfo is None or not 0 < number < 2**63:
        raise InvalidInput("This cursor is not one of ours.", field="cursor")
    return at, number


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
