"""TileJSON 3.0: what a map client must know to read a layer's tiles."""

from typing import Any

from sqlalchemy import Connection, func, select

from layers.catalog import Layer


def tilejson(conn: Connection, layer: Layer, *, tiles_url: str) -> dict[str, Any]:
    """The document of `layer`. `tiles_url` has the placeholders {z}, {x} and {y}.

    `bounds` (west, south, east, north in degrees) hold everything stored, for the grids every edition;
    an empty layer has none.
    """
    bounds = _bounds(conn, layer)
    zooms = {"minzoom": layer.minzoom, "maxzoom": layer.maxzoom}
    return {
        "tilejson": "3.0.0",
        "name": layer.title.en,
        "scheme": "xyz",
        "tiles": [tiles_url],
        **zooms,
        **({} if bounds is None else {"bounds": bounds}),
        "vector_layers": [
            {"id": sublayer, "fields": dict(layer.fields), **zooms} for sublayer in layer.sublayers
        ],
    }


def _bounds(conn: Connection, layer: Layer) -> list[float] | None:
    extent = select(func.ST_Extent(layer.table.c.geom).label("box")).subquery().c.box
    west, south, east, north = conn.execute(
        select(
            func.ST_XMin(extent), func.ST_YMin(extent), func.ST_XMax(extent), func.ST_YMax(extent)
        )
    ).one()
    return None if west is None else [west, south, east, north]
