"""Reading the features of any layer, page by page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from psycopg import sql
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, ProgrammingError

from data.sql import load_sql
from gis.errors import InvalidInput
from gis.geojson import DIGITS
from layers.catalog.built_in import BUILT_IN
from layers.catalog.layer import Layer
from layers.cells.rows import CellRows
from layers.selection import EVERYTHING, Selection, column, field_expression, relation_of

_SQL = load_sql("layers.features", "features.sql")
_TRUE = sql.SQL("true")
_MERCATOR_LAT = 85.06
"""Beyond it web Mercator has no place."""

BBox = tuple[float, float, float, float]
"""West, south, east, north in EPSG:4326."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureQuery:
    """Which features, and which page of them: at most `limit` after the key `after`, or from the
    `offset`-th on. `keys` names some. `condition` is over the layer's fields, see `layers.features.cql`.
    `rows` are those of a computed layer.
    """

    selection: Selection = EVERYTHING
    bbox: BBox | None = None
    limit: int = 1000
    after: object | None = None
    offset: int = 0
    keys: tuple[object, ...] | None = None
    condition: sql.Composable | None = None
    rows: CellRows | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Feature:
    """`geometry` is GeoJSON text, or WKB in reading for a file."""

    key: Any
    properties: Mapping[str, Any]
    geometry: str | bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class FeaturePage:
    """`next_key` is `after` of the next page; None: this is the last."""

    features: Sequence[Feature]
    next_key: object | None


def read_page(
    conn: Connection, layer: Layer, query: FeatureQuery, *, as_wkb: bool = False
) -> FeaturePage:
    """One page, of what the transaction's viewer may see. Nothing is counted: that would read them all.

    Raises InvalidInput for a key of another type than the layer's, and a condition that compares things
    of different types.
    """
    try:
        rows = conn.exec_driver_sql(
            _page(layer, query, as_wkb=as_wkb),
            {
                **query.selection.parameters(),
                **_box_parameters(query.bbox),
                **({} if query.rows is None else query.rows.parameters(query.bbox)),
                "after": query.after,
                "keys": None if query.keys is None else list(query.keys),
                "limit": query.limit + 1,  # one more tells whether there is a next page
                "offset": query.offset,
            },
        ).all()
    except (DataError, ProgrammingError) as error:
        if query.condition is None and query.after is None and query.keys is None:
            raise  # then it is not for what was asked
        raise InvalidInput(
            f"Layer {layer.id} cannot be asked that: {str(error.orig).splitlines()[0]}.",
            field="filter",
        ) from error
    names = tuple(layer.fields)
    features = [
        Feature(
            key=row[0],
            properties=dict(zip(names, row[1:-1], strict=True)),
            geometry=bytes(row[-1]) if as_wkb else row[-1],
        )
        for row in rows[: query.limit]
    ]
    more = len(rows) > query.limit and bool(features)
    return FeaturePage(features=features, next_key=features[-1].key if more else None)


def read_all(
    conn: Connection, layer: Layer, query: FeatureQuery, *, page: int = 5000
) -> Iterator[Sequence[Feature]]:
    """Every feature, with WKB, a page at a time."""
    query = replace(query, limit=page)
    while True:
        found = read_page(conn, layer, query, as_wkb=True)
        if found.features:
            yield found.features
        if found.next_key is None:
            return
        query = replace(query, after=found.next_key, offset=0)


def read_extent(conn: Connection, layer: Layer) -> BBox | None:
    """West, south, east, north of what the layer shows now; None when that is nothing. Of a computed
    layer, those of the grids: to know where it has something is to work it out."""
    if layer.is_computed:
        layer = BUILT_IN["grids"]
    statement = sql.SQL(_SQL["extent"]).format(
        wgs84=wgs84(layer), relation=relation_of(layer), condition=EVERYTHING.condition(layer)
    )
    west, south, east, north = conn.exec_driver_sql(statement.as_string()).one()
    return None if west is None else (west, south, east, north)


def _page(layer: Layer, query: FeatureQuery, *, as_wkb: bool) -> str:
    key = column(layer.relation.key)
    names = [sql.SQL(f"f{number}") for number in range(len(layer.fields))]
    return (
        sql.SQL(_SQL["page"])
        .format(
            names=sql.SQL(", ").join(names),
            geometry=sql.SQL("ST_AsBinary(geom)")
            if as_wkb
            else sql.SQL("ST_AsGeoJSON(geom, {})").format(DIGITS),
            key=key,
            fields=sql.SQL(", ").join(
                sql.SQL("{} AS {}").format(field_expression(layer, field), name)
                for field, name in zip(layer.fields, names, strict=True)
            ),
            wgs84=wgs84(layer),
            relation=relation_of(layer),
            condition=query.selection.condition(layer),
            near=_TRUE if query.bbox is None else _near(layer),
            after=_TRUE if query.after is None else sql.SQL("{} > %(after)s").format(key),
            named=_TRUE if query.keys is None else sql.SQL("{} = ANY (%(keys)s)").format(key),
            filter=query.condition or _TRUE,
        )
        .as_string()
    )


def wgs84(layer: Layer) -> sql.Composable:
    """The geometry of a row of the layer's relation in EPSG:4326."""
    geometry = column(layer.relation.geometry)
    return (
        geometry
        if layer.relation.srid == 4326
        else sql.SQL("ST_Transform({}, 4326)").format(geometry)
    )


def _near(layer: Layer) -> sql.Composable:
    """Whether the geometry meets the box. The box is transformed: an index is on the column."""
    relation = layer.relation
    projected, srid = (
        (relation.geometry, relation.srid)
        if relation.projected is None
        else (relation.projected, 3857)
    )
    box = sql.SQL("ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)")
    return sql.SQL("ST_Intersects({}, ST_Transform({}, {}))").format(column(projected), box, srid)


def _box_parameters(bbox: BBox | None) -> dict[str, float]:
    if bbox is None:
        return {}
    west, south, east, north = bbox
    return {
        "west": west,
        "south": max(south, -_MERCATOR_LAT),
        "east": east,
        "north": min(north, _MERCATOR_LAT),
    }
