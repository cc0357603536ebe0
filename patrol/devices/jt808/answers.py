"""What the platform says to a terminal (JT/T 808-2013 and -2019: 0x8001, 0x8003, 0x8100)."""

import struct
from collections.abc import Sequence
from enum import IntEnum

from patrol.devices.jt808.messages import Id, Message


class Result(IntEnum):
    """Of a message."""

    DONE = 0
    FAILED = 1
    BAD = 2
    UNSUPPORTED = 3
    ALARM_CONFIRMED = 4


class RegisterResult(IntEnum):
    """Of a registration. Those of vehicles are not used: a terminal is enrolled for a unit."""

    DONE = 0
    VEHICLE_TAKEN = 1
    NO_SUCH_VEHICLE = 2
    TERMINAL_TAKEN = 3
    NO_SUCH_TERMINAL = 4


def general_answer(message: Message, result: Result, *, sequence: int) -> Message:
    body = struct.pack(">HHB", message.sequence, message.id, result)
    return Message(id=Id.ANSWER, address=message.address, sequence=sequence, body=body)


def register_answer(
    message: Message, result: RegisterResult, code: str, *, sequence: int
) -> Message:
    """`code` follows a success only."""
    body = struct.pack(">HB", message.sequence, result)
    if result is RegisterResult.DONE:
        body += code.encode("gb18030")
    return Message(id=Id.REGISTER_ANSWER, address=message.address, sequence=sequence, body=body)


def resend_request(first: Message, indices: Sequence[int], *, sequence: int) -> Message:
    """Ask for parts again. `first` has the address and, as its sequence, that of the first part. Their
    number has one byte until 2013 and two from 2019 on."""
    if first.address.version is None:
        indices = indices[:255]
        count = struct.pack(">B", len(indices))
    else:
        count = struct.pack(">H", len(indices))
    body = struct.pack(">H", first.sequence) + count + struct.pack(f">{len(indices)}H", *indices)
    return Message(id=Id.RESEND, address=first.address, sequence=sequence, body=body)
