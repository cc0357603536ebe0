"""Layers that people add, views for every layer, and geometry made ready for tiles."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "layer_versions",
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
    )
    op.add_column(
        "cases",
        sa.Column(
            "open", sa.Boolean(), sa.Computed("state not in ('closed', 'void')", persisted=True)
        ),
    )
    op.add_column("cases", _projected("geom_3857", "POINT", "ST_Transform(geom, 3857)"))
    op.create_index("cases_open_idx", "cases", ["id"], postgresql_where="open")
    op.create_index(
        "track_segments_from_at_idx", "track_segments", ["from_at"], postgresql_using="brin"
    )
    for zoom, step_m in ((12, 9.555), (9, 76.437)):
        op.add_column(
            "basemap_features",
            _projected(
                f"geom_z{zoom}", "GEOMETRY", f"ST_SnapToGrid(ST_Transform(geom, 3857), {step_m})"
            ),
        )
    op.add_column(
        "grids",
        _projected("label_3857", "POINT", "ST_PointOnSurface(ST_Transform(geom, 3857))"),
    )
    op.create_table(
        "grid_outlines",
        sa.Column("grid_id", sa.BigInteger(), nullable=False),
        sa.Column("zoom", sa.SmallInteger(), nullable=False),
        sa.Column(
            "geom_3857", Geometry("MULTIPOLYGON", srid=3857, spatial_index=False), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["grid_id"], ["grids.id"], name=op.f("grid_outlines_grid_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("grid_id", "zoom", name=op.f("grid_outlines_pkey")),
    )
    # Of the editions that are or were in force: as tiles simplified them until now.
    op.execute("""
INSERT INTO grid_outlines (grid_id, zoom, geom_3857)
SELECT id, zoom, ST_Multi(ST_SnapToGrid(geom_3857, step_m))
FROM grids JOIN (VALUES (12, 9.555), (9, 76.437)) AS outline (zoom, step_m) ON true
WHERE edition_id IN (SELECT id FROM grid_editions WHERE state <> 'draft')
AND NOT ST_IsEmpty(ST_SnapToGrid(geom_3857, step_m))
""")
    op.create_table(
        "layers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("geometry", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("style", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("minzoom", sa.SmallInteger(), nullable=False),
        sa.Column("maxzoom", sa.SmallInteger(), nullable=False),
        sa.Column("permission", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("source_crs", sa.Text(), nullable=True),
        sa.Column("relation", sa.Text(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("key_is_number", sa.Boolean(), nullable=True),
        sa.Column("geometry_column", sa.Text(), nullable=True),
        sa.Column("srid", sa.Integer(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("created_by_account_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("num_nonnulls(file, relation) = 1", name=op.f("layers_source_check")),
        sa.CheckConstraint(
            "num_nonnulls(relation, key, key_is_number, geometry_column, srid) in (0, 5)",
            name=op.f("layers_relation_check"),
        ),
        sa.CheckConstraint(
            "geometry in ('point', 'line', 'polygon', 'mixed')", name=op.f("layers_geometry_check")
        ),
        sa.CheckConstraint(
            "0 <= minzoom and minzoom <= maxzoom and maxzoom <= 20", name=op.f("layers_zooms_check")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_account_id"],
            ["accounts.id"],
            name=op.f("layers_created_by_account_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("layers_pkey")),
    )
    op.create_table(
        "layer_features",
        sa.Column("layer_id", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("properties", postgresql.JSONB(), nullable=False),
        sa.Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
        _projected("geom_3857", "GEOMETRY", "ST_Transform(geom, 3857)"),
        sa.ForeignKeyConstraint(
            ["layer_id"], ["layers.id"], name=op.f("layer_features_layer_id_fkey")
        ),
        sa.PrimaryKeyConstraint("layer_id", "id", name=op.f("layer_features_pkey")),
        postgresql_partition_by="LIST (layer_id)",
    )
    op.create_index(
        "layer_features_geom_3857_idx", "layer_features", ["geom_3857"], postgresql_using="gist"
    )
    op.execute("""
CREATE OR REPLACE FUNCTION bump_layer_version() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO layer_versions (layer) VALUES (TG_ARGV[0])
    ON CONFLICT (layer) DO UPDATE SET version = layer_versions.version + 1, changed_at = now();
    RETURN NULL;
END
$$
""")
    op.execute("""
-- The same for `layer_features`, which holds the features of many layers.
CREATE FUNCTION bump_changed_layers() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO layer_versions (layer) SELECT DISTINCT layer_id FROM changed ORDER BY layer_id
    ON CONFLICT (layer) DO UPDATE SET version = layer_versions.version + 1, changed_at = now();
    RETURN NULL;
END
$$
""")
    op.execute("""
