"""A terminal's locations as fixes of its unit."""

from contextlib import suppress
from typing import Any

from gis.errors import InvalidInput
from patrol.devices.jt808.bcd import bcd_to_time
from patrol.devices.jt808.locations import Location, read_location
from patrol.tracking.fix import Fix, Refusal, Refused

_NO_FIX = Refusal(
    code="no_fix",
    message="The terminal did not know where it was; look at its antenna if that lasts.",
)
_UNKNOWN_KMH = 0xFFFF / 10
"""All bits set, faster than any receiver tells: some terminals say so that they do not know."""


def body_to_fix(body: bytes, *, unit: str) -> Fix | Refused:
    """The fix in the body of a location, or why there is none. Its coordinates are WGS-84 by the
    standard, unless the terminal is known to send others.

    Without a fix of the receiver the coordinates are old or nothing, and are no position. A call for
    help in what is refused stays one.
    """
    try:
        location = read_location(body)
    except InvalidInput as error:
        return _refused(body, unit, Refusal(code=error.code, message=error.message))
    try:
        at = bcd_to_time(location.time_bcd)
    except InvalidInput as error:
        return _refused(
            body, unit, Refusal(code=error.code, message=error.message), location=location
        )
    if not location.is_fixed:
        return _refused(body, unit, _NO_FIX, location=location)
    return Fix(
        unit=unit,
        at=at,
        lon=location.lon,
        lat=location.lat,
        altitude_m=location.altitude_m,
        speed_mps=None if location.speed_kmh == _UNKNOWN_KMH else location.speed_kmh / 3.6,
        heading_deg=location.course_deg,
        sos=location.is_emergency,
    )


def _refused(
    body: bytes, unit: str, refusal: Refusal, *, location: Location | None = None
) -> Refused:
    payload: dict[str, Any] = {"unit": unit, "jt808": body.hex()}
    at = None
    if location is not None:
        with suppress(InvalidInput):
            at = bcd_to_time(location.time_bcd)
            payload["at"] = at.isoformat()
        payload["sos"] = location.is_emergency
    return Refused(
        payload=payload,
        refusal=refusal,
        units=frozenset({unit}),
        at=at,
        sos=location is not None and location.is_emergency,
    )
