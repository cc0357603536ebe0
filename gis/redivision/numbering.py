"""The next free code for a new grid beside another, and its name."""

import re
from collections.abc import Collection, Iterable

from gis.codes import level_of
from gis.errors import InvalidInput
from gis.grid import Grid

_DIGITS_OF_LEVEL = {1: 3, 2: 2}
_NUMBERED = re.compile(r"(.*?)(\d+)", re.ASCII | re.DOTALL)

_DIGITS = "零一二三四五六七八九"
_MOST = 99
_ORDINAL = re.compile(
    r"(.*?)(第(?:\d+|[一二三四五六七八九十]+)|\d+)(号?(?:网格|片区|片|小组|组|单元))",
    re.ASCII | re.DOTALL,
)


def _in_chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    before = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return before + (_DIGITS[ones] if ones else "")


_NUMERALS = {_in_chinese(number): number for number in range(1, _MOST + 1)}


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


def next_name(beside: Grid, siblings: Iterable[Grid]) -> str | None:
    """The name after the highest ordinal that a sibling of `beside` has in the manner of its name: after
    第三网格 comes 第四网格, after 2号网格 3号网格. None where its name has no ordinal."""
    if (mine := _ordinal(beside.name)) is None:
        return None
    found = (_ordinal(each.name) for each in (beside, *siblings))
    following = 1 + max(each[1] for each in found if each is not None and each[0] == mine[0])
    (head, is_first, in_chinese, tail), _ = mine
    if in_chinese and following > _MOST:
        return None
    number = _in_chinese(following) if in_chinese else str(following)
    return f"{head}{'第' if is_first else ''}{number}{tail}"


def _ordinal(name: str) -> tuple[tuple[str, bool, bool, str], int] | None:
    """The manner of a name and its number."""
    if (match := _ORDINAL.fullmatch(name)) is None:
        return None
    head, word, tail = match.groups()
    said = word.removeprefix("第")
    number = int(said) if said.isdigit() else _NUMERALS.get(said)
    if number is None:
        return None
    return (head, word != said, not said.isdigit(), tail), number
