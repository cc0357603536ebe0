"""What nobody knows of a camera's view is null, and events of cases are never changed."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("bearing_deg", "fov_deg", "range_m"):
        op.alter_column("cameras", column, existing_type=sa.REAL(), nullable=True)
    op.execute("""
CREATE OR REPLACE FUNCTION camera_view(place geometry, bearing_deg real, fov_deg real, range_m real) RETURNS geometry
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ST_MakePolygon(ST_AddPoint(line, ST_StartPoint(line)))
    FROM (
        SELECT ST_MakeLine(corner ORDER BY number) AS line
        FROM (
            SELECT -1 AS number, place AS corner WHERE fov_deg < 360
            UNION ALL
            SELECT number, ST_Project(
                place::geography,
                range_m,
                radians(
                    (coalesce(bearing_deg, 0) - fov_deg / 2 + fov_deg * number / ceil(fov_deg / 5))::float8
                )
            )::geometry
            FROM generate_series(0, ceil(fov_deg / 5)::int - (fov_deg >= 360)::int) AS number
        ) AS corners
    ) AS drawn
    WHERE fov_deg > 0 AND range_m > 0 AND (fov_deg >= 360 OR bearing_deg IS NOT NULL)
$$
""")
    # Until now 0 stood for it.
    op.execute("""
UPDATE cameras SET
    bearing_deg = CASE WHEN bearing_deg = 0 AND fov_deg IN (0, 360) THEN NULL ELSE bearing_deg END,
    fov_deg = nullif(fov_deg, 0),
    range_m = nullif(range_m, 0)
""")
    op.execute("""
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
""")
