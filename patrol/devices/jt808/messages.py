"""Messages: who says what to whom (JT/T 808-2013 and -2019, 4.4.3).

The header of the 2011 and 2013 editions: message id, attributes, number BCD[6], sequence. That of 2019,
told by bit 14 of the attributes: id, attributes, version, number BCD[10], sequence. Some terminals set
the bit, which was reserved before, over a header of 2013; the length of the body tells.
"""

import struct
from enum import IntEnum

import msgspec

from gis.errors import InvalidInput
from patrol.devices.jt808.bcd import bcd_to_number
from patrol.devices.jt808.frames import unwrap, wrap

_LENGTH, _ENCRYPTION, _IN_PARTS, _VERSIONED = 0x03FF, 0x1C00, 0x2000, 0x4000
_HEADER_2013, _HEADER_2019 = 12, 17  # without what says which part it is
MOST_BODY_BYTES = _LENGTH


class Id(IntEnum):
    """The messages that are understood, and the answers to them."""

    TERMINAL_ANSWER = 0x0001
    HEARTBEAT = 0x0002
    LOG_OUT = 0x0003
    REGISTER = 0x0100
    AUTHENTICATE = 0x0102
    LOCATION = 0x0200
    LOCATION_ANSWER = 0x0201
    LOCATIONS = 0x0704
    ANSWER = 0x8001
    RESEND = 0x8003
    REGISTER_ANSWER = 0x8100


# A hot path: a Struct is made five times faster than a dataclass, and Python does not look whether it is
# garbage.


class Address(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A terminal, as headers name it: BCD[6] or BCD[10], and the version byte of a 2019 header."""

    bcd: bytes
    version: int | None = None

    @property
    def number(self) -> str:
        """Without the zeros in front, so that it is the same in every edition."""
        return bcd_to_number(self.bcd)


class Part(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Of a message in several parts this is the one with `index`, from 1."""

    total: int
    index: int


class Message(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`id` is a number that `Id` may not have. `encryption` 0 is none."""

    id: int
    address: Address
    sequence: int
    body: bytes = b""
    part: Part | None = None
    encryption: int = 0


def read_message(frame: bytes) -> Message:
    """The message in a frame without its marks. Raises InvalidInput."""
    payload = unwrap(frame)
    if len(payload) < 4:
        raise InvalidInput("The header is cut off.", code="bad_length")
    id, attributes = struct.unpack_from(">HH", payload)
    end = len(payload) - (attributes & _LENGTH)
    part, header_end = None, end
    if attributes & _IN_PARTS:
        header_end -= 4
    is_2019 = bool(attributes & _VERSIONED) and header_end == _HEADER_2019
    if not is_2019 and header_end != _HEADER_2013:
        raise InvalidInput("The body is not as long as the header says.", code="bad_length")
    if attributes & _IN_PARTS:
        total, index = struct.unpack_from(">HH", payload, header_end)
        if not 1 <= index <= total:
            raise InvalidInput(f"There is no part {index} of {total}.", code="bad_part")
        part = Part(total=total, index=index)
    return Message(
        id=id,
        address=Address(
            bcd=payload[5 if is_2019 else 4 : header_end - 2],
            version=payload[4] if is_2019 else None,
        ),
        sequence=int.from_bytes(payload[header_end - 2 : header_end], "big"),
        body=payload[end:],
        part=part,
        encryption=(attributes & _ENCRYPTION) >> 10,
    )


def write_message(message: Message) -> bytes:
    """The frame of a message, with its marks. Its body has at most MOST_BODY_BYTES."""
    address, part = message.address, message.part
    attributes = len(message.body) | message.encryption << 10
    header = b""
    if address.version is not None:
        attributes |= _VERSIONED
        header = bytes([address.version])
    header += address.bcd + struct.pack(">H", message.sequence)
    if part is not None:
        attributes |= _IN_PARTS
        header += struct.pack(">HH", part.total, part.index)
    return wrap(struct.pack(">HH", message.id, attributes) + header + message.body)
