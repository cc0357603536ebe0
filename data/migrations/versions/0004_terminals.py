"""JT/T 808 terminals: which one registered, and its code."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("devices", sa.Column("registered_as", sa.Text(), nullable=True))
    op.drop_constraint(op.f("sessions_kind_check"), "sessions", type_="check")
    op.create_check_constraint(
        op.f("sessions_kind_check"), "sessions", "kind in ('session', 'token', 'terminal')"
    )
