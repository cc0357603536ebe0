"""What stands on the map: cameras, facilities, the basemap, and the version of each layer."""

from sqlalchemy import BigInteger, Column, Index, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB, REAL

from data.schema.columns import geometry, identity, metadata, web_mercator

cameras = Table(
    "cameras",
    metadata,
    identity(),
    Column("code", Text, nullable=False),  # GB/T 28181, 20 digits
    Column("name", Text, nullable=False),
    Column("network", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("bearing_deg", REAL, nullable=False),  # clockwise from north, middle of the view
    Column("fov_deg", REAL, nullable=False),
    Column("range_m", REAL, nullable=False),
    Column("height_m", REAL),
    Column("state", Text, nullable=False, server_default="online"),
    geometry("POINT"),
    web_mercator("POINT"),
    UniqueConstraint("code"),
    Index("cameras_geom_3857_idx", "geom_3857", postgresql_using="gist"),
)

facilities = Table(
    "facilities",
    metadata,
    identity(),
    Column("code", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("properties", JSONB, nullable=False, server_default="{}"),
    geometry("POINT"),
    web_mercator("POINT"),
    UniqueConstraint("code"),
    Index("facilities_geom_3857_idx", "geom_3857", postgresql_using="gist"),
)

basemap_features = Table(
    "basemap_features",
    metadata,
    identity(),
    Column("source", Text, nullable=False, server_default=""),  # what is replaced together
    Column("kind", Text, nullable=False),  # water, green, farmland, built, road, place
    Column("class", Text, nullable=False),
    Column("name", Text),
    geometry("GEOMETRY"),
    web_mercator("GEOMETRY"),
    Index("basemap_features_geom_3857_idx", "geom_3857", postgresql_using="gist"),
)

# Raised by a trigger in the transaction that changes the layer's table, so that a tile built from
# older content can never be served under the newer version.
layer_versions = Table(
    "layer_versions",
    metadata,
    Column("layer", Text, primary_key=True),
    Column("version", BigInteger, nullable=False, server_default="1"),
)
