"""Checkpoints and patrol plans: ended and left as they were, for rounds of the past depend on them."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.columns import geometry, identity, instant, metadata
from data.schema.tracking import units

checkpoints = Table(
    "checkpoints",
    metadata,
    identity(),
    Column("name", Text, nullable=False),
    Column("grid_code", Text, nullable=False),  # the deepest grid that it lay in when it was made
    Column("radius_m", Float, nullable=False),
    Column("dwell_s", Float, nullable=False, server_default="0"),
    geometry("POINT"),
    instant("valid_from"),
    instant("valid_to", nullable=True),
    CheckConstraint("radius_m > 0 and dwell_s >= 0", name="numbers"),
    Index("checkpoints_grid_code_idx", "grid_code"),
)

patrol_plans = Table(
    "patrol_plans",
    metadata,
    identity(),
    Column("name", Text, nullable=False),
    Column("grid_code", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("checkpoint_ids", ARRAY(BigInteger), nullable=False),  # in their order; of cells none
    Column("resolution", Integer),  # of cells
    geometry("MULTILINESTRING", nullable=True),  # of roads
    Column("width_m", Float),  # of roads: who comes so near has been there
    Column("rhythm", JSONB, nullable=False),
    Column("in_order", Boolean, nullable=False, server_default="false"),
    Column("at_least", Float, nullable=False, server_default="1"),  # which part makes a round done
    # Who counts: a role or a unit; NULL is anybody.
    Column("role", Text),
    Column("unit_id", BigInteger, ForeignKey(units.c.id)),
    instant("valid_from"),
    instant("valid_to", nullable=True),
    instant("created_at", now=True),  # nobody is told of rounds that ended before
    CheckConstraint("kind in ('points', 'cells', 'roads')", name="kind"),
    CheckConstraint(
        "(kind = 'cells') = (resolution is not null) "
        "and (kind = 'points') = (cardinality(checkpoint_ids) > 0) "
        "and (kind = 'roads') = (geom is not null) and (kind = 'roads') = (width_m is not null)",
        name="targets",
    ),
    CheckConstraint("width_m > 0", name="width_m"),
    CheckConstraint("at_least > 0 and at_least <= 1", name="at_least"),
    CheckConstraint("role is null or unit_id is null", name="who"),
    Index("patrol_plans_grid_code_idx", "grid_code"),
)
