"""Figures: what is chosen about them, what became of rounds, and reports, which are never changed."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from data.schema.columns import identity, instant, metadata
from data.schema.people import accounts
from data.schema.plans import patrol_plans

# Where it is other than usual (`patrol.figures.definitions`).
figure_thresholds = Table(
    "figure_thresholds",
    metadata,
    Column("code", Text, primary_key=True),
    Column("warn", Float, nullable=False),
    Column("alarm", Float, nullable=False),
)

# None at all are the usual ones.
ranking_weights = Table(
    "ranking_weights",
    metadata,
    Column("code", Text, primary_key=True),
    Column("weight", Float, nullable=False),
)

# What was required and reached in a round of a patrol plan that is over, as far as tracks are known:
# kept by whoever judges rounds, for figures of many plans over a long time.
round_results = Table(
    "round_results",
    metadata,
    Column("plan_id", BigInteger, ForeignKey(patrol_plans.c.id), primary_key=True),
    Column("begins_at", DateTime(timezone=True), primary_key=True),
    instant("ends_at"),
    Column("required", Integer, nullable=False),
    Column("reached", Integer, nullable=False),
    Index("round_results_ends_at_idx", "ends_at"),
)

# A correction is another version beside the old one.
reports = Table(
    "reports",
    metadata,
    identity(),
    Column("kind", Text, nullable=False),
    instant("since"),
    instant("until"),
    Column("grid_code", Text),  # NULL is the whole installation
    Column("version", Integer, nullable=False),
    instant("made_at"),
    Column("made_by_account_id", BigInteger, ForeignKey(accounts.c.id)),
    Column(
        "made_by", Text, nullable=False
    ),  # the name as it was then; "system" for what nobody asked
    Column("reason", Text),  # why there is another version
    Column("content", LargeBinary, nullable=False),  # JSON, byte for byte
    Column("sha256", Text, nullable=False),  # of the content, in hexadecimal
    CheckConstraint("kind in ('week', 'month', 'quarter', 'year')", name="kind"),
    UniqueConstraint(
        *("kind", "since", "grid_code", "version"),
        name="reports_kind_since_grid_code_version_key",
        postgresql_nulls_not_distinct=True,
    ),
)
