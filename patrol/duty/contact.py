"""What is written down about a person: their name, telephone and identity number, in one form each."""

import re
import unicodedata
from datetime import date

from gis.errors import InvalidInput

_LONGEST_NAME = 100

_BETWEEN_DIGITS = re.compile(r"[\s\-‐‑–—−()]+")
_COUNTRY = re.compile(r"(?:\+|00)86")
_MOBILE = re.compile(r"(?:86)?(1[3-9]\d{9})", re.ASCII)
# Beijing and the large cities have area codes of three digits, all others of four.
_LANDLINE = re.compile(r"(010|02\d|0[3-9]\d{2})(\d{7,8})(?:(?:转|x|ext\.?)(\d{1,5}))?", re.ASCII)
_EXTENSION = re.compile(r"(?P<number>0\d{2,3}\D*\d{7,8})\s*-\s*(?P<extension>\d{1,5})", re.ASCII)

_IDENTITY_NUMBER = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_CHECK_CHARACTERS = "10X98765432"  # by the weighted sum modulo 11


def check_name(text: str) -> str:
    """Without spaces around it. Raises InvalidInput."""
    name = text.strip()
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        raise InvalidInput(
            f"A name is 1 to {_LONGEST_NAME} printable characters, on one line.", field="name"
        )
    return name


def check_phone(text: str) -> str:
    """A mainland mobile number as 13812345678, a landline as 0518-85801234 or 0518-85801234-801.

    Spaces, dashes and +86 are taken as people write them. Raises InvalidInput.
    """
    plain = _COUNTRY.sub("", unicodedata.normalize("NFKC", text).strip().lower(), count=1)
    with_extension = _EXTENSION.fullmatch(plain)
    if with_extension is not None:
        plain = f"{with_extension['number']}x{with_extension['extension']}"
    plain = _BETWEEN_DIGITS.sub("", plain)
    if (mobile := _MOBILE.fullmatch(plain)) is not None:
        return mobile[1]
    if (landline := _LANDLINE.fullmatch(plain)) is not None:
        return "-".join(part for part in landline.groups() if part is not None)
    raise InvalidInput(
        "This is not a telephone number: write the 11 digits of a mobile one (13812345678), or a "
        "landline with its area code (0518-85801234).",
        field="phone",
    )


def mobile_in(text: str) -> str | None:
    """The first mainland mobile number among whatever else was written down of somebody."""
    found = _MOBILE.search(text)
    return None if found is None else found[1]


def check_identity_number(text: str) -> str:
    """The 18 characters of a citizen's identity number, X as a capital.

    GB 11643-1999: six digits of a division, the day of birth, three digits, and a check character by
    ISO 7064 MOD 11-2. Raises InvalidInput, without the number in its message: that may reach a log.
    """
    number = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    if not _IDENTITY_NUMBER.fullmatch(number):
        raise _bad_identity_number(
            f"has 18 characters, all digits but the last, which may be X; this has {len(number)}"
            if len(number) != 18
            else "has 17 digits and then a digit or X"
        )
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError as error:
        raise _bad_identity_number("has a day of birth from its 7th digit on") from error
    if number[17] != check_character(number[:17]):
        raise _bad_identity_number("ends with a check character, which does not fit here")
    return number


def check_character(digits: str) -> str:
    """The 18th character for the 17 `digits` before it."""
    weighted = sum(int(digit) << (17 - index) for index, digit in enumerate(digits))
    return _CHECK_CHARACTERS[weighted % 11]


def _bad_identity_number(what: str) -> InvalidInput:
    return InvalidInput(
        f"An identity number {what}. Compare it with the card: a digit is mistyped or missing.",
        field="identity_number",
    )
