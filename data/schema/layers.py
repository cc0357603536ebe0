"""The catalog's own tables: the version of each layer, and the layers that people add."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.columns import geometry, instant, metadata, web_mercator
from data.schema.people import accounts

# Raised by a trigger in the transaction that changes the layer's table, so that a tile built from
# older content can never be served under the newer version.
layer_versions = Table(
    "layer_versions",
    metadata,
    Column("layer", Text, primary_key=True),
    Column("version", BigInteger, nullable=False, server_default="1"),
    instant("changed_at", now=True),
)

# Layers beside those that every installation has: from a file (their features are `layer_features`), or
# from a table or view of this database.
layers = Table(
    "layers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("geometry", Text, nullable=False),
    Column("fields", JSONB, nullable=False),  # [{name, type}]
    Column("style", JSONB, nullable=False, server_default="{}"),
    Column("minzoom", SmallInteger, nullable=False),
    Column("maxzoom", SmallInteger, nullable=False),
    Column("permission", Text, nullable=False),
    Column("file", Text),  # what it was called
    Column("source_crs", Text),  # what it was in
    Column("relation", Text),  # schema.name of the table or view
    Column("key", Text),  # its column that tells one feature from another
    Column("key_is_number", Boolean),
    Column("geometry_column", Text),
    Column("srid", Integer),
    instant("created_at", now=True),
    Column("created_by_account_id", BigInteger, ForeignKey(accounts.c.id)),
    CheckConstraint("num_nonnulls(file, relation) = 1", name="source"),
    CheckConstraint(
        "num_nonnulls(relation, key, key_is_number, geometry_column, srid) in (0, 5)",
        name="relation",
    ),
    CheckConstraint("geometry in ('point', 'line', 'polygon', 'mixed')", name="geometry"),
    CheckConstraint("0 <= minzoom and minzoom <= maxzoom and maxzoom <= 20", name="zooms"),
)

# One partition a layer (`make_layer_partition`): each has an index of its own and is gone at once.
layer_features = Table(
    "layer_features",
    metadata,
    Column("layer_id", Text, ForeignKey(layers.c.id), primary_key=True),
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    Column("properties", JSONB, nullable=False),
    geometry("GEOMETRY"),
    web_mercator("GEOMETRY"),
    Index("layer_features_geom_3857_idx", "geom_3857", postgresql_using="gist"),
    postgresql_partition_by="LIST (layer_id)",
)
