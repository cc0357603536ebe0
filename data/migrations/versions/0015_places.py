"""Cameras with their views, video rounds, sensors, imports of facilities, and suspected changes."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _cameras()
    _sensors()
    _facilities()
    _changes()
    _views()


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


def _sensors() -> None:
    op.create_table(
        "sensors",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("properties", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("silent_after_s", sa.Integer(), server_default="86400", nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column(
            "geom_3857",
            Geometry("POINT", srid=3857, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.CheckConstraint("silent_after_s > 0", name=op.f("sensors_silent_after_s_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("sensors_pkey")),
        sa.UniqueConstraint("code", name=op.f("sensors_code_key")),
    )
    for column in ("geom", "geom_3857"):
        op.create_index(f"sensors_{column}_idx", "sensors", [column], postgresql_using="gist")
    op.create_table(
        "sensor_readings",
        sa.Column("sensor_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("quantities", postgresql.JSONB(), nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["sensor_id"], ["sensors.id"], name=op.f("sensor_readings_sensor_id_fkey")
        ),
        sa.PrimaryKeyConstraint("sensor_id", "at", name=op.f("sensor_readings_pkey")),
    )
    op.create_table(
        "sensor_rules",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sensor_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("threshold", sa.Float(), nullable=False),
        sa.Column("clears_at", sa.Float(), nullable=False),
        sa.Column("for_s", sa.Integer(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(sensor_id, kind) = 1", name=op.f("sensor_rules_about_check")
        ),
        sa.CheckConstraint(
            "direction = 'above' and clears_at <= threshold "
            "or direction = 'below' and clears_at >= threshold",
            name=op.f("sensor_rules_direction_check"),
        ),
        sa.CheckConstraint("for_s >= 0", name=op.f("sensor_rules_for_s_check")),
        sa.ForeignKeyConstraint(
            ["sensor_id"], ["sensors.id"], name=op.f("sensor_rules_sensor_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("sensor_rules_pkey")),
    )
    op.create_table(
        "sensor_exceedances",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sensor_id", sa.BigInteger(), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("peak", sa.Float(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["sensor_id"], ["sensors.id"], name=op.f("sensor_exceedances_sensor_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["sensor_rules.id"], name=op.f("sensor_exceedances_rule_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("sensor_exceedances_case_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("sensor_exceedances_pkey")),
    )
    op.create_index(
        "sensor_exceedances_sensor_id_rule_id_begun_at_idx",
        "sensor_exceedances",
        ["sensor_id", "rule_id", "begun_at"],
    )
    op.create_index("sensor_exceedances_case_id_idx", "sensor_exceedances", ["case_id"])
    op.execute("""
CREATE TRIGGER bump_layer_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON sensors
FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version('sensors')
""")
    op.execute("GRANT SELECT, INSERT, UPDATE ON sensors, sensor_exceedances TO wangge_app")
    op.execute("GRANT SELECT, INSERT, UPDATE (valid_to) ON sensor_rules TO wangge_app")
    op.execute("GRANT SELECT, INSERT ON sensor_readings TO wangge_app")
    op.execute(
        "GRANT USAGE ON sensors_id_seq, sensor_rules_id_seq, sensor_exceedances_id_seq TO wangge_app"
    )


def _facilities() -> None:
    op.create_table(
        "facility_imports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("new", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("facility_imports_pkey")),
    )
    op.add_column("facilities", sa.Column("import_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("facilities_import_id_fkey"), "facilities", "facility_imports", ["import_id"], ["id"]
    )
    op.create_index("facilities_import_id_idx", "facilities", ["import_id"])
    op.create_index("facilities_geom_idx", "facilities", ["geom"], postgresql_using="gist")
    op.create_table(
        "facility_versions",
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("properties", postgresql.JSONB(), nullable=False),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column("previous_import_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["facility_imports.id"], name=op.f("facility_versions_import_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["previous_import_id"],
            ["facility_imports.id"],
            name=op.f("facility_versions_previous_import_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("import_id", "code", name=op.f("facility_versions_pkey")),
    )
    op.create_index(
        "facility_versions_previous_import_id_idx", "facility_versions", ["previous_import_id"]
    )
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON facility_imports, facility_versions TO wangge_app"
    )
    op.execute("GRANT USAGE ON facility_imports_id_seq TO wangge_app")


def _changes() -> None:
    op.create_table(
        "suspected_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("area_m2", sa.Float(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("properties", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("verdict_by", sa.Text(), nullable=True),
        sa.Column("verdict_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "verdict in ('confirmed', 'false')", name=op.f("suspected_changes_verdict_check")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("suspected_changes_case_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("suspected_changes_pkey")),
        sa.UniqueConstraint("digest", name=op.f("suspected_changes_digest_key")),
        sa.UniqueConstraint("case_id", name=op.f("suspected_changes_case_id_key")),
    )
    op.create_index(
        "suspected_changes_geom_idx", "suspected_changes", ["geom"], postgresql_using="gist"
    )
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (verdict, verdict_by, verdict_at) "
        "ON suspected_changes TO wangge_app"
    )
    op.execute("GRANT USAGE ON suspected_changes_id_seq TO wangge_app")
    op.execute("ALTER TABLE suspected_changes ENABLE ROW LEVEL SECURITY")
    op.execute("""
-- Whoever sees the case.
CREATE POLICY viewer ON suspected_changes TO wangge_app
USING (EXISTS (SELECT FROM cases WHERE cases.id = suspected_changes.case_id))
WITH CHECK (true)
""")


def _views() -> None:
    op.execute("""
-- Those that are at work. What they measure is asked for apart (GET /sensors), for it changes all the time.
CREATE VIEW layer_sensors WITH (security_invoker) AS
SELECT id, code, name, kind, geom, geom_3857 FROM sensors WHERE retired_at IS NULL
""")
    op.execute("""
-- Suspected changes, each with the case in which somebody goes and looks.
CREATE VIEW layer_changes WITH (security_invoker) AS
SELECT
    change.id, change.source, change.area_m2, change.score, change.found_at, change.verdict, change.verdict_at,
    looked_at.number AS case_number, change.verdict IS NULL AS pending,
    change.geom, ST_Transform(change.geom, 3857) AS geom_3857
FROM suspected_changes AS change JOIN cases AS looked_at ON looked_at.id = change.case_id
""")
    op.execute("GRANT SELECT ON layer_changes, layer_sensors TO wangge_app")
