"""Text from China: a byte order mark, else UTF-8 where that fits, else GB 18030."""

import codecs
from pathlib import Path

from data.files.headings import decoded
from gis.errors import UnreadableFile

_CHUNK_BYTES = 1024 * 1024
USUAL = ("utf-8-sig", "gb18030")
"""Guessers of character sets misread short GBK files; this order does not."""


def read_text(path: Path, encoding: str | None = None) -> str:
    """The whole file as text. Raises UnreadableFile when it is none of these, or not `encoding`."""
    return decode(path.read_bytes(), str(path), encoding)


def decode(content: bytes, label: str, encoding: str | None = None) -> str:
    """The same of bytes; `label` names them in the message."""
    for each in [encoding] if encoding else _candidates(content):
        try:
            return content.decode(each)
        except (UnicodeDecodeError, LookupError):
            continue
    raise UnreadableFile(
        f"{label} is not {encoding or 'UTF-8 or GB 18030'} text. Save it again as UTF-8.",
        field="encoding",
        code="bad_encoding",
    )


def encoding_of(path: Path) -> str:
    """What a file of text is in, however long it is. Raises UnreadableFile."""
    with path.open("rb") as file:
        first = file.read(2)
        for encoding in _candidates(first):
            file.seek(0)
            decoder = codecs.getincrementaldecoder(encoding)()
            try:
                while chunk := file.read(_CHUNK_BYTES):
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
                return encoding
            except UnicodeDecodeError:
                continue
    raise UnreadableFile(
        f"{path} is not UTF-8 or GB 18030 text. Save it again as UTF-8.", field="encoding"
    )


def encoding_of_cells(cells: list[bytes]) -> str:
    """What the cells of a table of fixed widths are in, whose last characters may be cut."""
    try:
        for cell in cells:
            decoded(cell, "utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _candidates(content: bytes) -> tuple[str, ...]:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ("utf-16",)  # what a spreadsheet calls "Unicode text"
    return USUAL
