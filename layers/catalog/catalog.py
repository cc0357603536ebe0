"""All layers there are now: nothing needs a restart."""

from sqlalchemy import Connection, select

from data.schema import layers
from gis.errors import NotFound
from layers.catalog.added import added_layer
from layers.catalog.built_in import BUILT_IN
from layers.catalog.layer import Layer


def read_layers(conn: Connection) -> list[Layer]:
    """Those that every installation has, then those that people added, in the order of their ids."""
    rows = conn.execute(select(layers).order_by(layers.c.id)).mappings()
    return [*BUILT_IN.values(), *map(added_layer, rows)]


def find_layer(conn: Connection, layer_id: str) -> Layer:
    """The layer called `layer_id`. Raises NotFound, naming those there are."""
    known = BUILT_IN.get(layer_id)
    if known is not None:
        return known
    row = conn.execute(select(layers).where(layers.c.id == layer_id)).mappings().one_or_none()
    if row is None:
        raise no_such_layer(layer_id, [layer.id for layer in read_layers(conn)])
    return added_layer(row)


def no_such_layer(layer_id: str, known: list[str]) -> NotFound:
    return NotFound(
        f"There is no layer {layer_id!r}; the layers are {', '.join(known)}.",
        code="no_such_layer",
        field="id",
    )
