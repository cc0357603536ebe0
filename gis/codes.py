"""Grid codes: division code (6 county + 3 town + 3 village), + 3 for level 1, + 2 for level 2.

    320722 101 203 | 005 | 02
    county town village   level 1, level 2

Codes are text. A file that brings other codes keeps them: nothing here refuses a code for not
following the scheme, and the functions that read the scheme answer None for such a code.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping

from gis.errors import InvalidInput

DIVISION_DIGITS = 12
_DIGITS_OF_LEVEL = {1: DIVISION_DIGITS + 3, 2: DIVISION_DIGITS + 3 + 2}
_LEVEL_OF_DIGITS = {digits: level for level, digits in _DIGITS_OF_LEVEL.items()}
_LONGEST = 64
_SCHEME = re.compile(r"[1-9][0-9]*", re.ASCII)


def clean(value: object) -> str:
    """Return the code that a file's cell means, as text.

    Spreadsheets and GIS files hold codes as numbers (110108014000, 110108014000.0) or in full-width
    digits. Raises InvalidInput for what cannot be a code: nothing, a fraction, a control character,
    more than 64 characters.
    """
    if value is None:
        raise InvalidInput(
            "A grid has no code. Give every grid one.", field="code", code="bad_code"
        )
    if isinstance(value, float):
        if not value.is_integer():
            raise InvalidInput(
                f"{value} is not a grid code: codes are whole.", field="code", code="bad_code"
            )
        value = int(value)
    code = unicodedata.normalize("NFKC", str(value)).strip()
    if re.fullmatch(r"\d+\.0+", code):
        code = code.partition(".")[0]
    if not code:
        raise InvalidInput(
            "A grid has an empty code. Give every grid one.", field="code", code="bad_code"
        )
    if len(code) > _LONGEST or not code.isprintable():
        raise InvalidInput(
            f"{code[:_LONGEST]!r} is not a grid code: at most {_LONGEST} printable characters.",
            field="code",
            code="bad_code",
        )
    return code


def level_of(code: str) -> int | None:
    """Return the level that the code's length says: 1, 2, or None when it follows no scheme."""
    return _LEVEL_OF_DIGITS.get(len(code)) if _SCHEME.fullmatch(code) else None


def parent_of(code: str) -> str | None:
    """Return the level-1 code that a level-2 code begins with, else None."""
    return code[: _DIGITS_OF_LEVEL[1]] if level_of(code) == 2 else None


def nested_parents(codes: Collection[str]) -> Mapping[str, str | None]:
    """The parent of each of these codes, where they say it by beginning with it: towns of 9 digits and
    villages of 12 that begin with them. None is that of the shortest.

    Empty unless the codes have at least two lengths and every one begins with one of the next shorter
    length, so that nothing is guessed.
    """
    lengths = sorted({len(code) for code in codes})
    if len(lengths) < 2:
        return {}
    shorter = dict(zip(lengths[1:], lengths, strict=False))
    there = frozenset(codes)
    parents = {code: code[: shorter[len(code)]] if len(code) in shorter else None for code in there}
    return parents if all(each is None or each in there for each in parents.values()) else {}


def division_of(code: str) -> str | None:
    """Return the 12-digit division code that a division's or a grid's code begins with."""
    if is_division(code) or level_of(code) is not None:
        return code[:DIVISION_DIGITS]
    return None


def is_division(code: str) -> bool:
    """Tell whether this is a 12-digit code of a county, town or village."""
    return len(code) == DIVISION_DIGITS and _SCHEME.fullmatch(code) is not None


def town_of(code: str) -> str | None:
    """Return the town's division code (zeros for the village), or None above a town."""
    division = division_of(code)
    if division is None or division[6:9] == "000":
        return None
    return division[:9] + "000"


def county_of(code: str) -> str | None:
    """Return the county's division code (zeros for town and village)."""
    division = division_of(code)
    return None if division is None else division[:6] + "000000"
