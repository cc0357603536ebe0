"""A layer's tiles in one file (PMTiles 3), and whether they are still those of the database.

Why never stale. The archive is written in one snapshot and holds the `Stamp` of the layer's content in
it. A server compares the whole stamp once, when it opens the file, and from then on the version that it
reads after each request came. A file whose stamp is another one's answers nothing.
"""

import mmap
import os
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple, Self

from pmtiles.reader import Reader
from pmtiles.tile import (
    deserialize_directory,
    deserialize_header,
    find_tile,
    zxy_to_tileid,
)

from gis.errors import UnreadableFile
from layers.tiles.address import TileAddress

SUFFIX = ".pmtiles"
MEMBER = "wangge"
_DIRECTORIES = 64
_DEEPEST = 4  # root and leaves, by the specification


def archives_dir(data_dir: Path) -> Path:
    """Where an installation keeps its archives."""
    return data_dir / "tiles"


class Stamp(NamedTuple):
    """Which content of a layer: `place` is the database and `writer` the transaction that gave the
    layer its `version` there. A version alone repeats itself where a backup is brought back."""

    version: int
    place: str
    writer: str


class TileArchive:
    """A file of tiles, open until `close`. Safe to read from several threads."""

    def __init__(self, path: Path) -> None:
        """Raises FileNotFoundError, and UnreadableFile for a file that no seeding wrote."""
        with path.open("rb") as file:
            self.modified = _mark(os.fstat(file.fileno()))
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            self._header = deserialize_header(self._map[0:127])
            self.metadata: dict[str, Any] = Reader(self._bytes).metadata()
            said = self.metadata[MEMBER]
            self.stamp = Stamp(version=said["version"], place=said["place"], writer=said["writer"])
            self.minzoom: int = said["minzoom"]
            self.maxzoom: int = said["maxzoom"]
        except Exception as error:  # whatever a library finds in a broken file
            self._map.close()
            raise UnreadableFile(
                f"{path} is no archive of Wangge's; write it again with 'wangge layers seed'."
            ) from error
        self._directory = lru_cache(_DIRECTORIES)(partial(_read_directory, self._map))

    @property
    def version(self) -> int:
        return self.stamp.version

    @property
    def contents(self) -> int:
        """How many different tiles are in it."""
        return int(self._header["tile_contents_count"])

    def get(self, address: TileAddress) -> bytes | None:
        """The tile, gzipped; empty where nothing is drawn, None for a zoom that was not seeded."""
        if not self.minzoom <= address.z <= self.maxzoom:
            return None
        tile_id = zxy_to_tileid(*address)
        place = (self._header["root_offset"], self._header["root_length"])
        for _ in range(_DEEPEST):
            entry = find_tile(self._directory(*place), tile_id)
            if entry is None:
                return b""
            if entry.run_length:
                return self._bytes(self._header["tile_data_offset"] + entry.offset, entry.length)
            place = (self._header["leaf_directory_offset"] + entry.offset, entry.length)
        return b""

    def close(self) -> None:
        self._map.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _bytes(self, offset: int, length: int) -> bytes:
        return self._map[offset : offset + length]


class Archives:
    """The archives of a folder, `<layer>.pmtiles`; one that was replaced is opened anew."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._open: dict[str, TileArchive] = {}

    def path_of(self, layer_id: str) -> Path | None:
        """The file of a layer, None where there is none."""
        if self._folder is None:
            return None
        path = self._folder / f"{layer_id}{SUFFIX}"
        return path if path.is_file() else None

    def find(self, layer_id: str) -> TileArchive | None:
        """The archive of a layer as its file is now. One that cannot be read is as none."""
        path = self.path_of(layer_id)
        archive = self._open.get(layer_id)
        if path is None:
            self._open.pop(layer_id, None)
            return None
        if archive is not None and archive.modified == _mark(path.stat()):
            return archive
        # Somebody may be reading from the one before: the last of them closes it.
        self._open.pop(layer_id, None)
        try:
            archive = self._open[layer_id] = TileArchive(path)
        except (UnreadableFile, OSError, ValueError):
            return None
        return archive


def _read_directory(file: mmap.mmap, offset: int, length: int) -> Any:
    return deserialize_directory(file[offset : offset + length])


def _mark(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_mtime_ns, stat.st_size
