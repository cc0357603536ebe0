"""Asking a map server for one tile.

Without the comforts of a client: no redirect is followed, no cookie is kept, the environment's proxies
and passwords are not used, and nothing logs the address, which holds the key.
"""

import asyncio
import ssl
from dataclasses import dataclass

import httpx

from gis.errors import UpstreamAway, UpstreamFailed
from layers.basemaps.basemap import Pyramid
from layers.basemaps.picture import image_type
from layers.tiles.address import TileAddress

_MOST_BYTES = 2 * 1024 * 1024
_AT_ONCE = 16
_MISSING = (204, 404, 410)
# Of these the next tile will hear the same.
_REFUSED = (401, 403, 407, 418, 429, 503)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """A tile as it came. `content` is empty where there is none, and `unchanged` where it is still the
    one with the ETag that was sent along."""

    content: bytes = b""
    media_type: str = ""
    etag: str = ""
    unchanged: bool = False


class UpstreamRefused(UpstreamFailed):
    """It lets us have no tile: the next one would fare no better."""


class Upstream:
    """The way out. `deadline_s` is for a whole answer, however slowly it drips."""

    def __init__(self, *, proxy: str | None = None, deadline_s: float = 10.0) -> None:
        self._deadline_s = deadline_s
        self._timeout = httpx.Timeout(deadline_s, connect=min(4.0, deadline_s)).as_dict()
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._transport = httpx.AsyncHTTPTransport(
            verify=ssl.create_default_context(),  # whom the machine trusts, not whom a package trusts
            trust_env=False,
            proxy=proxy,
            limits=httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=_AT_ONCE),
        )

    async def close(self) -> None:
        await self._transport.aclose()

    async def fetch(self, pyramid: Pyramid, address: TileAddress, *, etag: str = "") -> Fetched:
        """The tile. Raises UpstreamFailed for an answer that is none, UpstreamRefused for a refusal, and
        UpstreamAway."""
        headers = {
            "User-Agent": "Wangge",
            "Accept": "image/*",
            "Accept-Encoding": "identity",
            **pyramid.headers,
            **({"If-None-Match": etag} if etag else {}),
        }
        request = httpx.Request(
            "GET",
            pyramid.url_of(address),
            headers=headers,
            extensions={"timeout": self._timeout},
        )
        async with self._places:
            try:
                async with asyncio.timeout(self._deadline_s):
                    return await self._answer(pyramid, request)
            except (TimeoutError, httpx.TimeoutException):
                raise UpstreamAway(
                    f"The map server of {pyramid.id} does not answer in time; the local map and tiles "
                    "that were kept go on."
                ) from None  # what httpx knows holds the address
            except (httpx.TransportError, httpx.InvalidURL, OSError):
                raise UpstreamAway(
                    f"The map server of {pyramid.id} cannot be reached; the local map and tiles that "
                    "were kept go on."
                ) from None

    async def _answer(self, pyramid: Pyramid, request: httpx.Request) -> Fetched:
        response = await self._transport.handle_async_request(request)
        try:
            status = response.status_code
            if status == 304 and "If-None-Match" in request.headers:
                return Fetched(unchanged=True)
            if status in _MISSING:
                return Fetched()
            if status != 200:
                failure = UpstreamRefused if status in _REFUSED else UpstreamFailed
                raise failure(
                    f"The map server of {pyramid.id} answers {status} instead of a tile; check its key "
                    "and its address in basemaps.toml."
                )
            content = await _read(pyramid, response)
        finally:
            await response.aclose()
        media_type = image_type(content)
        if media_type is None:
            raise UpstreamFailed(
                f"The map server of {pyramid.id} answers with something that is not a picture; check "
                "its key and its address in basemaps.toml."
            )
        return Fetched(
            content=content, media_type=media_type, etag=response.headers.get("etag", "")
        )


async def _read(pyramid: Pyramid, response: httpx.Response) -> bytes:
    content = bytearray()
    async for part in response.aiter_raw():
        content += part
        if len(content) > _MOST_BYTES:
            raise UpstreamFailed(
                f"The map server of {pyramid.id} sends more than {_MOST_BYTES // 2**20} MB for a tile; "
                "check its address in basemaps.toml."
            )
    return bytes(content)
