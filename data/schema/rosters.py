"""Duty rosters, and who stood in for whom: left as they were, for who came is told from them."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from data.schema.columns import identity, instant, metadata
from data.schema.people import accounts, staff

rosters = Table(
    "rosters",
    metadata,
    identity(),
    Column("name", Text, nullable=False),
    Column("grid_code", Text, nullable=False),
    Column("shifts", JSONB, nullable=False),  # [{"from": "08:00", "to": "16:00"}]
    Column("teams", JSONB, nullable=False),  # [{"name", "people"}], staff ids with the leader first
    Column("cycle", JSONB, nullable=False),  # for each day the team, or null, of each shift
    Column("begins_on", Date, nullable=False),  # a first day of the cycle
    instant("valid_from"),
    instant("valid_to", nullable=True),
    Index("rosters_grid_code_idx", "grid_code"),
)

roster_substitutions = Table(
    "roster_substitutions",
    metadata,
    identity(),
    Column("roster_id", BigInteger, ForeignKey(rosters.c.id), nullable=False),
    instant("begins_at"),  # of the shift
    Column("staff_id", BigInteger, ForeignKey(staff.c.id), nullable=False),
    Column("substitute_id", BigInteger, ForeignKey(staff.c.id), nullable=False),
    instant("made_at"),
    Column("made_by", Text, nullable=False),
    Column("made_by_account_id", BigInteger, ForeignKey(accounts.c.id)),
    Index("roster_substitutions_roster_id_begins_at_idx", "roster_id", "begins_at"),
    Index("roster_substitutions_substitute_id_idx", "substitute_id"),
)
