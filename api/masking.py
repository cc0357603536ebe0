"""Telephone and identity numbers as most people see them: enough to recognise, too little to use."""

import re
from collections.abc import Sequence

_MASK = "*"
_SHORT = 4  # of so short a text even two characters would say too much

# A number as people write it: digits (full-width ones too), with a few spaces or dashes between them.
# A line break, a dot, a colon or a slash ends it: those stand in decimals, times and dates.
_BETWEEN = r"[ \t\u00a0\u2009\u3000_‐‑‒–—―−－-]{0,3}"
_RUN = re.compile(rf"\d(?:{_BETWEEN}\d)*(?:{_BETWEEN}[XxＸｘ](?![^\W\d_]))?")
_GROUP = re.compile(r"\d+|[XxＸｘ]")

_MOBILE = re.compile(r"(?:0|(?:00)?86)?1[3-9]\d{9}")
_COUNTRY = ("86", "0086")
# GB 11643: division, day of birth, order, check character; 9 is a foreigner's permanent residence. The
# check character is not tested: a number with a slip in it is still somebody's.
_DIVISION = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])\d{4}"
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_IDENTITY_18 = re.compile(rf"(?:{_DIVISION}|9\d{{5}})(?:19|20)\d{{2}}{_DAY}\d{{3}}[\dX]")
# The form before 1999 has two digits for the year. So has the code of a level-1 grid 15 digits, with the
# town where the year would be: below 40 but for farms and development zones. Hence from 1940 on only.
_IDENTITY_15 = re.compile(rf"{_DIVISION}[4-9]\d{_DAY}\d{{3}}")

# What else leads to somebody: a landline, an account of a messenger, an address for mail.
_LONG_ENOUGH_TO_CALL = 5
_HANDLE = re.compile(r"(?=[A-Za-z._+-]*[\d_@])[A-Za-z\d][A-Za-z\d._@+-]{4,}", re.ASCII)


def mask_phone(text: str) -> str:
    """138****1234 for a mainland mobile number; of anything else the last two characters stay."""
    groups = _GROUP.findall(text)
    if _is_mobile(groups):
        return _hide(text, _places(text)[-8:-4])
    return _hide_all_but_the_end(text)


def mask_identity_number(text: str) -> str:
    """3207************12 for 18 characters, the like for 15; of anything else the last two stay."""
    places = _places(text)
    return _hide(text, places[4:-2]) if len(places) in (15, 18) else _hide_all_but_the_end(text)


def mask_numbers_in_text(text: str) -> str:
    """The text with its mobile and identity numbers masked, also those with spaces or dashes inside.

    Codes of grids and cameras, numbers of cases and dates stay, and so does what is part of a longer
    row of digits.
    """
    return _RUN.sub(lambda run: _mask_run(run.group()), text)


def mask_contact(text: str) -> str:
    """How to reach somebody, in their own words: as in a text, and landlines, accounts of messengers and
    addresses are masked too. Names stay."""
    masked = _RUN.sub(lambda run: _mask_any_number(run.group()), mask_numbers_in_text(text))
    return _HANDLE.sub(lambda handle: _hide_all_but_the_end(handle.group()), masked)


def _mask_run(run: str) -> str:
    """A run may hold several numbers; one begins and ends where a group of digits does."""
    groups = [group.span() for group in _GROUP.finditer(run)]
    first = 0
    while first < len(groups):
        for after in range(min(len(groups), first + 18), first, -1):
            spans = groups[first:after]
            places = [place for span in spans for place in range(*span)]
            words = [run[slice(*span)] for span in spans]
            if _is_identity_number(words):
                run = _hide(run, places[4:-2])
            elif _is_mobile(words):
                run = _hide(run, places[-8:-4])
            else:
                continue
            first = after - 1
            break
        first += 1
    return run


def _mask_any_number(run: str) -> str:
    places = _places(run)
    return _hide(run, places[:-2]) if len(places) >= _LONG_ENOUGH_TO_CALL else run


def _is_mobile(groups: Sequence[str]) -> bool:
    """138 1234 5678, or digit by digit; but not 1990-01-02 123."""
    lengths = {len(group) for group in groups if group not in _COUNTRY}
    is_grouped_like_one = lengths == {1} or min(lengths, default=0) >= 3
    return is_grouped_like_one and bool(_MOBILE.fullmatch(_plain(groups)))


def _is_identity_number(groups: Sequence[str]) -> bool:
    if len(groups[0]) < 3 and any(len(group) > 1 for group in groups):
        return False
    plain = _plain(groups)
    return bool(_IDENTITY_18.fullmatch(plain) or _IDENTITY_15.fullmatch(plain))


def _plain(groups: Sequence[str]) -> str:
    """Full-width characters as ordinary ones."""
    return "".join(
        str(int(character)) if character.isdecimal() else "X" for character in "".join(groups)
    )


def _places(text: str) -> list[int]:
    return [place for group in _GROUP.finditer(text) for place in range(*group.span())]


def _hide(text: str, places: Sequence[int]) -> str:
    hidden = set(places)
    return "".join(_MASK if place in hidden else each for place, each in enumerate(text))


def _hide_all_but_the_end(text: str) -> str:
    shown = 2 if len(text) > _SHORT else 0
    return _MASK * (len(text) - shown) + text[len(text) - shown :]
