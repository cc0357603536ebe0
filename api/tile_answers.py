"""A vector tile as an answer: unpacked for whoever cannot, and not sent twice."""

import gzip
from collections.abc import Mapping
from typing import Any

from fastapi import Response

from layers.tiles.cache import Tile

_MVT = "application/vnd.mapbox-vector-tile"
# Kept by browsers, but asked about every time: a tile is never stale.
_CACHING = {"Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}

TILE_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {_MVT: {}}, "description": "A Mapbox vector tile, version 2"},
    204: {"description": "Nothing of the layer lies in this tile"},
    304: {"description": "The tile is still the one named by If-None-Match"},
}


def tile_answer(
    tile: Tile, *, accept_encoding: str, if_none_match: str, headers: Mapping[str, str] = {}
) -> Response:
    """`headers` go with each answer; the other two are the request's."""
    caching = {**_CACHING, **headers}
    if not tile.gzipped:
        return Response(status_code=204, headers=caching)
    as_kept = "gzip" in accept_encoding
    etag = f'"{tile.digest}{"-gzip" if as_kept else ""}"'
    named = {"ETag": etag, **caching}
    if etag in if_none_match:
        return Response(status_code=304, headers=named)
    if as_kept:
        named["Content-Encoding"] = "gzip"
    body = tile.gzipped if as_kept else gzip.decompress(tile.gzipped)
    return Response(body, headers=named, media_type=_MVT)
