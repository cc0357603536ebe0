"""Sensors, what they measured, and what is raised from it."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.cases import cases
from data.schema.columns import geometry, identity, instant, metadata, web_mercator

sensors = Table(
    "sensors",
    metadata,
    identity(),
    Column("code", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("properties", JSONB, nullable=False, server_default="{}"),
    Column("silent_after_s", Integer, nullable=False, server_default="86400"),
    instant("retired_at", nullable=True),
    geometry("POINT"),
    web_mercator("POINT"),
    UniqueConstraint("code"),
    CheckConstraint("silent_after_s > 0", name="silent_after_s"),
    Index("sensors_geom_idx", "geom", postgresql_using="gist"),
    Index("sensors_geom_3857_idx", "geom_3857", postgresql_using="gist"),
)

# One row for each time: sent twice, it is stored once.
sensor_readings = Table(
    "sensor_readings",
    metadata,
    Column("sensor_id", BigInteger, ForeignKey(sensors.c.id), primary_key=True),
    Column("at", DateTime(timezone=True), primary_key=True),
    Column("quantities", JSONB, nullable=False),  # numbers by the name of the quantity
    instant("received_at", now=True),
)

# Of one sensor, or of all of a kind. Ended and never changed: what was raised followed from it.
sensor_rules = Table(
    "sensor_rules",
    metadata,
    identity(),
    Column("name", Text, nullable=False),
    Column("sensor_id", BigInteger, ForeignKey(sensors.c.id)),
    Column("kind", Text),
    Column("quantity", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("threshold", Float, nullable=False),
    Column("clears_at", Float, nullable=False),
    Column("for_s", Integer, nullable=False),
    Column("category", Text, nullable=False),
    Column("urgent", Boolean),  # NULL: as the category says
    instant("valid_from"),
    instant("valid_to", nullable=True),
    CheckConstraint("num_nonnulls(sensor_id, kind) = 1", name="about"),
    CheckConstraint(
        "direction = 'above' and clears_at <= threshold "
        "or direction = 'below' and clears_at >= threshold",
        name="direction",
    ),
    CheckConstraint("for_s >= 0", name="for_s"),
)

# Follows from the readings and the rule; a case is made once for each. Withdrawn: later readings of
# earlier times showed that there was none.
sensor_exceedances = Table(
    "sensor_exceedances",
    metadata,
    identity(),
    Column("sensor_id", BigInteger, ForeignKey(sensors.c.id), nullable=False),
    Column("rule_id", BigInteger, ForeignKey(sensor_rules.c.id), nullable=False),
    instant("begun_at"),
    instant("ended_at", nullable=True),
    Column("peak", Float, nullable=False),
    Column("case_id", BigInteger, ForeignKey(cases.c.id), nullable=False),
    instant("withdrawn_at", nullable=True),
    Index("sensor_exceedances_sensor_id_rule_id_begun_at_idx", "sensor_id", "rule_id", "begun_at"),
    Index("sensor_exceedances_case_id_idx", "case_id"),
)
