"""Zip archives from strangers: what may be in one, and how it comes out."""

import re
import stat
import zipfile
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gis.errors import UnreadableFile

MOST_MEMBERS = 500
MOST_BYTES = 256 * 1024 * 1024
MOST_RATIO = 200
"""How many times larger than in the archive a file may be. Maps and tables are 5 to 50 times."""

_CHUNK = 1024 * 1024
_SMALL = 1024 * 1024  # a little file of nothing but blanks is not a bomb
_ENCRYPTED, _UTF8 = 0x1, 0x800
_NOT_MEANT = re.compile(r"(^|/)(__MACOSX/|\._|\.DS_Store$|Thumbs\.db$)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Unpacked:
    """`name` is what the archive calls it, for messages; `path` has a name of our own and its suffix."""

    name: str
    path: Path


def unpack(archive: Path, folder: Path, *, label: str, suffixes: Collection[str]) -> list[Unpacked]:
    """Unpack the members with one of `suffixes` (lower case) into `folder`. Members that share a folder
    and a stem share one there too, so that the parts of a shapefile stay together.

    Raises UnreadableFile when it is no archive, is locked, or looks like an attack: paths that lead
    out of it, symbolic links, too many members, or far more data than such files hold.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [info for info in opened.infolist() if not info.is_dir()]
            if len(members) > MOST_MEMBERS:
                raise _refusal(label, f"holds {len(members)} files; {MOST_MEMBERS} are the most")
            for info in members:
                _check(info, label)
            if sum(info.file_size for info in members) > MOST_BYTES:
                raise _refusal(label, f"holds more than {MOST_BYTES // 2**20} MB")
            stems: dict[str, str] = {}
            unpacked, left = [], MOST_BYTES
            for info in members:
                name = _name(info)
                suffix = PurePosixPath(name).suffix.lower()
                if suffix not in suffixes or _NOT_MEANT.search(name):
                    continue
                inside = str(PurePosixPath(name).with_suffix(""))
                stem = stems.setdefault(inside, f"{archive.stem}-{len(stems) + 1}")
                path = folder / f"{stem}{suffix}"
                left -= _extract(opened, info, path, label=label, most=left)
                unpacked.append(Unpacked(name=name, path=path))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError) as error:
        raise UnreadableFile(
            f"{label} is not a zip archive that can be read; pack it again."
        ) from error
    return unpacked


def _check(info: zipfile.ZipInfo, label: str) -> None:
    # The original: zipfile itself cuts a name at a NUL character.
    name = info.orig_filename.replace("\\", "/")
    path = PurePosixPath(name)
    if "\0" in name or path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name):
        raise _refusal(label, "has a file whose name leads out of it")
    mode = info.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise _refusal(label, f"has {path.name!r}, which is a link or a device and not a file")
    if info.flag_bits & _ENCRYPTED:
        raise _refusal(label, "is locked with a password")
    if info.file_size > max(_SMALL, MOST_RATIO * info.compress_size):
        raise _refusal(label, f"has {path.name!r}, which would grow more than {MOST_RATIO}-fold")


def _extract(
    opened: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, *, label: str, most: int
) -> int:
    """The number of bytes. What the archive says of itself may be a lie, so they are counted."""
    size = 0
    with opened.open(info) as source, path.open("xb") as target:
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            if size > most:
                raise _refusal(label, f"holds more than {MOST_BYTES // 2**20} MB")
            target.write(chunk)
    return size


def _name(info: zipfile.ZipInfo) -> str:
    """Chinese Windows writes GB 18030 and does not say so; the standard then means CP 437."""
    name = info.filename
    if not info.flag_bits & _UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("gb18030")
    return name.replace("\\", "/")


def _refusal(label: str, why: str) -> UnreadableFile:
    return UnreadableFile(f"{label} {why}. Pack only the map's own files, or send them unpacked.")
