"""What stands on the map: cameras, facilities and the basemap."""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB, REAL

from data.schema.columns import coarse, geometry, identity, instant, metadata, web_mercator

cameras = Table(
    "cameras",
    metadata,
    identity(),
    Column("code", Text, nullable=False),  # GB/T 28181, 20 digits
    Column("name", Text, nullable=False),
    Column("network", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("bearing_deg", REAL),  # clockwise from north, middle of the view
    Column("fov_deg", REAL),
    Column("range_m", REAL),
    Column("height_m", REAL),
    Column("state", Text, nullable=False, server_default="online"),
    instant("state_since", now=True),
    geometry("POINT"),
    web_mercator("POINT"),
    # What it sees on a plain, drawn by a trigger; NULL where its angle or range is not known.
    Column("view", Geometry("POLYGON", srid=4326, spatial_index=False)),
    Column(
        "view_3857",
        Geometry("POLYGON", srid=3857, spatial_index=False),
        Computed("ST_Transform(view, 3857)", persisted=True),
    ),
    UniqueConstraint("code"),
    CheckConstraint(
        "bearing_deg >= 0 and bearing_deg < 360 and fov_deg between 0 and 360 and range_m >= 0",
        name="view",
    ),
    Index("cameras_geom_idx", "geom", postgresql_using="gist"),
    Index("cameras_geom_3857_idx", "geom_3857", postgresql_using="gist"),
    Index("cameras_view_idx", "view", postgresql_using="gist"),
    Index("cameras_view_3857_idx", "view_3857", postgresql_using="gist"),
)

video_rounds = Table(
    "video_rounds",
    metadata,
    identity(),
    Column("name", Text, nullable=False),
    Column("stops", JSONB, nullable=False),  # in order: the camera's code and its dwell_s
    instant("begins_at"),
)

facilities = Table(
    "facilities",
    metadata,
    identity(),
    Column("code", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("properties", JSONB, nullable=False, server_default="{}"),
    Column("import_id", BigInteger, ForeignKey("facility_imports.id")),  # that wrote it last
    geometry("POINT"),
    web_mercator("POINT"),
    UniqueConstraint("code"),
    Index("facilities_import_id_idx", "import_id"),
    Index("facilities_geom_idx", "geom", postgresql_using="gist"),
    Index("facilities_geom_3857_idx", "geom_3857", postgresql_using="gist"),
)

facility_imports = Table(
    "facility_imports",
    metadata,
    identity(),
    Column("name", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    instant("made_at"),
    Column("new", Integer, nullable=False, server_default="0"),
    Column("changed", Integer, nullable=False, server_default="0"),
)

# What a facility was before an import wrote over it, so that the import can be taken back.
facility_versions = Table(
    "facility_versions",
    metadata,
    Column("import_id", BigInteger, ForeignKey(facility_imports.c.id), primary_key=True),
    Column("code", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("properties", JSONB, nullable=False),
    geometry("POINT"),
    Column("previous_import_id", BigInteger, ForeignKey(facility_imports.c.id)),
    Index("facility_versions_previous_import_id_idx", "previous_import_id"),
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
    coarse("GEOMETRY", zoom=12),
    coarse("GEOMETRY", zoom=9),
    Index("basemap_features_geom_3857_idx", "geom_3857", postgresql_using="gist"),
)
