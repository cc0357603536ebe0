"""Binary-coded decimals: two digits a byte, for telephone numbers and times."""

from datetime import datetime, timedelta, timezone

from gis.errors import InvalidInput

MOST_DIGITS = 20

_NUMBERS = {tens << 4 | units: tens * 10 + units for tens in range(10) for units in range(10)}
_UTC_8 = timezone(timedelta(hours=8))


def bcd_to_number(bcd: bytes) -> str:
    """A terminal's number without the zeros that fill it up, "0" for nothing but zeros.

    Raises InvalidInput when half a byte is no digit.
    """
    digits = bcd.hex()
    if not digits.isdecimal():
        raise InvalidInput("The terminal's number has half bytes above 9.", code="bad_number")
    return digits.lstrip("0") or "0"


def text_to_number(text: str) -> str:
    """A terminal's number as somebody wrote it, in the form of `bcd_to_number`. Raises InvalidInput."""
    digits = text.strip()
    number = digits.lstrip("0")
    if not (digits.isascii() and digits.isdecimal() and number and len(digits) <= MOST_DIGITS):
        raise InvalidInput(
            f"A JT/T 808 terminal's number is 1 to {MOST_DIGITS} digits, as set in the terminal: "
            "mostly the telephone number of its SIM card.",
            field="identifier",
        )
    return number


def bcd_to_time(bcd: bytes) -> datetime:
    """YY-MM-DD-hh-mm-ss in UTC+8 of this century. Raises InvalidInput for what is no time."""
    try:
        year, month, day, hour, minute, second = (_NUMBERS[byte] for byte in bcd)
        return datetime(2000 + year, month, day, hour, minute, second, tzinfo=_UTC_8)
    except (KeyError, ValueError) as error:
        raise InvalidInput(
            f"{bcd.hex()} is no time; set the terminal's clock.", code="bad_time"
        ) from error


def time_to_bcd(at: datetime) -> bytes:
    return bytes.fromhex(f"{at.astimezone(_UTC_8):%y%m%d%H%M%S}")
