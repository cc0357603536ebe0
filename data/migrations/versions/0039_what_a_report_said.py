"""What was said in a report tells it from another one under the same idempotency key."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("said_sha256", sa.LargeBinary(), nullable=True))
