"""The audit: who did what to what, from where and why. Rows are only added, chained to the last."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Index, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.columns import instant, metadata

# No foreign keys: a record outlives what it is about.
audit_events = Table(
    "audit_events",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # without gaps, by a trigger
    instant("at"),
    Column("account_id", BigInteger),  # NULL: somebody at the machine, or nobody known
    Column("actor", Text, nullable=False),
    Column("role", Text),
    Column("address", Text),
    Column("action", Text, nullable=False),  # "track.read"
    Column("subject", Text),  # "unit GW-017"
    Column("reason", Text),
    Column("details", JSONB, nullable=False, server_default="{}"),
    Column("previous_hash", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Index("audit_events_at_idx", "at", postgresql_using="brin"),
    Index("audit_events_subject_idx", "subject", "id"),
    Index("audit_events_actor_idx", "actor", "id"),
)

# The end of the chain: one row, so that records missing from the end show too.
audit_head = Table(
    "audit_head",
    metadata,
    Column("one", Boolean, primary_key=True, server_default="true"),
    Column("last_id", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    CheckConstraint("one", name="one"),
)
