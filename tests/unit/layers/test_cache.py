import gzip

from hypothesis import given
from hypothesis import strategies as st

from layers.tiles.cache import Tile, TileCache


def tile(content: bytes, version: int = 1) -> Tile:
    return Tile.of(version, content)


def room_for(*tiles: Tile) -> int:
    cache = TileCache(2**30)
    for number, kept in enumerate(tiles):
        cache.put(number, kept)
    return cache.size_bytes


def test_a_tile_is_kept_as_it_is_sent() -> None:
    assert gzip.decompress(tile(b"roads" * 100).gzipped) == b"roads" * 100
    assert tile(b"").gzipped == b""


def test_equal_content_has_equal_bytes_whatever_its_version() -> None:
    one, two = tile(b"roads", version=1), tile(b"roads", version=2)
    assert (one.digest, one.gzipped) == (two.digest, two.gzipped)
    assert one.digest != tile(b"roofs").digest


def test_the_least_recently_used_tile_leaves_first() -> None:
    a, b, c = tile(b"a"), tile(b"b"), tile(b"c")
    cache = TileCache(room_for(a, b))
    cache.put("a", a)
    cache.put("b", b)
    assert cache.get("a") is a
    cache.put("c", c)
    assert cache.get("b") is None
    assert cache.get("a") is a
    assert cache.get("c") is c


def test_a_tile_larger_than_the_cache_is_not_kept() -> None:
    cache = TileCache(10)
    cache.put("a", tile(b"a"))
    assert len(cache) == 0
    assert cache.size_bytes == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.binary(max_size=400)), max_size=60))
def test_the_bound_holds_and_no_byte_is_forgotten(puts: list[tuple[int, bytes]]) -> None:
    cache = TileCache(2_000)
    for key, content in puts:
        cache.put(key, tile(content))
        assert cache.size_bytes <= 2_000
    kept = [found for key in range(6) if (found := cache.get(key)) is not None]
    assert len(kept) == len(cache)
    assert cache.size_bytes == room_for(*kept)
