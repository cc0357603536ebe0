"""Shares as they are written: in percent with two decimals, as bulletins of digital city management have
them ("结案率93.72%"), on screens too (`web/src/figures/words.ts`). Pure."""

from math import floor

_DIGITS = 2
_SCALE: int = 100 * 10**_DIGITS
SHEET_FORMAT = f"0.{'0' * _DIGITS} %"
"""Of a cell of a spreadsheet that holds the share itself."""
CHANGE_SHEET_FORMAT = f"+{SHEET_FORMAT};-{SHEET_FORMAT};{SHEET_FORMAT}"


def share_text(share: float) -> str:
    """Such as 93.72 %, rounded to the nearest and a half up; but 100 % is all of it, and 0 % is none."""
    rounded = _rounded(share)
    if 0 < share < 1:
        rounded = min(_SCALE - 1, max(1, rounded))
    return f"{rounded * 100 / _SCALE:.{_DIGITS}f} %"


def points_text(change: float) -> str:
    """How many points a share changed, such as +1.20."""
    sign = "-" if change < 0 else "+"
    return f"{sign}{_rounded(abs(change)) * 100 / _SCALE:.{_DIGITS}f}"


def _rounded(share: float) -> int:
    return floor(share * _SCALE + 0.5)
