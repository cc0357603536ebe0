"""The next free code for a new grid beside another."""

import re
from collections.abc import Collection

from gis.codes import level_of
from gis.errors import InvalidInput
from gis.grid import Grid

_DIGITS_OF_LEVEL = {1: 3, 2: 2}
_NUMBERED = re.compile(r"(.*?)(\d+)", re.ASCII | re.DOTALL)


def next_code(beside: Grid, used: Collection[str]) -> str:
    """The code after the highest one that begins like that of `beside`, else the lowest free one. By the
    scheme a level-1 code ends with three digits of its own and a level-2 code with two; of other codes
    all digits at the end count. Raises InvalidInput when all are used."""
    code = beside.code
    digits = _DIGITS_OF_LEVEL.get(level_of(code) or 0)
    if digits is not None:
        stem, width = code[:-digits], digits
    elif (numbered := _NUMBERED.fullmatch(code)) is not None:
        stem, width = numbered[1], len(numbered[2])
    else:
        stem, width = f"{code}-", 1
    taken = {
        int(end)
        for each in used
        if each.startswith(stem)
        and (end := each[len(stem) :]).isascii()
        and end.isdigit()
        and (digits is None or len(end) == digits)
    }
    following = max(taken, default=0) + 1
    if digits is not None and len(str(following)) > width:
        following = next((each for each in range(1, 10**width) if each not in taken), 0)
        if not following:
            raise InvalidInput(
                f"All codes {stem}{'0' * width} to {stem}{'9' * width} are used. Say which to take.",
                field="codes",
            )
    found = f"{stem}{following:0{width}d}"
    assert found not in used
    return found
