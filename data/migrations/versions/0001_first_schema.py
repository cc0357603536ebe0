"""The first schema."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("positions_seq")))

    op.create_table(
        "basemap_features",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
        sa.Column(
            "geom_3857",
            Geometry("GEOMETRY", srid=3857, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("basemap_features_pkey")),
    )
    op.create_index(
        "basemap_features_geom_3857_idx",
        "basemap_features",
        ["geom_3857"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "cameras",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("bearing_deg", sa.REAL(), nullable=False),
        sa.Column("fov_deg", sa.REAL(), nullable=False),
        sa.Column("range_m", sa.REAL(), nullable=False),
        sa.Column("height_m", sa.REAL(), nullable=True),
        sa.Column("state", sa.Text(), server_default="online", nullable=False),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column(
            "geom_3857",
            Geometry("POINT", srid=3857, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("cameras_pkey")),
        sa.UniqueConstraint("code", name=op.f("cameras_code_key")),
    )
    op.create_index(
        "cameras_geom_3857_idx", "cameras", ["geom_3857"], unique=False, postgresql_using="gist"
    )
    op.create_table(
        "case_numbers",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("case_numbers_pkey")),
    )
    op.create_table(
        "facilities",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("properties", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column(
            "geom_3857",
            Geometry("POINT", srid=3857, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("facilities_pkey")),
        sa.UniqueConstraint("code", name=op.f("facilities_code_key")),
    )
    op.create_index(
        "facilities_geom_3857_idx",
        "facilities",
        ["geom_3857"],
        unique=False,
        postgresql_using="gist",
    )
    op.create_table(
        "fixes",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("accuracy_m", sa.REAL(), nullable=True),
        sa.Column("speed_mps", sa.REAL(), nullable=True),
        sa.Column("heading_deg", sa.REAL(), nullable=True),
        sa.Column("altitude_m", sa.REAL(), nullable=True),
        sa.Column("battery_pct", sa.REAL(), nullable=True),
        sa.Column("grid_id", sa.BigInteger(), nullable=True),
        sa.Column("flags", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("unit_id", "at", name=op.f("fixes_pkey")),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index("fixes_at_idx", "fixes", ["at"], unique=False, postgresql_using="brin")
    op.create_table(
        "grid_editions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="draft", nullable=False),
        sa.Column("source_crs", sa.Text(), server_default="EPSG:4326", nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("findings", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("accepted_reason", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state in ('draft', 'active', 'retired')", name=op.f("grid_editions_state_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("grid_editions_pkey")),
    )
    op.create_index(
        "grid_editions_content_hash_idx",
        "grid_editions",
        ["content_hash"],
        unique=True,
        postgresql_where="state <> 'retired'",
    )
    op.create_index(
        "grid_editions_one_active_idx",
        "grid_editions",
        ["state"],
        unique=True,
        postgresql_where="state = 'active'",
    )
    op.create_table(
        "layer_versions",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("layer", name=op.f("layer_versions_pkey")),
    )
    op.create_table(
        "quarantined_fixes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("quarantined_fixes_pkey")),
    )
    op.create_index(
        "quarantined_fixes_received_at_idx", "quarantined_fixes", ["received_at"], unique=False
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("staff_pkey")),
    )
    op.create_table(
        "accounts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("grid_code", sa.Text(), nullable=True),
        sa.Column("disabled", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("accounts_staff_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("accounts_pkey")),
        sa.UniqueConstraint("username", name=op.f("accounts_username_key")),
    )
    op.create_table(
        "grids",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("edition_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("area_m2", sa.Float(), nullable=False),
        sa.Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
        sa.Column(
            "geom_3857",
            Geometry("MULTIPOLYGON", srid=3857, spatial_index=False),
            sa.Computed("ST_Transform(geom, 3857)", persisted=True),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["grid_editions.id"], name=op.f("grids_edition_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("grids_pkey")),
        sa.UniqueConstraint("edition_id", "code", name=op.f("grids_edition_id_code_key")),
    )
    op.create_index(
        "grids_geom_3857_idx", "grids", ["geom_3857"], unique=False, postgresql_using="gist"
    )
    op.create_index("grids_geom_idx", "grids", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "posts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=True),
        sa.Column("is_deputy", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "valid_from",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "valid_to is null or valid_to > valid_from", name=op.f("posts_dates_check")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("posts_staff_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("posts_pkey")),
    )
    op.create_index("posts_grid_code_idx", "posts", ["grid_code"], unique=False)
    op.create_index("posts_staff_id_idx", "posts", ["staff_id"], unique=False)
    op.create_table(
        "units",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("grid_code", sa.Text(), nullable=True),
        sa.CheckConstraint("kind in ('person', 'vehicle')", name=op.f("units_kind_check")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("units_staff_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("units_pkey")),
        sa.UniqueConstraint("code", name=op.f("units_code_key")),
    )
    op.create_index("units_staff_id_idx", "units", ["staff_id"], unique=False)
    op.create_table(
        "cases",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("reporter", sa.Text(), nullable=True),
        sa.Column("reported_by_account_id", sa.BigInteger(), nullable=True),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column("edition_id", sa.BigInteger(), nullable=True),
        sa.Column("grid_code", sa.Text(), nullable=True),
        sa.Column("on_boundary", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("snapped_m", sa.Float(), nullable=True),
        sa.Column("owner_staff_id", sa.BigInteger(), nullable=True),
        sa.Column("owner_role", sa.Text(), nullable=True),
        sa.Column("owner_reason", sa.Text(), nullable=True),
        sa.Column("deadline_h", sa.Integer(), nullable=True),
        sa.Column("rework", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handled_by_account_id", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["grid_editions.id"], name=op.f("cases_edition_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["handled_by_account_id"],
            ["accounts.id"],
            name=op.f("cases_handled_by_account_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_staff_id"], ["staff.id"], name=op.f("cases_owner_staff_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["reported_by_account_id"],
            ["accounts.id"],
            name=op.f("cases_reported_by_account_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("cases_pkey")),
        sa.UniqueConstraint("number", name=op.f("cases_number_key")),
        sa.UniqueConstraint(
            "reported_by_account_id",
            "idempotency_key",
            name=op.f("cases_reported_by_account_id_idempotency_key_key"),
        ),
    )
    op.create_index("cases_geom_idx", "cases", ["geom"], unique=False, postgresql_using="gist")
    op.create_index("cases_grid_code_idx", "cases", ["grid_code"], unique=False)
    op.create_index("cases_owner_staff_id_idx", "cases", ["owner_staff_id"], unique=False)
    op.create_index("cases_reported_at_id_idx", "cases", ["reported_at", "id"], unique=False)
    op.create_table(
        "devices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("devices_unit_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("devices_pkey")),
        sa.UniqueConstraint("protocol", "identifier", name=op.f("devices_protocol_identifier_key")),
    )
    op.create_index("devices_unit_id_idx", "devices", ["unit_id"], unique=False)
    op.create_table(
        "duty_sessions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "ended_at is null or ended_at >= began_at", name=op.f("duty_sessions_dates_check")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("duty_sessions_unit_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("duty_sessions_pkey")),
    )
    op.create_index(
        "duty_sessions_one_open_idx",
        "duty_sessions",
        ["unit_id"],
        unique=True,
        postgresql_where="ended_at is null",
    )
    op.create_index(
        "duty_sessions_unit_id_began_at_idx", "duty_sessions", ["unit_id", "began_at"], unique=False
    )
    op.create_table(
        "positions",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("accuracy_m", sa.REAL(), nullable=True),
        sa.Column("speed_mps", sa.REAL(), nullable=True),
        sa.Column("heading_deg", sa.REAL(), nullable=True),
        sa.Column("altitude_m", sa.REAL(), nullable=True),
        sa.Column("battery_pct", sa.REAL(), nullable=True),
        sa.Column("grid_id", sa.BigInteger(), nullable=True),
        sa.Column("flags", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sos_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("positions_unit_id_fkey")),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("positions_pkey")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('session', 'token')", name=op.f("sessions_kind_check")),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("sessions_account_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("sessions_pkey")),
    )
    op.create_index("sessions_account_id_idx", "sessions", ["account_id"], unique=False)
    op.create_table(
        "case_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=True),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("actor_account_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("details", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_account_id"], ["accounts.id"], name=op.f("case_events_actor_account_id_fkey")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("case_events_case_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("case_events_pkey")),
        sa.UniqueConstraint("case_id", "seq", name=op.f("case_events_case_id_seq_key")),
    )

    op.execute("""
