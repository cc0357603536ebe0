"""Grid editions and their grids.

An edition is one version of the whole grid tree. Only a draft may change; once it has been active its
rows never do, so whatever is derived from an edition may be kept for ever under its id.
"""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.columns import geometry, identity, instant, label, metadata, web_mercator

grid_editions = Table(
    "grid_editions",
    metadata,
    identity(),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="draft"),
    Column("source_crs", Text, nullable=False, server_default="EPSG:4326"),
    Column(
        "content_hash", Text, nullable=False
    ),  # the same files imported again are the same edition
    Column(
        "findings", JSONB, nullable=False, server_default="[]"
    ),  # what the topology check reported
    Column("accepted_reason", Text),  # why it was activated in spite of them
    instant("valid_from", nullable=True),
    instant("valid_to", nullable=True),
    instant("created_at", now=True),
    CheckConstraint("state in ('draft', 'active', 'retired')", name="state"),
    # A retired edition keeps its dates; to put its grids back in force they are drafted anew.
    Index(
        "grid_editions_content_hash_idx",
        "content_hash",
        unique=True,
        postgresql_where="state <> 'retired'",
    ),
    Index(
        "grid_editions_one_active_idx", "state", unique=True, postgresql_where="state = 'active'"
    ),
)

grids = Table(
    "grids",
    metadata,
    identity(),
    Column("edition_id", BigInteger, ForeignKey(grid_editions.c.id), nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("parent_code", Text),
    Column("area_m2", Float, nullable=False),
    geometry("MULTIPOLYGON"),
    web_mercator("MULTIPOLYGON"),
    label(),
    UniqueConstraint("edition_id", "code"),
    Index("grids_geom_idx", "geom", postgresql_using="gist"),
    Index("grids_geom_3857_idx", "geom_3857", postgresql_using="gist"),
)

# The borders as tiles up to a zoom show them, in EPSG:3857: those that neighbours share are simplified
# together. Written when an edition comes into force (`data.editions.outlines`).
grid_outlines = Table(
    "grid_outlines",
    metadata,
    Column("grid_id", BigInteger, ForeignKey(grids.c.id, ondelete="CASCADE"), primary_key=True),
    Column("zoom", SmallInteger, primary_key=True),
    Column("geom_3857", Geometry("MULTIPOLYGON", srid=3857, spatial_index=False), nullable=False),
)
