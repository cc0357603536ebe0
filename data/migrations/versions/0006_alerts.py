"""Alerts, areas, and presence that knows how often a device reports."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("positions", sa.Column("interval_s", sa.REAL(), nullable=True))
    op.add_column(
        "positions",
        sa.Column("recent_at", postgresql.ARRAY(sa.DateTime(timezone=True)), nullable=True),
    )
    op.create_table(
        "areas",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=True),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('forbidden', 'attention')", name=op.f("areas_kind_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("areas_pkey")),
    )
    op.create_table(
        "alerts",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("area_id", sa.BigInteger(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("details", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("late", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "recorded_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by_account_id", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["acknowledged_by_account_id"],
            ["accounts.id"],
            name=op.f("alerts_acknowledged_by_account_id_fkey"),
        ),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("alerts_area_id_fkey")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("alerts_case_id_fkey")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("alerts_unit_id_fkey")),
        sa.PrimaryKeyConstraint("unit_id", "id", name=op.f("alerts_pkey")),
    )
    op.create_index("alerts_begun_at_id_idx", "alerts", ["begun_at", "id"])
    op.create_index("alerts_id_idx", "alerts", ["id"])
    op.create_index(
        "alerts_one_open_idx",
        "alerts",
        ["unit_id", "kind", "area_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where="ended_at is null",
    )
    op.create_index(
        "alerts_open_idx",
        "alerts",
        ["seq"],
        postgresql_where="not withdrawn and (ended_at is null or kind = 'sos' and acknowledged_at is null)",
    )
    op.create_index("alerts_seq_idx", "alerts", ["seq"])
    op.create_table(
        "watches",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("watched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shift_began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("memory", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("watches_unit_id_fkey")),
        sa.PrimaryKeyConstraint("unit_id", name=op.f("watches_pkey")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "late_fixes",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("late_fixes_unit_id_fkey")),
        sa.PrimaryKeyConstraint("unit_id", "id", name=op.f("late_fixes_pkey")),
    )
    op.execute("""
GRANT SELECT ON alerts, areas TO wangge_app
""")
    op.execute("""
-- An area is never deleted, for alerts are about it.
GRANT INSERT, UPDATE ON areas TO wangge_app
""")
    op.execute("""
GRANT USAGE ON alerts_id_seq, areas_id_seq, late_fixes_id_seq TO wangge_app
""")
    op.execute("""
-- What somebody made of an alert; all else about alerts is for wangge_tracking.
GRANT UPDATE (
    acknowledged_at, acknowledged_by_account_id, acknowledged_by, note, case_id, ended_at, seq
) ON alerts TO wangge_app
""")
    op.execute("""
GRANT SELECT ON alerts, areas, late_fixes, watches TO wangge_tracking
""")
    op.execute("""
GRANT INSERT, UPDATE ON alerts, watches TO wangge_tracking
""")
    op.execute("""
GRANT INSERT, DELETE ON late_fixes TO wangge_tracking
""")
    op.execute("""
GRANT USAGE ON alerts_id_seq, late_fixes_id_seq TO wangge_tracking
""")
    op.execute("""
ALTER TABLE alerts ENABLE ROW LEVEL SECURITY
""")
    op.execute("""
CREATE POLICY viewer ON alerts TO wangge_app
USING ((SELECT viewer_sees_everything()) OR unit_id = ANY ((SELECT viewer_units())::bigint[]))
""")
    op.execute("""
-- Watching begins now: what was before is not told of.
INSERT INTO watches (unit_id, watched_at) SELECT unit_id, at FROM positions
""")
