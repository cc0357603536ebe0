"""The statement that makes a tile of a layer: its own of `tiles.sql`, or the one of every layer."""

from functools import lru_cache

from psycopg import sql

from data.sql import load_sql
from layers.catalog.layer import Layer
from layers.selection import Selection, column, relation_of

_SQL = load_sql("layers.tiles", "tiles.sql")


@lru_cache(maxsize=512)
def statement_of(layer: Layer, selection: Selection) -> str:
    """With the parameters z, x, y and those of `selection`; answers with one row (version, tile)."""
    condition = selection.condition(layer)
    if layer.statement is not None:
        return sql.SQL(_SQL[layer.statement]).format(condition=condition).as_string()
    relation = layer.relation
    projected = (
        column(relation.projected)
        if relation.projected is not None
        else sql.SQL("ST_Transform({}, 3857)").format(column(relation.geometry))
    )
    # The index is on what is stored: the literal is transformed, not the column.
    near = (
        sql.SQL("{} && tile.padded").format(projected)
        if relation.projected is not None
        else sql.SQL("{} && ST_Transform(tile.padded, {})").format(
            column(relation.geometry), relation.srid
        )
    )
    fields = (
        [column(name) for name in layer.fields]
        if relation.document is None
        else [column(relation.document)]
    )
    return (
        sql.SQL(_SQL["layer"])
        .format(
            key=_id(layer),
            fields=sql.SQL(", ").join(fields),
            projected=projected,
            relation=relation_of(layer),
            near=near,
            condition=condition,
            layer=sql.Literal(layer.id),
        )
        .as_string()
    )


def _id(layer: Layer) -> sql.Composable:
    """A vector tile numbers its features: of a key that is a text, the number is its hash, of as many
    bits as a browser's numbers hold."""
    key = column(layer.relation.key)
    if layer.relation.key_is_number:
        return key
    return sql.SQL("hashtextextended({}::text, 0) & 9007199254740991").format(key)
