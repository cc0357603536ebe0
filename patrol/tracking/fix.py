"""A fix: one reported position at one time, as a device sends it.

A fix that cannot be read becomes a Refused one, with a code and a sentence that says what to do; it
never takes its neighbours with it.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Self

import msgspec

from gis.crs import Crs
from gis.errors import InvalidInput

MOST_FIXES = 10_000
"""In one request."""


class Fix(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """`unit` is the unit's public identifier. `lon` and `lat` are degrees in `crs`; where it is None, in
    that of the device which sends them, and in WGS-84 where nobody has said another.

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
    crs: Crs | None = None
    sos: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why a fix is not stored. `code` is a word for programs, `message` a sentence for people."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Refused:
    """What stood in the place of a fix, as it was sent, and why it is none.

    `units` are those that it may be of, by their public identifiers. `at` is its time, where that can be
    read, and `sos` a call for help, which counts although there is no place.
    """

    payload: Any
    refusal: Refusal
    units: frozenset[str] = frozenset()
    at: datetime | None = None
    sos: bool = False

    @classmethod
    def reading(cls, payload: Any, refusal: Refusal) -> Self:
        """Of the unit that it names, if it names one."""
        unit = payload.get("unit") if isinstance(payload, dict) else None
        units = frozenset({unit}) if isinstance(unit, str) else frozenset[str]()
        return cls(payload=payload, refusal=refusal, units=units)

    def of_one_among(self, units: frozenset[str]) -> Self:
        """The same, from a sender who has only these units."""
        return replace(self, units=self.units & units or units)


def without_place(sent: Any) -> dict[str, Any]:
    """What of an item says whose it is, when it was and how it was written, but not where anybody was.

    Only named fields and plain values: one that cannot be read may have its place anywhere.
    """
    kept = sent if isinstance(sent, dict) else {}
    return {
        name: kept[name]
        for name in ("unit", "at", "crs", "sos")
        if isinstance(kept.get(name), str | bool)
    }


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
    _refuse_too_many(items)
    return items


def _refuse_too_many(items: Sequence[Any]) -> None:
    if len(items) > MOST_FIXES:
        raise InvalidInput(
            f"{len(items)} fixes are too many for one request; send at most {MOST_FIXES}.",
            code="too_many",
        )


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
    _refuse_too_many(items)  # before each of a million gets an explanation
    return [_convert(item) for item in items]


def _convert(item: Any) -> Fix | Refused:
    try:
        return msgspec.convert(item, Fix)
    except msgspec.ValidationError as error:
        return Refused.reading(item, _explain(str(error)))
    except UnicodeEncodeError:  # half a character, which only Python's reader takes
        return Refused.reading(item, _explain(""))


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
