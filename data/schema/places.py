"""What stands on the map: cameras, facilities and the basemap."""

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB, REAL

from data.schema.columns import coarse, geometry, identity, metadata, web_mercator

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
    Column("kind", Text, nullable=False),  # water, green, farmland, built, road, place
    Column("class", Text, nullable=False),
    Column("name", Text),
    geometry("GEOMETRY"),
    web_mercator("GEOMETRY"),
    coarse("GEOMETRY", zoom=12),
    coarse("GEOMETRY", zoom=9),
    Index("basemap_features_geom_3857_idx", "geom_3857", postgresql_using="gist"),
)
