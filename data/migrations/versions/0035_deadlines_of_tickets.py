"""Cases have the deadline that their ticket has in the system that they came from."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("external_due_at", sa.DateTime(timezone=True), nullable=True))
