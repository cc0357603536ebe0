"""Names of fields that went through the wrong encoding, made readable again where that is certain.

A shapefile keeps ten bytes of a name, so the last character is often cut in two; and a program that took
one encoding for another stores what it saw. Both leave a trace that a name which was meant never has.
"""

import re
from collections.abc import Sequence
from contextlib import suppress

_HEX = re.compile(r"_hex_((?:[0-9a-f]{2})+)", re.ASCII)
_COUNTER = re.compile(r"_\d{1,2}$", re.ASCII)  # what programs add to tell equal names apart
_CUT_BYTES = 3
_FIRST_LEVEL = range(0xB0, 0xD8)
"""The rows of GB 2312 with the 3,755 usual characters, by pronunciation."""


def recovered(name: str) -> str:
    """The name as it was meant, as far as it is there; the same when nothing is certain.

    `缃戞牸缂栵` is 网格编 in UTF-8 read as GBK, `ç½\x91æ\xa0¼` 网格 and `Íø¸ñ` 网格 read as Latin-1,
    `_hex_e68980e5b19e` what a program wrote that gave up.
    """
    if match := _HEX.fullmatch(name):
        return _meant(bytes.fromhex(match[1]), "utf-8") or name
    if name.isascii():
        return name
    stem = _COUNTER.sub("", name)
    rest = name[len(stem) :]
    for seen_as, meant in (("gb18030", "utf-8"), ("latin-1", "utf-8"), ("cp1252", "utf-8")):
        with suppress(UnicodeEncodeError):
            if found := _meant(stem.encode(seen_as), meant):
                return found + rest
    with suppress(UnicodeEncodeError):
        content = stem.encode("latin-1")
        if all(byte in _FIRST_LEVEL for byte in _lead_bytes(content)):
            return (_meant(content, "gb2312") or stem) + rest
    return name


def recovered_all(names: Sequence[str]) -> list[str]:
    """The same of all fields of a file, numbered where several would be called alike."""
    taken = set(names)
    found = []
    for name in names:
        new = recovered(name)
        numbered = (f"{new}_{number}" for number in range(2, len(names) + 3))
        if new != name:
            new = next(each for each in (new, *numbered) if each not in taken)
            taken.add(new)
        found.append(new)
    return found


def decoded(content: bytes, encoding: str) -> str:
    """Text that a fixed width may have cut within its last character, which falls away.

    Raises UnicodeDecodeError when anything else is wrong with it.
    """
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if error.end < len(content) or len(content) - error.start > _CUT_BYTES or not error.start:
            raise
        return content[: error.start].decode(encoding)


def _meant(content: bytes, encoding: str) -> str | None:
    counter = _COUNTER.search(content.decode("latin-1"))
    rest = "" if counter is None else counter[0]
    try:
        text = decoded(content[: len(content) - len(rest)], encoding).rstrip("\ufffd")
    except UnicodeDecodeError:
        return None
    foreign = [character for character in text if not character.isascii()]
    if foreign and all(_is_chinese(character) for character in foreign):
        return text + rest
    return None


def _is_chinese(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff" or character in "、（）：·"


def _lead_bytes(content: bytes) -> list[int]:
    """The first byte of each pair of bytes beyond ASCII."""
    leads, index = [], 0
    while index < len(content):
        if content[index] < 0x80:
            index += 1
        else:
            leads.append(content[index])
            index += 2
    return leads
