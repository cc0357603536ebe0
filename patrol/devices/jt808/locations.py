"""Locations (JT/T 808-2013 and -2019: 0x0200, 0x0201, 0x0704).

28 bytes, then what the terminal adds: id, length, value, again and again.
"""

import struct
from collections.abc import Mapping

import msgspec

from gis.errors import InvalidInput

_BODY = struct.Struct(">IIIIHHH6s")
_BATCH = struct.Struct(">HB")  # how many, and whether they were kept for later


# Bits of the status. (Numbers and no IntFlag, which takes a microsecond for each look: a hot path.)
_FIXED, _SOUTH, _WEST = 1 << 1, 1 << 2, 1 << 3

_EMERGENCY = 1 << 0  # of the alarms: somebody pressed the button


class Location(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """As it was sent: `lon` and `lat` in degrees with their signs, `time_bcd` unread."""

    alarms: int
    status: int
    lon: float
    lat: float
    altitude_m: int
    speed_kmh: float
    course_deg: int
    time_bcd: bytes
    additional: Mapping[int, bytes]

    @property
    def is_emergency(self) -> bool:
        return bool(self.alarms & _EMERGENCY)

    @property
    def is_fixed(self) -> bool:
        """Whether the terminal knew where it was."""
        return bool(self.status & _FIXED)

    @property
    def mileage_km(self) -> float | None:
        value = self._number(0x01)
        return None if value is None else value / 10

    @property
    def signal(self) -> int | None:
        """Of the wireless network."""
        return self._number(0x30)

    @property
    def satellites(self) -> int | None:
        return self._number(0x31)

    def _number(self, id: int) -> int | None:
        value = self.additional.get(id)
        return None if value is None else int.from_bytes(value, "big")


def read_location(body: bytes) -> Location:
    """Raises InvalidInput when it is shorter than a location. Of what is added only what is whole is
    taken: a maker's own additions do not always keep to the form."""
    if len(body) < _BODY.size:
        raise InvalidInput("The location is cut off.", code="bad_body")
    alarms, status, lat, lon, altitude, speed, course, time = _BODY.unpack_from(body)
    return Location(
        alarms=alarms,
        status=status,
        lon=(-lon if status & _WEST else lon) / 1e6,
        lat=(-lat if status & _SOUTH else lat) / 1e6,
        altitude_m=altitude,
        speed_kmh=speed / 10,
        course_deg=course,
        time_bcd=time,
        additional=_additional(body[_BODY.size :]),
    )


def split_batch(body: bytes) -> list[bytes]:
    """The bodies of the locations in a 0x0704, each of which may be good or bad. One that is cut off is
    the last. Raises InvalidInput without a beginning."""
    if len(body) < _BATCH.size:
        raise InvalidInput("The batch is cut off.", code="bad_body")
    count, _type = _BATCH.unpack_from(body)
    bodies: list[bytes] = []
    start = _BATCH.size
    while len(bodies) < count and start < len(body):
        end = start + 2 + int.from_bytes(body[start : start + 2], "big")
        bodies.append(body[start + 2 : end])
        start = end
    return bodies


def _additional(rest: bytes) -> Mapping[int, bytes]:
    found: dict[int, bytes] = {}
    start = 0
    while start + 2 <= len(rest):
        end = start + 2 + rest[start + 1]
        if end > len(rest):
            break
        found[rest[start]] = rest[start + 2 : end]
        start = end
    return found
