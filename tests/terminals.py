"""A JT/T 808 terminal for tests: writes what terminals send, reads the answers, over a real socket."""

import socket
import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Self

from patrol.devices.jt808.answers import RegisterResult, Result
from patrol.devices.jt808.bcd import time_to_bcd
from patrol.devices.jt808.frames import Splitter
from patrol.devices.jt808.messages import (
    Address,
    Id,
    Message,
    Part,
    read_message,
    write_message,
)
from patrol.devices.jt808.registration import to_text

FIXED = 2
SOS = 1


def address_of(number: str, *, version: int | None = None) -> Address:
    return Address(bcd=bytes.fromhex(number.zfill(12 if version is None else 20)), version=version)


def location_body(
    at: datetime,
    *,
    lon: float = 118.6,
    lat: float = 34.5,
    alarms: int = 0,
    status: int = FIXED,
    added: bytes = b"",
) -> bytes:
    """The body of a 0x0200: 40 m high, at 6 km/h, to the east."""
    return (
        struct.pack(">IIIIHHH", alarms, status, round(lat * 1e6), round(lon * 1e6), 40, 60, 90)
        + time_to_bcd(at)
        + added
    )


def batch_body(bodies: Sequence[bytes]) -> bytes:
    return struct.pack(">HB", len(bodies), 1) + b"".join(
        struct.pack(">H", len(body)) + body for body in bodies
    )


def registration_body(terminal_id: str = "7654321", *, edition: int = 2013) -> bytes:
    maker, model, id = {2011: (5, 8, 7), 2013: (5, 20, 7), 2019: (11, 30, 30)}[edition]
    return (
        struct.pack(">HH", 32, 722)
        + b"wangg".ljust(maker, b"\0")
        + b"BODY-1".ljust(model, b"\0")
        + terminal_id.encode().ljust(id, b"\0")
        + b"\x01"
        + "苏A12345".encode("gbk")
    )


class Terminal:
    """Connected. Frames are answered in their order; `sequence` counts up."""

    def __init__(self, port: int, number: str, *, version: int | None = None) -> None:
        self.address = address_of(number, version=version)
        self.sequence = -1
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._splitter = Splitter()
        self._arrived: list[Message] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def frame(
        self, id: int, body: bytes = b"", *, part: Part | None = None, encryption: int = 0
    ) -> bytes:
        self.sequence += 1
        return write_message(
            Message(
                id=id,
                address=self.address,
                sequence=self.sequence,
                body=body,
                part=part,
                encryption=encryption,
            )
        )

    def send(self, id: int, body: bytes = b"") -> int:
        """The sequence it was sent with."""
        self.socket.sendall(self.frame(id, body))
        return self.sequence

    def receive(self) -> Message:
        """Raises EOFError when the platform has hung up."""
        while not self._arrived:
            try:
                chunk = self.socket.recv(65536)
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                raise EOFError
            self._arrived += [read_message(frame) for frame in self._splitter.split(chunk)]
        return self._arrived.pop(0)

    def result(self) -> tuple[int, Result]:
        """Of the next general answer: which sequence it answers, and how."""
        message = self.receive()
        assert message.id == Id.ANSWER, message
        sequence, _, result = struct.unpack(">HHB", message.body)
        return sequence, Result(result)

    def ask(self, id: int, body: bytes = b"") -> Result:
        sequence = self.send(id, body)
        answered, result = self.result()
        assert answered == sequence
        return result

    def register(self, terminal_id: str = "7654321") -> tuple[RegisterResult, str]:
        edition = 2013 if self.address.version is None else 2019
        self.send(Id.REGISTER, registration_body(terminal_id, edition=edition))
        message = self.receive()
        assert message.id == Id.REGISTER_ANSWER
        return RegisterResult(message.body[2]), to_text(message.body[3:])

    def authenticate(self, code: str) -> Result:
        body = code.encode()
        if self.address.version is not None:
            body = bytes([len(body)]) + body + b"123456789012345" + b"1.0".ljust(20, b"\0")
        return self.ask(Id.AUTHENTICATE, body)

    def come_in(self) -> str:
        """Register and authenticate. The code."""
        result, code = self.register()
        assert result is RegisterResult.DONE
        assert self.authenticate(code) is Result.DONE
        return code

    def locate(self, at: datetime | None = None, **changes: object) -> Result:
        body = location_body(at or datetime.now(UTC), **changes)  # type: ignore[arg-type]
        return self.ask(Id.LOCATION, body)

    def is_hung_up_on(self) -> bool:
        """Waits for it."""
        try:
            while True:
                self.receive()
        except EOFError:
            return True
