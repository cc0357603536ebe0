"""Basemaps of others: pictures of tiles, fetched by the server, kept by it, shown by the page.

A browser never speaks to a map server itself: the key stays here, and a town without internet goes on
with what was kept.
"""

from layers.basemaps.basemap import Basemap, Pyramid, TileCrs
from layers.basemaps.proxy import BasemapProxy, Picture
from layers.basemaps.settings import BasemapSettings, basemap_file

__all__ = [
    "Basemap",
    "BasemapProxy",
    "BasemapSettings",
    "Picture",
    "Pyramid",
    "TileCrs",
    "basemap_file",
]
