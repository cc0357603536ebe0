"""Registering and authenticating (JT/T 808-2011, -2013 and -2019: 0x0100 and 0x0102)."""

import struct
from dataclasses import dataclass

from gis.errors import InvalidInput

# The widths of maker, model and terminal id, the newest edition first.
_WIDTHS_2019, _WIDTHS_2013, _WIDTHS_2011 = (11, 30, 30), (5, 20, 7), (5, 8, 7)
_PLACE = 4  # province and city, in front of them
_IMEI, _SOFTWARE = 15, 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Registration:
    """`plate_colour` is a number of JT/T 415, or JT/T 697.7 since 2019; 0 is a vehicle without a plate,
    and `plate` is then its VIN."""

    province: int
    city: int
    maker: str
    model: str
    terminal_id: str
    plate_colour: int
    plate: str

    @property
    def make(self) -> str:
        """Which terminal this is, in one line: the same each time it registers."""
        return f"{self.maker}/{self.model}/{self.terminal_id}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Authentication:
    code: str
    imei: str | None = None
    software: str | None = None


def read_registration(body: bytes, *, is_2019: bool) -> Registration:
    """Raises InvalidInput."""
    widths = _WIDTHS_2019 if is_2019 else _widths_before_2019(body)
    end = _PLACE + sum(widths)
    if len(body) <= end:
        raise InvalidInput("The registration is cut off.", code="bad_body")
    province, city = struct.unpack_from(">HH", body)
    texts, start = [], _PLACE
    for width in widths:
        texts.append(to_text(body[start : start + width]))
        start += width
    maker, model, terminal_id = texts
    return Registration(
        province=province,
        city=city,
        maker=maker,
        model=model,
        terminal_id=terminal_id,
        plate_colour=body[end],
        plate=to_text(body[end + 1 :]),
    )


def _widths_before_2019(body: bytes) -> tuple[int, int, int]:
    """The header of 2011 is that of 2013. What 2013 has for the plate's colour is a letter or digit of
    the plate, or behind the end, in a body of 2011."""
    colour = _PLACE + sum(_WIDTHS_2013)
    if len(body) <= colour or bytes([body[colour]]).isalnum():
        return _WIDTHS_2011
    return _WIDTHS_2013


def read_authentication(body: bytes, *, is_2019: bool) -> Authentication:
    """2019: length, code, IMEI[15], version of the software[20]. Before, and from terminals of 2019 that
    keep to it: the code alone."""
    if is_2019 and body and 1 + body[0] + _IMEI <= len(body):
        end = 1 + body[0]
        return Authentication(
            code=to_text(body[1:end]),
            imei=to_text(body[end : end + _IMEI]),
            software=to_text(body[end + _IMEI : end + _IMEI + _SOFTWARE]),
        )
    return Authentication(code=to_text(body))


def to_text(field: bytes) -> str:
    """GBK, filled up with zeros or spaces. What is no GBK becomes �; what cannot be printed goes."""
    text = field.strip(b"\0 ").decode("gb18030", "replace")
    return "".join(character for character in text if character.isprintable())
