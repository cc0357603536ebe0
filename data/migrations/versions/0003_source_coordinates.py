"""Devices in other coordinate systems, and what their fixes were before they were converted."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("devices", sa.Column("crs", sa.Text(), server_default="wgs84", nullable=False))
    op.create_check_constraint(
        op.f("devices_crs_check"), "devices", "crs in ('wgs84', 'cgcs2000', 'gcj02', 'bd09')"
    )
    op.add_column("fixes", sa.Column("source_crs", sa.Text(), nullable=True))
    op.add_column("fixes", sa.Column("source_lon", sa.Float(), nullable=True))
    op.add_column("fixes", sa.Column("source_lat", sa.Float(), nullable=True))
