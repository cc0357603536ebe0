"""Working hours, and days that the administrator made working days or days of rest."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("calendar_days_pkey")),
    )
    op.create_table(
        "work_calendar",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("hours", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("version", sa.Uuid(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("work_calendar_one_row_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("work_calendar_pkey")),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON calendar_days TO wangge_app")
    op.execute("GRANT SELECT, INSERT, UPDATE ON work_calendar TO wangge_app")
