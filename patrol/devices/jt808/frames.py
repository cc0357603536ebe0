"""Frames: how a message stands in a stream of bytes (JT/T 808-2019, 4.4).

0x7e | header and body | their XOR | 0x7e, where 7e inside is written 7d 02, and 7d is written 7d 01.
"""

from collections.abc import Iterator

from gis.errors import InvalidInput

MARK = b"\x7e"

LONGEST_FRAME = 2 * (21 + 1023 + 1)
"""Header, body and checksum, with every byte escaped."""


class Splitter:
    """Cuts a stream at the marks, however it arrives in pieces. Holds one frame at most.

    Between two frames there may be one mark or two. What lies between two that belong to different
    frames comes out as a frame that is none, and the next one is whole again.
    """

    def __init__(self) -> None:
        self._rest = b""

    def split(self, chunk: bytes) -> Iterator[bytes]:
        """The frames that end in `chunk`, without their marks. Of one that is longer than any may be
        only the beginning comes, too long still."""
        first, *others = chunk.split(MARK)
        self._add(first)
        for other in others:
            if self._rest:
                yield self._rest
            self._rest = b""
            self._add(other)

    def _add(self, piece: bytes) -> None:
        self._rest += piece[: LONGEST_FRAME + 1 - len(self._rest)]


def unwrap(frame: bytes) -> bytes:
    """Header and body of a frame without its marks. Raises InvalidInput."""
    if len(frame) > LONGEST_FRAME:
        raise InvalidInput("The frame is longer than any may be.", code="too_long")
    escapes = frame.count(b"\x7d")
    if escapes:
        if frame.count(b"\x7d\x01") + frame.count(b"\x7d\x02") != escapes:
            raise InvalidInput("7d stands before neither 01 nor 02.", code="bad_escape")
        frame = frame.replace(b"\x7d\x02", b"\x7e").replace(b"\x7d\x01", b"\x7d")
    if len(frame) < 2 or _xor(frame):  # the XOR of all and of itself is 0
        raise InvalidInput("The checksum is wrong.", code="bad_checksum")
    return frame[:-1]


def wrap(payload: bytes) -> bytes:
    """A frame with its marks."""
    frame = payload + bytes([_xor(payload)])
    return MARK + frame.replace(b"\x7d", b"\x7d\x01").replace(MARK, b"\x7d\x02") + MARK


def _xor(payload: bytes) -> int:
    result = 0
    for byte in payload:  # most frames are short, and numpy takes longer to begin
        result ^= byte
    return result
