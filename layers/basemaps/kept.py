"""The tiles kept on disk: one SQLite file, bounded in bytes, the least recently used leaving first.

No library for it: those that are kept up either unpickle what they read or drop what is old, and an old
tile is what one wants while its server is away.
"""

import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from data.sql import load_sql
from gis.errors import InstallationError
from layers.tiles.address import TileAddress

_SQL = load_sql("layers.basemaps", "kept.sql")
_ROOM = 0.9  # what is left after making room, so that not every new tile has to
_USED_EVERY_S = 3_600.0
_OVERHEAD = 200  # bytes of a row beside its content


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptTile:
    """`content` is empty where the map server has no such tile. Times are seconds since 1970."""

    content: bytes
    media_type: str
    etag: str
    fetched_at_s: float


class KeptTiles:
    """Safe to call from several threads. Raises sqlite3.Error when the disk is full or broken."""

    def __init__(self, folder: Path | None, *, max_bytes: int) -> None:
        """Without a folder they are kept in memory. A file that is no database is begun anew. Raises
        InstallationError for a folder that cannot be written."""
        self._max_bytes = max_bytes
        self._lock = Lock()
        try:
            self._db = _opened(folder)
        except (OSError, sqlite3.OperationalError) as error:
            raise InstallationError(
                f"{folder} cannot be written: {error}. Let the server's user own it."
            ) from error
        except sqlite3.DatabaseError:
            if folder is None:
                raise
            for file in folder.glob("tiles.sqlite*"):
                file.unlink()
            self._db = _opened(folder)
        self._bytes: int = self._db.execute(_SQL["size"], {"overhead": _OVERHEAD}).fetchone()[0]

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @property
    def size_bytes(self) -> int:
        return self._bytes

    def get(self, pyramid: str, address: TileAddress, *, now_s: float) -> KeptTile | None:
        key = {"pyramid": pyramid, **address._asdict()}
        with self._lock:
            row = self._db.execute(_SQL["tile"], key).fetchone()
            if row is None:
                return None
            content, media_type, etag, fetched_at_s, used_at_s = row
            if used_at_s < now_s - _USED_EVERY_S:
                # Whoever cannot note it can still read it.
                with suppress(sqlite3.OperationalError):
                    self._db.execute(_SQL["use"], {**key, "now": now_s})
        return KeptTile(
            content=content, media_type=media_type, etag=etag, fetched_at_s=fetched_at_s
        )

    def put(self, pyramid: str, address: TileAddress, tile: KeptTile) -> None:
        key = {"pyramid": pyramid, **address._asdict()}
        with self._lock, self._db:
            self._bytes -= sum(
                size + _OVERHEAD for (size,) in self._db.execute(_SQL["forget"], key)
            )
            self._db.execute(
                _SQL["keep"],
                {
                    **key,
                    "content": tile.content,
                    "media_type": tile.media_type,
                    "etag": tile.etag,
                    "now": tile.fetched_at_s,
                },
            )
            self._bytes += len(tile.content) + _OVERHEAD
            if self._bytes > self._max_bytes:
                self._make_room()

    def forget_before(self, fetched_at_s: float) -> int:
        """Returns how many tiles were older."""
        with self._lock, self._db:
            gone = self._db.execute(_SQL["forget_older"], {"before": fetched_at_s}).fetchall()
            self._bytes -= sum(size + _OVERHEAD for (size,) in gone)
        return len(gone)

    def _make_room(self) -> None:
        wanted = self._bytes - int(self._max_bytes * _ROOM)
        leaving = []
        for rowid, size in self._db.execute(_SQL["least_used"]):
            leaving.append((rowid,))
            wanted -= size + _OVERHEAD
            self._bytes -= size + _OVERHEAD
            if wanted <= 0:
                break
        self._db.executemany(_SQL["leave"], leaving)


def _opened(folder: Path | None) -> sqlite3.Connection:
    where: str | Path = ":memory:"
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        where = folder / "tiles.sqlite"
    db = sqlite3.connect(where, check_same_thread=False)
    try:
        for statement in ("no_waiting_for_the_disk", "journal", "table", "index"):
            db.execute(_SQL[statement]).fetchall()
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db