-- A place of its own for the features of a layer that somebody adds. Run with its owner's rights: the
-- server makes no tables. Attaching instead of creating in place takes no lock that stops readers.
CREATE FUNCTION make_layer_partition(layer text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    partition text := 'layer_features_' || md5(layer);
BEGIN
    EXECUTE format('CREATE TABLE %I (LIKE layer_features INCLUDING ALL EXCLUDING IDENTITY)', partition);
    EXECUTE format('ALTER TABLE layer_features ATTACH PARTITION %I FOR VALUES IN (%L)', partition, layer);
END
$$
""")
    op.execute("""
-- Forget the features of a layer.
CREATE FUNCTION drop_layer_partition(layer text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format('DROP TABLE IF EXISTS %I', 'layer_features_' || md5(layer));
END
$$
""")
    op.execute("""
CREATE TRIGGER bump_layer_version AFTER INSERT OR UPDATE OR DELETE ON layers
FOR EACH STATEMENT EXECUTE FUNCTION bump_layer_version('catalog')
""")
    op.execute("""
CREATE TRIGGER bump_inserted AFTER INSERT ON layer_features
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION bump_changed_layers()
""")
    op.execute("""
CREATE TRIGGER bump_updated AFTER UPDATE ON layer_features
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION bump_changed_layers()
""")
    op.execute("""
CREATE TRIGGER bump_deleted AFTER DELETE ON layer_features
REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION bump_changed_layers()
""")
    op.execute("""
-- The grids of every edition that is or was in force, and when.
CREATE VIEW layer_grids WITH (security_invoker) AS
SELECT
    grid.id, grid.code, grid.name, grid.level, grid.parent_code AS parent, grid.area_m2,
    edition.id AS edition, edition.valid_from, edition.valid_to, edition.state = 'active' AS active,
    grid.geom, grid.geom_3857, grid.label_3857
FROM grids AS grid JOIN grid_editions AS edition ON edition.id = grid.edition_id
WHERE edition.state <> 'draft'
""")
    op.execute("""
-- Without what was said and by whom: that is asked of the case itself.
CREATE VIEW layer_cases WITH (security_invoker) AS
SELECT
    id, number, state, category, source, urgent, grid_code AS grid, owner_role, rework, reported_at, due_at,
    CASE WHEN open THEN NULL ELSE coalesce(
        closed_at,
        (SELECT max(event.at) FROM case_events AS event WHERE event.case_id = cases.id)
    ) END AS ended_at,
    open, geom, geom_3857
FROM cases
""")
    op.execute("""
-- Where people and vehicles are: their last position.
CREATE VIEW layer_staff WITH (security_invoker) AS
SELECT
    unit.id, unit.code, unit.kind, unit.role, unit.grid_code AS grid, position.at, position.speed_mps,
    position.heading_deg, position.battery_pct,
    ST_SetSRID(ST_MakePoint(position.lon, position.lat), 4326) AS geom,
    ST_Transform(ST_SetSRID(ST_MakePoint(position.lon, position.lat), 4326), 3857) AS geom_3857
FROM positions AS position JOIN units AS unit ON unit.id = position.unit_id
""")
    op.execute("""
-- The cleaned tracks in pieces of a few fixes. The id is the unit's in the upper 21 bits and the beginning
-- in milliseconds since 1970 in the lower 42.
CREATE VIEW layer_tracks WITH (security_invoker) AS
SELECT
    (segment.unit_id << 42) | (extract(epoch FROM segment.from_at) * 1000)::bigint AS id,
    unit.code AS unit, unit.role, segment.from_at, segment.to_at, segment.fixes, segment.length_m,
    segment.max_speed_mps,
    segment.from_at >= date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai'
        AS today,
    ST_Force2D(segment.geom) AS geom,
    ST_Transform(ST_Force2D(segment.geom), 3857) AS geom_3857
FROM track_segments AS segment JOIN units AS unit ON unit.id = segment.unit_id
""")
    op.execute("""
REVOKE EXECUTE ON FUNCTION make_layer_partition(text), drop_layer_partition(text) FROM PUBLIC
""")
    op.execute("""
GRANT EXECUTE ON FUNCTION make_layer_partition(text), drop_layer_partition(text) TO wangge_app
""")
    op.execute("""
GRANT SELECT ON
    grid_outlines, layer_cases, layer_features, layer_grids, layer_staff, layer_tracks, layers
TO wangge_app
""")
    op.execute("""
GRANT INSERT, UPDATE, DELETE ON grid_outlines, layer_features, layers TO wangge_app
""")
    op.execute("""
GRANT USAGE ON layer_features_id_seq TO wangge_app
""")


def _projected(name: str, kind: str, expression: str) -> sa.Column[object]:
    return sa.Column(
        name,
        Geometry(kind, srid=3857, spatial_index=False),
        sa.Computed(expression, persisted=True),
    )
