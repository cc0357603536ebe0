"""Readings of sensors are dropped when they were kept long enough; a suspected change is settled with its
case."""

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
    op.execute("""
-- Suspected changes, each with the case in which somebody goes and looks. One is settled when the case was
-- handled with a verdict, or is over.
CREATE OR REPLACE VIEW layer_changes WITH (security_invoker) AS
SELECT
    change.id, change.source, change.area_m2, change.score, change.found_at, change.verdict, change.verdict_at,
    looked_at.number AS case_number, still.pending,
    change.geom, ST_Transform(change.geom, 3857) AS geom_3857,
    CASE WHEN NOT still.pending
        THEN coalesce(change.verdict_at, looked_at.closed_at, change.found_at) END AS settled_at
FROM suspected_changes AS change JOIN cases AS looked_at ON looked_at.id = change.case_id
CROSS JOIN LATERAL (
    SELECT looked_at.state NOT IN ('closed', 'void')
        AND (change.verdict IS NULL OR looked_at.handled_at IS NULL) AS pending
) AS still
""")
