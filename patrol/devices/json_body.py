"""A JSON body of a device, as far as it can be read."""

import json
from typing import Any

from gis.errors import InvalidInput

_SHOWN = 2000


def read_object(body: bytes) -> dict[str, Any]:
    """Raises InvalidInput for what is no JSON object. Python's reader also takes the NaN of some
    devices."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The body is not valid JSON.", code="invalid_json") from error
    if not isinstance(read, dict):
        raise InvalidInput("The body must be a JSON object.", code="wrong_type")
    return read


def as_text(body: bytes) -> str:
    """What was sent instead, for the quarantine."""
    return body[:_SHOWN].decode("utf-8", "replace")
