"""Cameras with their views, and video rounds."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _cameras()


def _cameras() -> None:
    op.add_column(
        "cameras",
        sa.Column(
            "state_since",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
    )
    op.add_column(
        "cameras",
        sa.Column("view", Geometry("POLYGON", srid=4326, spatial_index=False), nullable=True),
    )
    op.add_column(
        "cameras",
        sa.Column(
            "view_3857",
            Geometry("POLYGON", srid=3857, spatial_index=False),
            sa.Computed("ST_Transform(view, 3857)", persisted=True),
            nullable=True,
        ),
    )
    op.create_check_constraint(
        op.f("cameras_view_check"),
        "cameras",
        "bearing_deg >= 0 and bearing_deg < 360 and fov_deg between 0 and 360 and range_m >= 0",
    )
    for column in ("geom", "view", "view_3857"):
        op.create_index(f"cameras_{column}_idx", "cameras", [column], postgresql_using="gist")
    op.execute("""
-- What a camera sees on a plain: the sector of a circle on the ellipsoid, a corner every 5 degrees at most;
-- a whole circle for 360 degrees, nothing where its angle or its range is not known.
CREATE FUNCTION camera_view(place geometry, bearing_deg real, fov_deg real, range_m real) RETURNS geometry
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
                radians((bearing_deg - fov_deg / 2 + fov_deg * number / ceil(fov_deg / 5))::float8)
            )::geometry
            FROM generate_series(0, ceil(fov_deg / 5)::int - (fov_deg >= 360)::int) AS number
        ) AS corners
    ) AS drawn
    WHERE fov_deg > 0 AND range_m > 0
$$
""")
    op.execute("""
CREATE FUNCTION draw_camera_view() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.view := camera_view(NEW.geom, NEW.bearing_deg, NEW.fov_deg, NEW.range_m);
    RETURN NEW;
END
$$
""")
    op.execute("""
CREATE TRIGGER draw_camera_view BEFORE INSERT OR UPDATE ON cameras
FOR EACH ROW EXECUTE FUNCTION draw_camera_view()
""")
    op.execute("UPDATE cameras SET range_m = range_m")  # draws the views
    op.create_table(
        "video_rounds",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("stops", postgresql.JSONB(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("video_rounds_pkey")),
    )
    op.execute("GRANT SELECT, INSERT, DELETE ON video_rounds TO wangge_app")
    op.execute("GRANT USAGE ON video_rounds_id_seq TO wangge_app")
