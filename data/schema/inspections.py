"""Random inspections: the lists, the seed and the result of each lottery. A draw is never taken back."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.columns import identity, instant, metadata
from data.schema.people import accounts

inspections = Table(
    "inspections",
    metadata,
    identity(),
    Column("name", Text, nullable=False),
    Column("grid_code", Text),  # whose inspection it is; NULL is the whole installation
    Column("terms", JSONB, nullable=False),
    Column("names", JSONB, nullable=False),  # of targets and inspectors, by their ids in the terms
    Column("secret", Text, nullable=False),  # told after the draw only; before, its SHA-256 is
    instant("prepared_at"),
    Column("prepared_by_account_id", BigInteger, ForeignKey(accounts.c.id)),
    Column("prepared_by", Text, nullable=False),
    instant("drawn_at", nullable=True),
    Column("drawn_by_account_id", BigInteger, ForeignKey(accounts.c.id)),
    Column("drawn_by", Text),
    Column("public_number", Text),
    Column("witness", Text),  # where the public number comes from, or who read it out
    Column("assignments", JSONB),
    instant("cancelled_at", nullable=True),
    Column("cancelled_because", Text),
    CheckConstraint("drawn_at is null or cancelled_at is null", name="end"),
)
