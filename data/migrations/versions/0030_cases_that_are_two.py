"""That two cases which may look like one are two is kept, once somebody has said it."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "distinct_cases",
        sa.Column("lower_case_id", sa.BigInteger(), nullable=False),
        sa.Column("higher_case_id", sa.BigInteger(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by_account_id", sa.BigInteger(), nullable=True),
        sa.Column("said_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "lower_case_id < higher_case_id", name=op.f("distinct_cases_each_pair_once_check")
        ),
        sa.ForeignKeyConstraint(
            ["lower_case_id"], ["cases.id"], name=op.f("distinct_cases_lower_case_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["higher_case_id"], ["cases.id"], name=op.f("distinct_cases_higher_case_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["said_by_account_id"],
            ["accounts.id"],
            name=op.f("distinct_cases_said_by_account_id_fkey"),
        ),
        sa.PrimaryKeyConstraint(
            "lower_case_id", "higher_case_id", name=op.f("distinct_cases_pkey")
        ),
    )
    op.execute("GRANT SELECT, INSERT, DELETE ON distinct_cases TO wangge_app")
    op.execute("ALTER TABLE distinct_cases ENABLE ROW LEVEL SECURITY")
    op.execute("""
-- Whoever sees both, but not whoever follows one by a code.
CREATE POLICY viewer ON distinct_cases TO wangge_app
USING (
    EXISTS (SELECT FROM cases WHERE cases.id = distinct_cases.lower_case_id)
    AND EXISTS (SELECT FROM cases WHERE cases.id = distinct_cases.higher_case_id)
    AND (SELECT viewer() ->> 'follows') IS NULL
)
""")
