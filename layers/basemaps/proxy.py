"""Tiles of others for whoever looks at the map: kept, asked for once, and old ones rather than none."""

import asyncio
import hashlib
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from gis.errors import NotFound, UpstreamAway, UpstreamFailed
from layers.basemaps.basemap import Basemap, Pyramid
from layers.basemaps.kept import KeptTile, KeptTiles
from layers.basemaps.rests import Rests
from layers.basemaps.settings import BasemapSettings
from layers.basemaps.upstream import Fetched, Upstream, UpstreamRefused
from layers.tiles.address import TileAddress

_log = structlog.get_logger(__name__)

_DAY_S = 86_400.0
_MISSING_FRESH_S = 0.25 * _DAY_S
_REST_S = 15.0
_TIDY_EVERY_S = _DAY_S

_Key = tuple[str, TileAddress]


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """`is_old` is said of a tile that its server could not be asked about."""

    content: bytes
    media_type: str
    digest: str
    is_old: bool


class BasemapProxy:
    """`close` it in the event loop that asks for tiles. `now_s` gives seconds since 1970."""

    def __init__(
        self,
        settings: BasemapSettings,
        *,
        deadline_s: float = 10.0,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self.basemaps: tuple[Basemap, ...] = settings.basemaps
        self._pyramids = {each.id: each for one in settings.basemaps for each in one.pyramids}
        self._fresh_s = settings.cache.fresh_days * _DAY_S
        self._keep_s = settings.cache.keep_days * _DAY_S
        self._now_s = now_s
        self._upstream: Upstream | None = None
        self._kept: KeptTiles | None = None
        if self._pyramids:
            self._upstream = Upstream(proxy=settings.proxy, deadline_s=deadline_s)
            self._kept = KeptTiles(
                settings.cache_dir, max_bytes=settings.cache.max_mb * 1024 * 1024
            )
        self._rests = Rests(seconds=_REST_S)
        self._fetches: dict[_Key, asyncio.Task[KeptTile]] = {}
        self._tidied_s = 0.0

    async def close(self) -> None:
        if self._upstream is not None:
            await self._upstream.close()
        if self._kept is not None:
            self._kept.close()

    def find(self, pyramid_id: str) -> Pyramid:
        """The tiles called `pyramid_id`. Raises NotFound."""
        try:
            return self._pyramids[pyramid_id]
        except KeyError:
            raise NotFound(
                f"There is no basemap {pyramid_id!r}; GET /api/v1/basemaps lists those there are.",
                code="no_such_basemap",
                field="id",
            ) from None

    async def picture(self, pyramid: Pyramid, address: TileAddress) -> Picture:
        """The tile at `address`. Raises NotFound where the map has none; UpstreamFailed
        where it cannot be had and none was kept."""
        now_s = self._now_s()
        kept = await asyncio.to_thread(self._look, pyramid, address, now_s)
        if kept is not None and now_s - kept.fetched_at_s < self._freshness_s(kept):
            return _picture(kept, is_old=False)
        try:
            tile = await self._fetched(pyramid, address, kept)
        except UpstreamFailed:
            if kept is None:
                raise
            return _picture(kept, is_old=True)
        return _picture(tile, is_old=False)

    def _freshness_s(self, kept: KeptTile) -> float:
        return self._fresh_s if kept.content else min(self._fresh_s, _MISSING_FRESH_S)

    async def _fetched(
        self, pyramid: Pyramid, address: TileAddress, kept: KeptTile | None
    ) -> KeptTile:
        """What the map server has now, through the request under way, or else through a new one."""
        key = (pyramid.kept_as, address)
        fetch = self._fetches.get(key)
        if fetch is None:
            for what in (key, pyramid.id):
                why = self._rests.reason(what, now_s=self._now_s())
                if why is not None:
                    raise type(why)(why.message)
            fetch = self._fetches[key] = asyncio.create_task(self._fetch(pyramid, address, kept))
            fetch.add_done_callback(lambda _: self._fetches.pop(key))
        # A caller who goes away must not take the tile from the others who wait for it.
        return await asyncio.shield(fetch)

    async def _fetch(
        self, pyramid: Pyramid, address: TileAddress, kept: KeptTile | None
    ) -> KeptTile:
        assert self._upstream is not None
        key = (pyramid.kept_as, address)
        try:
            fetched = await self._upstream.fetch(
                pyramid, address, etag="" if kept is None else kept.etag
            )
        except UpstreamFailed as error:
            everywhere = isinstance(error, UpstreamAway | UpstreamRefused)
            self._rests.begin(pyramid.id if everywhere else key, error, now_s=self._now_s())
            _log.info("no tile", basemap=pyramid.id, reason=error.message)
            raise
        self._rests.end(pyramid.id)
        self._rests.end(key)
        tile = _tile_of(fetched, kept, self._now_s())
        await asyncio.to_thread(self._keep, pyramid, address, tile)
        return tile

    def _look(self, pyramid: Pyramid, address: TileAddress, now_s: float) -> KeptTile | None:
        assert self._kept is not None
        try:
            return self._kept.get(pyramid.kept_as, address, now_s=now_s)
        except sqlite3.Error as error:  # neither is a broken one
            _log.warning("a kept tile cannot be read", error=str(error))
            return None

    def _keep(self, pyramid: Pyramid, address: TileAddress, tile: KeptTile) -> None:
        assert self._kept is not None
        try:
            self._kept.put(pyramid.kept_as, address, tile)
            if tile.fetched_at_s > self._tidied_s + _TIDY_EVERY_S:
                self._tidied_s = tile.fetched_at_s
                self._kept.forget_before(tile.fetched_at_s - self._keep_s)
        except sqlite3.Error as error:  # a full disk is no reason to show nothing
            _log.warning("a tile cannot be kept; is the disk full?", error=str(error))


def _tile_of(fetched: Fetched, kept: KeptTile | None, now_s: float) -> KeptTile:
    if fetched.unchanged and kept is not None:
        return replace(kept, fetched_at_s=now_s)
    return KeptTile(
        content=fetched.content,
        media_type=fetched.media_type,
        etag=fetched.etag,
        fetched_at_s=now_s,
    )


def _picture(tile: KeptTile, *, is_old: bool) -> Picture:
    if not tile.content:
        raise NotFound("This basemap has no tile there.", code="no_such_tile")
    digest = hashlib.blake2b(tile.content, digest_size=12).hexdigest()
    return Picture(content=tile.content, media_type=tile.media_type, digest=digest, is_old=is_old)
