from pathlib import Path

import pytest

from gis.errors import InstallationError
from layers.basemaps.kept import KeptTile, KeptTiles
from layers.tiles.address import TileAddress

KB = 1024


def tile(size: int = KB, *, at_s: float = 0.0, etag: str = "") -> KeptTile:
    return KeptTile(content=bytes(size), media_type="image/png", etag=etag, fetched_at_s=at_s)


def addresses(count: int) -> list[TileAddress]:
    return [TileAddress(10, x, 0) for x in range(count)]


def test_a_tile_is_there_after_a_restart(tmp_path: Path) -> None:
    [address] = addresses(1)
    kept = KeptTiles(tmp_path / "maps", max_bytes=10 * KB)
    kept.put("aerial", address, tile(etag='"1"', at_s=5.0))
    kept.close()
    again = KeptTiles(tmp_path / "maps", max_bytes=10 * KB)
    assert again.get("aerial", address, now_s=6.0) == tile(etag='"1"', at_s=5.0)
    assert again.get("streets", address, now_s=6.0) is None
    assert again.size_bytes > KB
    again.close()


def test_putting_a_tile_again_takes_no_more_room(tmp_path: Path) -> None:
    [address] = addresses(1)
    kept = KeptTiles(None, max_bytes=10 * KB)
    kept.put("aerial", address, tile())
    before = kept.size_bytes
    kept.put("aerial", address, tile())
    assert kept.size_bytes == before
    kept.close()


def test_the_least_recently_used_make_room() -> None:
    kept = KeptTiles(None, max_bytes=20 * KB)
    first, *others = addresses(30)
    kept.put("aerial", first, tile())
    for now_s, address in enumerate(others, start=1):
        kept.get("aerial", first, now_s=now_s * 10_000.0)
        kept.put("aerial", address, tile(at_s=now_s * 10_000.0))
        assert kept.size_bytes <= 20 * KB
    assert kept.get("aerial", first, now_s=0) is not None
    assert kept.get("aerial", others[0], now_s=0) is None
    assert kept.get("aerial", others[-1], now_s=0) is not None
    kept.close()


def test_what_is_too_old_is_forgotten() -> None:
    kept = KeptTiles(None, max_bytes=20 * KB)
    old, new = addresses(2)
    kept.put("aerial", old, tile(at_s=1.0))
    kept.put("aerial", new, tile(at_s=2.0))
    assert kept.forget_before(2.0) == 1
    assert kept.get("aerial", old, now_s=3.0) is None
    assert kept.get("aerial", new, now_s=3.0) is not None
    kept.close()


def test_a_file_that_is_no_database_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "tiles.sqlite").write_bytes(b"not a database at all" * 100)
    kept = KeptTiles(tmp_path, max_bytes=10 * KB)
    [address] = addresses(1)
    kept.put("aerial", address, tile())
    assert kept.get("aerial", address, now_s=0) is not None
    kept.close()


def test_a_folder_that_cannot_be_one_is_said_to_the_administrator(tmp_path: Path) -> None:
    (tmp_path / "basemaps").write_text("a file")
    with pytest.raises(InstallationError, match="cannot be written"):
        KeptTiles(tmp_path / "basemaps", max_bytes=KB)