-- The partition of `fixes` for one day (UTC). Attaching instead of creating in place takes no lock that
-- stops readers or writers; the advisory lock lets two callers ask for the same day at once.
CREATE FUNCTION make_fixes_partition(day date) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    partition text := 'fixes_' || to_char(day, 'YYYYMMDD');
BEGIN
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('make_fixes_partition'));
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE fixes INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition);
    EXECUTE format(
        'ALTER TABLE fixes ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        partition,
        day::timestamp AT TIME ZONE 'UTC',
        (day + 1)::timestamp AT TIME ZONE 'UTC'
    );
    RETURN true;
END
$$
""")
    op.execute("""
-- A change to a layer's table raises the version of the layer in the same transaction.
CREATE FUNCTION bump_layer_version() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO layer_versions (layer) VALUES (TG_ARGV[0])
    ON CONFLICT (layer) DO UPDATE SET version = layer_versions.version + 1;
    RETURN NULL;
END
$$
""")
    op.execute("""
CREATE TRIGGER bump_layer_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON cameras
FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version('cameras')
""")
    op.execute("""
CREATE TRIGGER bump_layer_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON facilities
FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version('facilities')
""")
    op.execute("""
CREATE TRIGGER bump_layer_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON basemap_features
FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version('basemap')
""")
    op.execute("""
CREATE TRIGGER bump_layer_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON grids
FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version('grids')
""")
    op.execute("""
CREATE TRIGGER bump_layer_version AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON grid_editions
FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version('grids')
""")
    op.execute("""
-- Whoever keeps in memory what an account may see learns that it may have changed.
CREATE FUNCTION announce_access() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('access', '');
    RETURN NULL;
END
$$
""")
    op.execute("""
-- For each row: clearing away expired sessions, when there are none, announces nothing.
CREATE TRIGGER announce_access AFTER UPDATE OR DELETE ON sessions
FOR EACH ROW EXECUTE FUNCTION announce_access()
""")
    op.execute("""
CREATE TRIGGER announce_access AFTER UPDATE OR DELETE ON accounts
FOR EACH ROW EXECUTE FUNCTION announce_access()
""")
    op.execute("""
CREATE TRIGGER announce_access AFTER INSERT OR UPDATE OR DELETE ON posts
FOR EACH STATEMENT EXECUTE FUNCTION announce_access()
""")
    op.execute("""
CREATE TRIGGER announce_access AFTER UPDATE ON staff
FOR EACH STATEMENT EXECUTE FUNCTION announce_access()
""")
    op.execute("""
CREATE TRIGGER announce_access AFTER INSERT OR UPDATE OR DELETE ON grid_editions
FOR EACH STATEMENT EXECUTE FUNCTION announce_access()
""")
