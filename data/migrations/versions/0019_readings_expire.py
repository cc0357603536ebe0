"""Readings of sensors are dropped when they were kept long enough."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
-- To drop what sensors measured when it was kept long enough, but for what an exceedance rests on.
GRANT SELECT ON sensors, sensor_exceedances TO wangge_tracking
""")
    op.execute("GRANT SELECT, DELETE ON sensor_readings TO wangge_tracking")
