"""Suspected changes: areas that somebody has to go and look at."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.cases import cases
from data.schema.columns import geometry, identity, instant, metadata

suspected_changes = Table(
    "suspected_changes",
    metadata,
    identity(),
    Column("digest", Text, nullable=False),  # of its geometry: the same area is taken once
    Column("source", Text, nullable=False),
    Column("area_m2", Float, nullable=False),
    Column("score", Float),
    Column("properties", JSONB, nullable=False, server_default="{}"),
    geometry("GEOMETRY"),
    instant("found_at"),
    Column("case_id", BigInteger, ForeignKey(cases.c.id), nullable=False),
    Column("verdict", Text),
    Column("verdict_by", Text),
    instant("verdict_at", nullable=True),
    UniqueConstraint("digest"),
    UniqueConstraint("case_id"),
    CheckConstraint("verdict in ('confirmed', 'false')", name="verdict"),
    Index("suspected_changes_geom_idx", "geom", postgresql_using="gist"),
)
