"""Grid editions and their grids.

An edition is one version of the whole grid tree. Only a draft may change; once it has been active its
rows never do, so whatever is derived from an edition may be kept for ever under its id.
"""

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
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
    # The same files imported again are the same edition. NULL: not worked out since it was changed.
    Column("content_hash", Text),
    Column(
        "findings", JSONB, nullable=False, server_default="[]"
    ),  # what the topology check reported
    Column("accepted_reason", Text),  # why it was activated in spite of them
    # What a draft was made of: the edition that was copied, else the one in force when its files came.
    Column("base_id", BigInteger, ForeignKey("grid_editions.id")),
    # Of a draft: how often it was changed, so that nobody changes one that they have not seen.
    Column("version", Integer, nullable=False, server_default="0"),
    # Of a draft that is to take effect by itself: when, who wants it, which edition they said that it
    # replaces, and what stopped it last.
    instant("due_at", nullable=True),
    Column("due_by", Text),
    Column("due_by_account_id", BigInteger, ForeignKey("accounts.id")),
    Column("due_replaces", BigInteger, ForeignKey("grid_editions.id")),
    Column("due_failure", Text),
    instant("valid_from", nullable=True),
    instant("valid_to", nullable=True),
    instant("created_at", now=True),
    CheckConstraint("state in ('draft', 'active', 'retired')", name="state"),
    CheckConstraint("due_at is null or state = 'draft'", name="due_at"),
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

# What was done to a draft. `undone`: it may be done again, until something else is done (`dropped`).
edition_changes = Table(
    "edition_changes",
    metadata,
    identity(),
    Column(
        "edition_id",
        BigInteger,
        ForeignKey(grid_editions.c.id, ondelete="CASCADE"),
        nullable=False,
    ),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("arguments", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="done"),
    Column("actor", Text, nullable=False),
    Column("actor_account_id", BigInteger, ForeignKey("accounts.id")),
    instant("at"),
    UniqueConstraint("edition_id", "number"),
    CheckConstraint("state in ('done', 'undone', 'dropped')", name="state"),
)

# The grids that a change replaced, and those it put in their place.
edition_change_grids = Table(
    "edition_change_grids",
    metadata,
    Column(
        "change_id",
        BigInteger,
        ForeignKey(edition_changes.c.id, ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("is_after", Boolean, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("parent_code", Text),
    geometry("MULTIPOLYGON"),
)

# What became of each grid when an edition took effect. Without `from_code` it is new, without `to_code`
# gone. The shares are those of the area of the one and of the other.
grid_lineage = Table(
    "grid_lineage",
    metadata,
    identity(),
    Column("from_edition_id", BigInteger, ForeignKey(grid_editions.c.id), nullable=False),
    Column("to_edition_id", BigInteger, ForeignKey(grid_editions.c.id), nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("from_code", Text),
    Column("to_code", Text),
    Column("relation", Text, nullable=False),
    Column("area_m2", Float, nullable=False),
    Column("share_of_from", Float),
    Column("share_of_to", Float),
    CheckConstraint(
        "relation in ('kept', 'changed', 'renamed', 'split', 'merged', 'new', 'gone')",
        name="relation",
    ),
    UniqueConstraint("to_edition_id", "from_code", "to_code"),
    Index("grid_lineage_from_code_idx", "from_code"),
    Index("grid_lineage_to_code_idx", "to_code"),
)
