"""Tiles for whoever asks, built once and never stale.

Why never stale. A change to a layer's table raises the layer's version in its own transaction (the
triggers of `data.schema`), and a tile is read together with the version by one statement, hence in one
snapshot. So a tile of version v or newer shows all that v shows. A request is answered by

- a build that it begins itself: the snapshot is later than the request; or
- a kept tile, or the build of an earlier request, if its version is not older than the version that is
  committed now, which is read after the request came.

A change that commits while a tile is built is not lost either: the tile is kept under the version of its
snapshot, and the next request finds that too old. No lock is taken and no notification has to arrive.

What has no version, or is not the same for everybody, is built for each request and never kept: people
and cases, which change by the second (docs/decisions/0034).

Where a layer was written into an archive, a build may be a look into that, if its version is the one
that is committed now; whether it is of this database at all is found out once, see
`layers.tiles.archive`.
"""

import asyncio
import gzip
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from data.database import Database
from data.scope import Viewer
from data.sql import load_sql
from layers.catalog.layer import Layer
from layers.cells.rows import CellRows
from layers.selection import EVERYTHING, Selection
from layers.tiles.address import TileAddress
from layers.tiles.archive import Archives, Stamp, TileArchive
from layers.tiles.cache import Tile, TileCache
from layers.tiles.reader import Reader
from layers.tiles.statement import statement_of

_CACHE_BYTES = 64 * 1024 * 1024
# Building is PostgreSQL's work: more than this many at once only take the processors from each other.
_BUILDERS = 4
# Compressing more than this holds up the event loop for longer than a hop to a thread takes.
_LARGE_BYTES = 16_384

# Of its side: that of tiles.sql and a little more.
_MARGIN = 1 / 32

_EMPTY = Tile.of(0, b"")
_NO_ROWS: Mapping[str, CellRows] = MappingProxyType({})


class _Key(NamedTuple):
    layer_id: str
    selection: Selection
    address: TileAddress


