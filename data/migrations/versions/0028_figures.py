"""Figures: thresholds, weights, results of rounds, reports; and indexes for what counts to a period."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("cases_dispatched_at_idx", "cases", ["dispatched_at"])
    op.create_index("cases_due_at_closed_at_idx", "cases", ["due_at", "closed_at"])
    op.create_index("cases_closed_at_reported_at_idx", "cases", ["closed_at", "reported_at"])
    op.create_index("duty_sessions_began_at_idx", "duty_sessions", ["began_at"])
    op.create_table(
        "figure_thresholds",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("warn", sa.Float(), nullable=False),
        sa.Column("alarm", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("figure_thresholds_pkey")),
    )
    op.create_table(
        "ranking_weights",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("ranking_weights_pkey")),
    )
    op.create_table(
        "round_results",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("required", sa.Integer(), nullable=False),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["patrol_plans.id"], name=op.f("round_results_plan_id_fkey")
        ),
        sa.PrimaryKeyConstraint("plan_id", "begins_at", name=op.f("round_results_pkey")),
    )
    op.create_index("round_results_ends_at_idx", "round_results", ["ends_at"])
    op.create_table(
        "reports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grid_code", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_account_id", sa.BigInteger(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind in ('week', 'month', 'quarter', 'year')", name=op.f("reports_kind_check")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_account_id"], ["accounts.id"], name=op.f("reports_made_by_account_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("reports_pkey")),
        sa.UniqueConstraint(
            "kind",
            "since",
            "grid_code",
            "version",
            name=op.f("reports_kind_since_grid_code_version_key"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.execute("GRANT USAGE ON reports_id_seq TO wangge_app")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON figure_thresholds, ranking_weights TO wangge_app"
    )
    op.execute("GRANT SELECT, INSERT ON reports TO wangge_app")
    op.execute("GRANT SELECT ON round_results TO wangge_app")
    op.execute("GRANT SELECT, INSERT, UPDATE ON round_results TO wangge_tracking")
    op.execute("ALTER TABLE round_results ENABLE ROW LEVEL SECURITY")
    op.execute("""
-- Of the plans that one may read.
CREATE POLICY viewer ON round_results TO wangge_app
USING (plan_id = ANY ((SELECT viewer_plans())::bigint[]))
""")
    op.execute("ALTER TABLE reports ENABLE ROW LEVEL SECURITY")
    op.execute("""
-- Of one's grids; that of the whole installation is for whoever works for all of it.
CREATE POLICY viewer ON reports TO wangge_app
USING (
    (SELECT viewer_codes()) IS NULL OR grid_code = ANY ((SELECT viewer_codes())::text[])
)
""")
    op.execute("""
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON reports
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
""")
