"""A fix: one reported position at one time, as a device sends it.

A fix that cannot be read becomes a Refused one, with a code and a sentence that says what to do; it
never takes its neighbours with it.
"""

import json
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import msgspec

from gis.crs import Crs
from gis.errors import InvalidInput

MOST_FIXES = 10_000
"""In one request."""


class Fix(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """`unit` is the unit's public identifier. `lon` and `lat` are degrees in `crs`.

    `heading_deg` is clockwise from north, `altitude_m` above the ellipsoid or the sea, whichever the
    device knows. `sos` marks a call for help. None is unknown.
    """

    unit: str
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    lon: float
    lat: float
    accuracy_m: float | None = None
    speed_mps: float | None = None
    heading_deg: float | None = None
    altitude_m: float | None = None
    battery_pct: float | None = None
    crs: Crs = Crs.WGS84
    sos: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why a fix is not stored. `code` is a word for programs, `message` a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """What stood in the place of a fix, as it was sent, and why it is none."""

    payload: Any
    refusal: Refusal


def refuse_others(items: Sequence[Fix | Refused], units: Container[str]) -> list[Fix | Refused]:
    """The same items with every fix refused that is of none of these units."""
    return [
        item
        if isinstance(item, Refused) or item.unit in units
        else Refused(payload=msgspec.to_builtins(item), refusal=_NOT_YOURS)
        for item in items
    ]


_decoder = msgspec.json.Decoder(list[Fix])


def decode_fixes(body: bytes) -> Sequence[Fix | Refused]:
    """Read a JSON list of fixes, each with what became of it, in their order.

    Raises InvalidInput when the body is not a list in JSON, or longer than MOST_FIXES.
    """
    items: Sequence[Fix | Refused]
    try:
        items = _decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        items = _decode_one_by_one(body)
    if len(items) > MOST_FIXES:
        raise InvalidInput(
            f"{len(items)} fixes are too many for one request; send at most {MOST_FIXES}.",
            code="too_many",
        )
    return items


def _decode_one_by_one(body: bytes) -> list[Fix | Refused]:
    """The slow way, when something is wrong somewhere. Python's own reader also takes the NaN that
    some devices write."""
    try:
        items = json.loads(body)
    except (ValueError, RecursionError):
        items = None
    if not isinstance(items, list):
        raise InvalidInput(
            'The body must be a JSON list of fixes: [{"unit": "GW-017", "at": '
            '"2026-11-22T08:00:00+08:00", "lon": 118.6, "lat": 34.5}].',
            code="not_a_list",
        )
    return [_convert(item) for item in items]


def _convert(item: Any) -> Fix | Refused:
    try:
        return msgspec.convert(item, Fix)
    except msgspec.ValidationError as error:
        return Refused(payload=item, refusal=_explain(str(error)))


_NOT_YOURS = Refusal(
    code="not_your_unit", message="This account may only send fixes of its holder's own units."
)
_FIELDS = ", ".join(Fix.__struct_fields__)
_NOT_NUMBERS = {
    "unit": "a text",
    "at": "a time such as 2026-11-22T08:00:00+08:00",
    "crs": "one of " + ", ".join(Crs),
    "sos": "true or false",
}


def _explain(error: str) -> Refusal:
    """msgspec's message in our words."""
    if missing := re.search(r"missing required field `(\w+)`", error):
        return Refusal(
            code="missing_field",
            message=f"{missing[1]} is missing; a fix needs unit, at, lon and lat.",
        )
    if unknown := re.search(r"unknown field `(.*)`", error, re.DOTALL):
        return Refusal(
            code="unknown_field",
            message=f"{unknown[1]!r:.50} is not a field of a fix; the fields are {_FIELDS}.",
        )
    if "timezone" in error:
        return Refusal(
            code="time_without_zone",
            message="at has no time zone; add one, e.g. 2026-11-22T08:00:00+08:00.",
        )
    if field := re.search(r"`\$\.(\w+)`$", error):
        return Refusal(
            code="wrong_type",
            message=f"{field[1]} must be {_NOT_NUMBERS.get(field[1], 'a number')}.",
        )
    return Refusal(code="wrong_type", message="A fix is a JSON object with unit, at, lon and lat.")