class TileService:
    """`open` and `close` it in the event loop that asks for tiles."""

    def __init__(
        self,
        database: Database,
        *,
        cache_bytes: int = _CACHE_BYTES,
        archives: Archives | None = None,
    ) -> None:
        self._builder = Reader(database, connections=_BUILDERS)
        # Of its own, so that a kept tile never waits for one that is being built.
        self._versions = _Versions(Reader(database, connections=1))
        self._cache = TileCache(cache_bytes)
        self._builds: dict[_Key, asyncio.Task[Tile]] = {}
        self._archives = archives or Archives(None)
        self._examined: dict[str, tuple[TileArchive, bool]] = {}

    async def open(self) -> None:
        await self._versions.reader.open()
        await self._builder.open()

    async def close(self) -> None:
        await self._builder.close()
        await self._versions.reader.close()

    async def version(self, name: str) -> int:
        """The version of a layer, or of the catalog ("catalog"), that is committed now."""
        return await self._versions.current(name)

    async def tile(
        self,
        layer: Layer,
        address: TileAddress,
        selection: Selection = EVERYTHING,
        viewer: Viewer | None = None,
        rows: CellRows | None = None,
    ) -> Tile:
        """The tile as of some moment after the call. `viewer` is who looks, for a personal layer; `rows`
        are those of a computed one.

        Raises psycopg.OperationalError while the database is away or too busy.
        """
        if address.z < layer.minzoom:
            return _EMPTY
        if layer.is_personal or not layer.is_versioned:
            return await self._read(layer, address, selection, viewer, rows)
        key = _Key(layer.id, selection, address)
        if self._cache.get(key) is None and key not in self._builds:
            return await self._build(key, layer)
        version = await self._versions.current(layer.id)
        tile = self._cache.get(key)
        while tile is None or tile.version < version:
            tile = await self._build(key, layer)
        return tile

    async def tile_of_many(
        self,
        layers: Sequence[tuple[Layer, Selection]],
        address: TileAddress,
        viewer: Viewer | None = None,
        rows: Mapping[str, CellRows] = _NO_ROWS,
    ) -> Tile:
        """The tiles of several layers as one: a vector tile is the sum of its sublayers. `rows` are
        those of the computed ones."""
        parts = await asyncio.gather(
            *(
                self.tile(layer, address, selection, viewer, rows.get(layer.id))
                for layer, selection in layers
            )
        )
        key = (address, *(part.digest for part in parts))
        together = self._cache.get(key)
        if together is None:
            contents = (gzip.decompress(part.gzipped) for part in parts if part.gzipped)
            together = await _compressed(0, b"".join(contents))
            self._cache.put(key, together)
        return together

    async def _build(self, key: _Key, layer: Layer) -> Tile:
        """The result of the build under way, or else of a new one."""
        build = self._builds.get(key)
        if build is None:
            build = self._builds[key] = asyncio.create_task(self._built(key, layer))
            build.add_done_callback(lambda _: self._builds.pop(key))
        # A caller who goes away must not take the tile from the others who wait for it.
        return await asyncio.shield(build)

    async def _built(self, key: _Key, layer: Layer) -> Tile:
        tile = None
        if key.selection == EVERYTHING:
            tile = await self._archived(key.layer_id, key.address)
        if tile is None:
            tile = await self._read(layer, key.address, key.selection, None)
        self._cache.put(key, tile)
        return tile

    async def _archived(self, layer_id: str, address: TileAddress) -> Tile | None:
        """The tile as it was written down, if that is of what is committed now."""
        archive = self._archives.find(layer_id)
        if archive is None or not await self._is_of_this_database(layer_id, archive):
            return None
        version = await self._versions.current(layer_id)
        if archive.version != version:
            return None
        gzipped = await asyncio.to_thread(archive.get, address)
        return None if gzipped is None else Tile.of_gzipped(version, gzipped)

    async def _is_of_this_database(self, layer_id: str, archive: TileArchive) -> bool:
        """Once for each file. One that is older than the content already will not be true again."""
        examined, believed = self._examined.get(layer_id, (None, False))
        if examined is not archive:
            statement = load_sql("layers.tiles", "archive.sql")["stamp"]
            [row] = await self._builder.rows(statement, {"layer": layer_id})
            believed = Stamp(*row) == archive.stamp
            self._examined[layer_id] = (archive, believed)
        return believed

    async def _read(
        self,
        layer: Layer,
        address: TileAddress,
        selection: Selection,
        viewer: Viewer | None,
        rows: CellRows | None = None,
    ) -> Tile:
        statement = statement_of(layer, selection)
        parameters = {**address._asdict(), **selection.parameters()}
        if rows is not None:
            parameters |= rows.parameters(address.bbox(margin=_MARGIN))
        [(version, content)] = await self._builder.rows(
            statement, parameters, viewer if layer.is_personal else None
        )
        return await _compressed(version, content or b"")


async def _compressed(version: int, content: bytes) -> Tile:
    if len(content) <= _LARGE_BYTES:
        return Tile.of(version, content)
    return await asyncio.to_thread(Tile.of, version, content)


class _Versions:
    """The versions of all layers, read together: requests that come while a reading is under way share
    the next one. A reading that began before a request came would be too old for it."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._one_at_a_time = asyncio.Lock()
        self._next: asyncio.Task[dict[str, int]] | None = None

    async def current(self, layer_id: str) -> int:
        if self._next is None:
            self._next = asyncio.create_task(self._read())
        return (await asyncio.shield(self._next)).get(layer_id, 0)

    async def _read(self) -> dict[str, int]:
        async with self._one_at_a_time:
            self._next = None  # it begins: who comes from here on waits for another
            rows = await self.reader.rows(load_sql("layers.tiles", "tiles.sql")["versions"])
            return dict(rows)
