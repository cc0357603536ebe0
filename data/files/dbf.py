"""The text of a shapefile, whatever it is in.

Its .cpg says, if there is one and if it is right. Names are cut at 10 bytes and values at the width of
their field, so both may end in half a character, at which every strict decoder fails.
"""

import codecs
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from data.files.headings import decoded
from data.files.text import encoding_of_cells

BYTES = "ISO-8859-1"
"""Read as this, text is its bytes."""


def declared_encoding(path: Path) -> str | None:
    """What the .cpg beside the shapefile says, if Python knows it."""
    for suffix in (".cpg", ".CPG"):
        with suppress(OSError, LookupError):
            said = path.with_suffix(suffix).read_text("ascii", "replace").strip()
            word = {"936": "gb18030", "65001": "utf-8"}.get(said.rpartition(" ")[2], said)
            "".encode(word)
            return "gb18030" if word.lower() in ("gbk", "gb2312", "cp936") else word
    return None


def decode_table(
    names: Sequence[str], columns: Sequence[Any], declared: str | None
) -> tuple[list[str], list[list[object]], str | None]:
    """Names and columns read as `BYTES`, in their own text, and a remark for a person.

    When they are not what is `declared`, they are UTF-8 if all of them fit, else GB 18030; what fits
    neither keeps a mark (U+FFFD) where it does not.
    """
    cells = [name.encode(BYTES) for name in names]
    values = [[_raw(value) for value in column] for column in columns]
    cells += [value for column in values for value in column if isinstance(value, bytes)]
    encoding = encoding_of_cells(cells)
    is_utf8 = encoding == "utf-8" and any(not cell.isascii() for cell in cells)
    # Hardly any Chinese in GBK happens to be UTF-8 as well, but nearly all UTF-8 passes for GBK.
    if declared is not None and not is_utf8 and _fits(cells, declared):
        encoding = declared
    remark = None
    if declared is not None and _same(encoding) != _same(declared):
        remark = f"The text is {encoding.upper()}, not {declared} as its .cpg says."
    return (
        [_text(name.encode(BYTES), encoding) for name in names],
        [
            [_text(value, encoding) if isinstance(value, bytes) else value for value in column]
            for column in values
        ],
        remark,
    )


def _same(encoding: str) -> str:
    return codecs.lookup(encoding).name


def _raw(value: object) -> object:
    return value.encode(BYTES) if isinstance(value, str) else value


def _fits(cells: Sequence[bytes], encoding: str) -> bool:
    try:
        for cell in cells:
            decoded(cell, encoding)
    except UnicodeDecodeError:
        return False
    return True


def _text(content: bytes, encoding: str) -> str:
    try:
        return decoded(content, encoding)
    except UnicodeDecodeError:
        return content.decode(encoding, "replace")
