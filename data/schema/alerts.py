"""Alerts, the areas that some are about, and how far fixes and the rounds of plans were watched.

The number of an alert comes from `positions_seq`, under the same lock: one number says what a viewer has
seen of both.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    false,
)
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.cases import cases
from data.schema.columns import geometry, identity, instant, metadata
from data.schema.people import accounts
from data.schema.plans import patrol_plans
from data.schema.tracking import units

# Where some people should not go, or should be looked after when they do. One that is not wanted any
# more is ended and stays, for alerts are about it.
areas = Table(
    "areas",
    metadata,
    identity(),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    # Whom it is for: units at home in this grid and below it, and of these roles. NULL is everybody.
    Column("grid_code", Text),
    Column("roles", ARRAY(Text)),
    geometry("MULTIPOLYGON"),
    instant("valid_from"),
    instant("valid_to", nullable=True),
    CheckConstraint("kind in ('forbidden', 'attention')", name="kind"),
)

alerts = Table(
    "alerts",
    metadata,
    identity(),
    # About a unit, or about a round of a plan, which began at `round_at`.
    Column("unit_id", BigInteger, ForeignKey(units.c.id)),
    Column("plan_id", BigInteger, ForeignKey(patrol_plans.c.id)),
    instant("round_at", nullable=True),
    Column("kind", Text, nullable=False),
    Column("area_id", BigInteger, ForeignKey(areas.c.id)),
    instant("begun_at"),
    instant("last_at"),  # last known to be so when it was written; of a call for help, its last fix
    instant("ended_at", nullable=True),
    Column("lon", Float),
    Column("lat", Float),
    Column("details", JSONB, nullable=False, server_default="{}"),
    Column(
        "late", Boolean, nullable=False, server_default=false()
    ),  # over long before it was known
    Column("withdrawn", Boolean, nullable=False, server_default=false()),  # it was not so after all
    instant("recorded_at", now=True),
    instant("acknowledged_at", nullable=True),
    Column("acknowledged_by_account_id", BigInteger, ForeignKey(accounts.c.id)),
    Column("acknowledged_by", Text),  # the name as it was then
    Column("note", Text),
    Column("case_id", BigInteger, ForeignKey(cases.c.id)),
    Column("seq", BigInteger, nullable=False),
    CheckConstraint(
        "num_nonnulls(unit_id, plan_id) = 1 and (plan_id is null) = (round_at is null)",
        name="about",
    ),
    Index(
        "alerts_one_open_idx",
        "unit_id",
        "kind",
        "area_id",
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where="ended_at is null and unit_id is not null",
    ),
    Index("alerts_plan_id_round_at_idx", "plan_id", "round_at", unique=True),
    Index("alerts_unit_id_begun_at_idx", "unit_id", "begun_at"),
    Index(
        "alerts_open_idx",
        "seq",
        postgresql_where=(
            "not withdrawn and (ended_at is null or kind = 'sos' and acknowledged_at is null)"
        ),
    ),
    Index("alerts_seq_idx", "seq"),
    Index("alerts_begun_at_id_idx", "begun_at", "id"),
)

# How far each unit's fixes were watched, and what is pending: `patrol.alerts.watching`.
watches = Table(
    "watches",
    metadata,
    Column("unit_id", BigInteger, ForeignKey(units.c.id), primary_key=True),
    instant("watched_at"),  # the time of the last fix that was looked at
    instant("shift_began_at", nullable=True),
    Column("memory", JSONB, nullable=False, server_default="{}"),
    postgresql_with={"fillfactor": "50"},
)

# Of each plan, up to which end its rounds were judged: `patrol.alerts.plans`.
plan_watches = Table(
    "plan_watches",
    metadata,
    Column("plan_id", BigInteger, ForeignKey(patrol_plans.c.id), primary_key=True),
    instant("judged_until"),
)

# Fixes that came after newer ones of their unit: from when to when has to be looked at again. Rows are
# only added by the recorder and only removed by the watch, so neither waits for the other.
late_fixes = Table(
    "late_fixes",
    metadata,
    Column("unit_id", BigInteger, ForeignKey(units.c.id), primary_key=True),
    Column("id", BigInteger, Identity(always=False), primary_key=True),
    instant("since"),
    instant("until"),
)
