"""Where each feature of the basemap comes from."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "basemap_features", sa.Column("source", sa.Text(), server_default="", nullable=False)
    )
