"""Cases keep the words in which their fields were asked, and what their tickets say otherwise."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("asked", JSONB(), server_default="[]", nullable=False))
    op.add_column("cases", sa.Column("restated", JSONB(), nullable=True))
