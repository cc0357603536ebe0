"""Presence that knows how often a device reports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("positions", sa.Column("interval_s", sa.REAL(), nullable=True))
    op.add_column(
        "positions",
        sa.Column("recent_at", postgresql.ARRAY(sa.DateTime(timezone=True)), nullable=True),
    )
