"""Categories have further names, by which other systems call them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "case_categories",
        sa.Column("aliases", ARRAY(sa.Text), nullable=False, server_default="{}"),
    )
    op.alter_column("case_categories", "aliases", server_default=None)
