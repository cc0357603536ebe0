"""Alerts about rounds of patrol plans, and what a look at them needs."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "patrol_plans",
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
    )
    op.drop_constraint("alerts_pkey", "alerts")
    op.drop_index("alerts_id_idx", "alerts")
    op.drop_index("alerts_one_open_idx", "alerts")
    op.alter_column("alerts", "unit_id", nullable=True)
    op.add_column("alerts", sa.Column("plan_id", sa.BigInteger(), nullable=True))
    op.add_column("alerts", sa.Column("round_at", sa.DateTime(timezone=True), nullable=True))
    op.create_primary_key(op.f("alerts_pkey"), "alerts", ["id"])
    op.create_foreign_key(
        op.f("alerts_plan_id_fkey"), "alerts", "patrol_plans", ["plan_id"], ["id"]
    )
    op.create_check_constraint(
        op.f("alerts_about_check"),
        "alerts",
        "num_nonnulls(unit_id, plan_id) = 1 and (plan_id is null) = (round_at is null)",
    )
    op.create_index(
        "alerts_one_open_idx",
        "alerts",
        ["unit_id", "kind", "area_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where="ended_at is null and unit_id is not null",
    )
    op.create_index("alerts_plan_id_round_at_idx", "alerts", ["plan_id", "round_at"], unique=True)
    op.create_index("alerts_unit_id_begun_at_idx", "alerts", ["unit_id", "begun_at"])
    op.create_table(
        "plan_watches",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("judged_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["patrol_plans.id"], name=op.f("plan_watches_plan_id_fkey")
        ),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("plan_watches_pkey")),
    )
    op.create_table(
        "renewed_tracks",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("west", sa.Float(), nullable=False),
        sa.Column("south", sa.Float(), nullable=False),
        sa.Column("east", sa.Float(), nullable=False),
        sa.Column("north", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["units.id"], name=op.f("renewed_tracks_unit_id_fkey")
        ),
        sa.PrimaryKeyConstraint("unit_id", "id", name=op.f("renewed_tracks_pkey")),
    )
    op.execute("""
GRANT SELECT ON checkpoints, patrol_plans, plan_watches, renewed_tracks TO wangge_tracking
""")
    op.execute("""
GRANT INSERT, UPDATE ON plan_watches TO wangge_tracking
""")
    op.execute("""
GRANT INSERT, DELETE ON renewed_tracks TO wangge_tracking
""")
    op.execute("""
GRANT USAGE ON renewed_tracks_id_seq TO wangge_app
""")
    op.execute("""
GRANT USAGE ON renewed_tracks_id_seq TO wangge_tracking
""")
    op.execute("""
GRANT EXECUTE ON FUNCTION segments_for_plan(
    bigint, double precision, double precision, double precision, double precision, timestamptz,
    timestamptz
), facts_as_of(date, date) TO wangge_tracking
""")
    op.execute("""
-- The patrol plans that the viewer may read: `Viewer.reads_plan`.
CREATE FUNCTION viewer_plans() RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(plan.id), '{}')
    FROM patrol_plans AS plan LEFT JOIN units ON units.id = plan.unit_id
    WHERE (SELECT viewer_codes()) IS NULL
        OR plan.grid_code = ANY ((SELECT viewer_codes())::text[])
        OR units.staff_id = (SELECT (viewer() ->> 'staff_id')::bigint)
$$
""")
    op.execute("""
DROP POLICY viewer ON alerts
""")
    op.execute("""
-- About the units that one sees, and the plans that one may read.
CREATE POLICY viewer ON alerts TO wangge_app
USING (
    (SELECT viewer_sees_everything())
    OR unit_id = ANY ((SELECT viewer_units())::bigint[])
    OR plan_id = ANY ((SELECT viewer_plans())::bigint[])
)
""")
